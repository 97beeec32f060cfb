"""The kinds of reports, a module each: what one is built from, and what its document looks like."""
