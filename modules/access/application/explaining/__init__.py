"""Decisions asked about, and their reasons."""
