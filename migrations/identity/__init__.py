"""Revisions of identity."""
