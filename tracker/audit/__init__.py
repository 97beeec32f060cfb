"""The append-only trail of who did what, when, chained by keyed hashes."""
