"""Revisions of access."""
