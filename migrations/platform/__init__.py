"""Revisions of platform."""
