"""Revisions of audit."""
