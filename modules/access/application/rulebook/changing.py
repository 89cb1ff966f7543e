"""How every change of the policy is made."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from modules.access.ports import AccessTransaction, Begin, LivePolicy
from modules.access.public import ADMINISTRATOR
from shared_kernel.application import SECOND_FACTOR, Caller


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


async def is_administrator(tx: AccessTransaction, caller: Caller) -> bool:
    """Say whether the caller holds the administrator's role, everywhere and for ever, in person."""
    if caller.scope is not None or caller.impersonator_id is not None:
        return False
    role = await tx.roles.named(ADMINISTRATOR)
    if role.requires_second_factor and SECOND_FACTOR not in caller.methods:
        return False
    held = await tx.assignments.find(caller.id, role.id)
    return held is not None and held.is_lasting
