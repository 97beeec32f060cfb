"""Totals against the year before, and the purchases behind every figure."""
