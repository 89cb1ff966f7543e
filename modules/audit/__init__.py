"""Audit: who did what, when, from where, and how it ended. Entries are only ever added."""
