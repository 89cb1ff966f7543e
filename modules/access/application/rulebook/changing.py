"""How every change of the policy is made."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass

from modules.access.ports import AccessTransaction, Begin, LivePolicy, Rules
from modules.access.public import ADMINISTRATOR
from shared_kernel.application import SECOND_FACTOR, Caller
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True)
class ChangePolicy:
    """Opens a transaction that changes what somebody is given, and has everybody decide by it.

    Whoever uses it says with `keep` whose rights it changes, and on whose it relies. What belongs
    to others may be changed meanwhile; only to be written down changes come one after the other.
    """

    begin: Begin
    policy: LivePolicy

    @asynccontextmanager
    async def __call__(self) -> AsyncGenerator[AccessTransaction]:
        async with self.begin() as tx:
            yield tx
            await tx.count_up()
        await self.policy.changed()


def of_holders(account_id: AccountId, role: str) -> Collection[str]:
    """Return what changes where an account is given a role: its own, or all administrators'.

    One rule is about several accounts: the last administrator stays.
    """
    return [str(account_id), *([ADMINISTRATOR] if role == ADMINISTRATOR else [])]


def of_caller(caller: Caller) -> Collection[str]:
    """Return what the rights of a caller depend on, and of who acts as them."""
    return [str(one) for one in (caller.id, caller.impersonator_id) if one is not None]


async def is_administrator(tx: AccessTransaction, rules: Rules, caller: Caller) -> bool:
    """Say whether the caller holds the administrator's role, everywhere and for ever, in person."""
    if caller.scope is not None or caller.impersonator_id is not None:
        return False
    guarded = rules.book.roles[ADMINISTRATOR].requires_second_factor
    if guarded and SECOND_FACTOR not in caller.methods:
        return False
    held = await tx.assignments.find(caller.id, rules.role(ADMINISTRATOR).id)
    return held is not None and held.is_lasting
