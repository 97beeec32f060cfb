"""Reports: a frozen snapshot, and its renderings."""
