"""Passwords nobody can guess."""

from __future__ import annotations

import secrets

PASSWORD_BYTES = 18


class RandomPassword:
    """Makes passwords of 144 random bits, 24 characters that need no quoting in a shell."""

    def __call__(self) -> str:
        return secrets.token_urlsafe(PASSWORD_BYTES).replace("-", "x").replace("_", "y")
