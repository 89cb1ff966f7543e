"""Puts the modules together and runs them; names no module."""
