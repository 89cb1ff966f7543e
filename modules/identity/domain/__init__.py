"""Accounts, sessions, and the rules about passwords and refresh tokens."""
