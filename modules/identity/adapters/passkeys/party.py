"""Who passkeys are made for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who passkeys are made for: they answer to pages of these origins, and to no others.

    id       the domain, which all origins belong to. Another id makes all passkeys worthless
    name     what people call the service
    origins  scheme, host and port of the pages
    """

    id: str
    name: str
    origins: Sequence[str]
