"""How every change of the policy is made."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from modules.access.ports import AccessTransaction, Begin, LivePolicy


@dataclass(frozen=True, slots=True)
class ChangePolicy:
    """Opens a transaction that changes the policy, one at a time in the whole system.

    Changes of roles are rare and each is some milliseconds; in exchange no rule about several
    rows (the last administrator) can be broken by two changes that do not see each other.
    """

    begin: Begin
    policy: LivePolicy

    @asynccontextmanager
    async def __call__(self) -> AsyncGenerator[AccessTransaction]:
        async with self.begin() as tx:
            await tx.change_policy()
            yield tx
        await self.policy.changed()
