"""The public keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Response

from modules.identity.ports import PublicKeys
from shared_kernel.adapters.http import Router, public, use

root_router = Router(tags=["identity"])

KEYS_MAY_BE_KEPT = {"Cache-Control": "public, max-age=300"}


@dataclass(frozen=True, slots=True)
class KeySet:
    """Public keys (RFC 7517, section 5)."""

    keys: Sequence[Mapping[str, str]]


@root_router.get("/.well-known/jwks.json")
@public
async def show_keys(response: Response, keys: Annotated[PublicKeys, use(PublicKeys)]) -> KeySet:
    """Show the public keys that verify our access tokens."""
    response.headers.update(KEYS_MAY_BE_KEPT)
    return KeySet(keys.published())
