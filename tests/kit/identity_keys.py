"""Doubles for the signing keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from modules.identity.ports import StoredKey


@dataclass
class SigningKeysInMemory:
    """Signing keys that last as long as the test."""

    keys: list[StoredKey] = field(default_factory=list[StoredKey])
    reads: int = 0

    async def all(self) -> Sequence[StoredKey]:
        self.reads += 1
        return sorted(self.keys, key=lambda one: one.created_at)

    async def add_first(self, key: StoredKey) -> None:
        if not self.keys:
            self.keys.append(key)
