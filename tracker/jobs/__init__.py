"""Long work with progress and cancel, done by workers beside the pages."""
