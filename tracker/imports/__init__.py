"""Spreadsheets into the ledger: read, find the header, map, check, commit, undo."""
