"""Revisions of catalog."""
