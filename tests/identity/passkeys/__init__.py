"""Passkeys, as people and as thieves use them."""
