"""Audit asks nothing of the outside: its tables are its own, and others bring their entries."""
