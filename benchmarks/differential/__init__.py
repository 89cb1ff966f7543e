"""Decisions of the compiled policy beside those of Casbin's own enforcer, over random policies."""
