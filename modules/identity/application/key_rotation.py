"""Rotating the keys that sign access tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modules.identity.domain.signing_key import KeyState, StoredKey
from modules.identity.ports import KeyRotation
from shared_kernel.application import AuditEntry, AuditTrail, Clock


@dataclass(frozen=True, slots=True)
class RotateKeys:
    """Lets the next key sign from now on. No request fails: every process knows it already."""

    keys: KeyRotation
    audit: AuditTrail
    clock: Clock

    async def __call__(self, *, at_once: bool = False) -> Sequence[StoredKey]:
        """Return the keys there are then.

        `at_once` refuses all tokens signed before. Raises KeyTooNew.
        """
        keys = await self.keys.rotate(at_once=at_once)
        active = next(one.kid for one in keys if one.state is KeyState.ACTIVE)
        await self.audit.record(
            AuditEntry(
                action="identity.signing_keys_rotated",
                occurred_at=self.clock.now(),
                detail={"kid": active, "at_once": str(at_once).lower()},
            )
        )
        return keys
