"""Addresses and passwords, as the techniques handle them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from modules.identity.domain.account import EmailAddress


class EmailAddresses(Protocol):
    """Knows how addresses are written."""

    def parse(self, text: str) -> EmailAddress:
        """Return the address. Raises EmailMalformed."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password is right, and its hash at today's cost when the stored one is older."""

    matches: bool
    renewed_hash: str | None = field(default=None, repr=False)


class PasswordHasher(Protocol):
    """Turns passwords into hashes, slowly and beside the event loop.

    Raises Unavailable when too many wait already.
    """

    async def hash(self, password: str) -> str: ...

    async def verify(self, password: str, stored: str | None) -> Verdict:
        """Check a password. Without a stored hash it works as long, and says no."""
        ...
