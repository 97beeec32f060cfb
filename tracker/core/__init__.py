"""Rules and arithmetic of public purchasing in plain Python: no web, no database, no clock."""
