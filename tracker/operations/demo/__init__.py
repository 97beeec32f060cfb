"""A made-up district to try the program on, entered through the same services as real data."""
