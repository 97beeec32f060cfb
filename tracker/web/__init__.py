"""What all pages and commands share."""
