"""Draws the secrets of API keys and service accounts."""

from __future__ import annotations

import secrets
from uuid import UUID

from modules.identity.domain.api_secret import SECRET_BYTES, ApiSecret, SecretKind
from shared_kernel.domain import new_id


class DrawnSecrets:
    """256 bits each, from the operating system."""

    def draw(self, kind: SecretKind) -> ApiSecret:
        """Return a secret with an id of its own."""
        return self.redraw(kind, new_id())

    def redraw(self, kind: SecretKind, id: UUID) -> ApiSecret:
        """Return another secret for the same key."""
        return ApiSecret(kind, id, secrets.token_bytes(SECRET_BYTES))
