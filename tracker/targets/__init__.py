"""Procurement schemes (제도), yearly targets, exclusions, deadlines and plans."""
