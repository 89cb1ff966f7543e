"""Doubles for the signing keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from modules.identity.domain.signing_key import KeyLife, StoredKey

LIFE = KeyLife(published=timedelta(minutes=10), kept=timedelta(minutes=11))


@dataclass
class SigningKeysInMemory:
    """Signing keys that last as long as the test."""

    keys: list[StoredKey] = field(default_factory=list[StoredKey])
    reads: int = 0

    async def all(self) -> Sequence[StoredKey]:
        self.reads += 1
        return sorted(self.keys, key=lambda one: one.created_at)

    async def change(
        self, decide: Callable[[Sequence[StoredKey]], Sequence[StoredKey]]
    ) -> Sequence[StoredKey]:
        self.keys = [*decide(await self.all())]
        return self.keys
