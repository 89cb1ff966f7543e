"""Decisions, and the policy in memory by which they are taken."""
