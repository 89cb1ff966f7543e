"""Refresh tokens: the first is drawn, every other one follows from the one before."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from modules.identity.domain.refresh_token import FAMILY_BYTES, SECRET_BYTES, RefreshToken
from shared_kernel.adapters.secrets import SecretKeys

PURPOSE = "refresh-tokens"


class DerivedRefreshTokens:
    """The successor of a token is HMAC-SHA256(key, token): the same for all who present it.

    Without the key nobody can go forward from a stolen token, and nobody can go backward at all.
    """

    def __init__(self, keys: SecretKeys) -> None:
        self._keys = keys.derive(PURPOSE)

    def first(self) -> RefreshToken:
        """Return the first token of a new family."""
        family = UUID(bytes=secrets.token_bytes(FAMILY_BYTES))
        return RefreshToken(family, secrets.token_bytes(SECRET_BYTES))

    def successors(self, token: RefreshToken) -> Sequence[RefreshToken]:
        """Return the successor under each secret key, the current key first."""
        held = token.text.encode()
        return [
            RefreshToken(token.family, hmac.new(key, held, sha256).digest()) for key in self._keys
        ]
