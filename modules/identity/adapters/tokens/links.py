"""The tokens of mailed links: nothing is drawn, nothing but a hash is stored."""

from __future__ import annotations

import hmac
from uuid import UUID

from modules.identity.domain.link import LinkToken
from shared_kernel.adapters.secrets import SecretKeys

PURPOSE = "links"


class DerivedLinkTokens:
    """A token is HMAC-SHA256(key, id of the link)."""

    def __init__(self, keys: SecretKeys) -> None:
        self._key = keys.derive(PURPOSE)[0]

    def of(self, link_id: UUID) -> LinkToken:
        """Return the token of a link."""
        return LinkToken(hmac.digest(self._key, link_id.bytes, "sha256"))
