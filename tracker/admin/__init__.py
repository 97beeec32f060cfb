"""The way to everything that is set up rather than bought."""
