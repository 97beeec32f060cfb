"""Departments and institutions as a dated tree, with their successions."""
