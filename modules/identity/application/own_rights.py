"""Nobody acts through another account, or upon it, beyond what they may do themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from modules.identity.domain.api_secret import BeyondOwnRights
from shared_kernel.application import (
    AuditEntry,
    AuditTrail,
    Authorizer,
    Caller,
    Clock,
    Means,
    Outcome,
    PermissionCatalogue,
)
from shared_kernel.application.conditions import Compare, Condition, Not, implies
from shared_kernel.application.resources import NOTHING
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True)
class OwnRights:
    """Compares what another account may do with what a caller may do.

    So rights never get lost: who suspends or closes an account can do what its owner could.
    """

    authorizer: Authorizer
    catalogue: PermissionCatalogue
    audit: AuditTrail
    clock: Clock

    async def require(self, caller: Caller, other: Caller) -> None:
        """Raise BeyondOwnRights, kept in the audit log, unless the caller holds as much."""
        permits = self.authorizer.permits
        await self._require_none(
            other,
            [
                one.name
                for one in self.catalogue.permissions
                if permits(other, one.name) and not permits(caller, one.name)
            ],
        )

    async def require_to_act_as(self, caller: Caller, other: Caller) -> None:
        """Raise BeyondOwnRights unless the caller may do as much with every object, too.

        What the other account owns excepted: that goes with the account.
        """
        await self.require(caller, other)
        may = self.authorizer.condition
        await self._require_none(
            other,
            [
                one.name
                for one in self.catalogue.permissions
                if not implies(
                    _as_if(may(other, one.name, NOTHING), other, caller),
                    may(caller, one.name, NOTHING),
                )
            ],
        )

    async def _require_none(self, other: Caller, lacking: Sequence[str]) -> None:
        if not lacking:
            return
        await self.audit.record(
            AuditEntry(
                action="access.denied",
                occurred_at=self.clock.now(),
                outcome=Outcome.REFUSED,
                subject_id=other.id,
                detail={"permission": min(lacking)},
            )
        )
        raise BeyondOwnRights(f"it may do what you may not: {min(lacking)}")


def _as_if(condition: Condition, other: Caller, caller: Caller) -> Condition:
    """Return the condition with the caller where it names the other account."""
    if isinstance(condition, Compare):
        is_other = condition.right == other.id
        return replace(condition, right=UUID(str(caller.id))) if is_other else condition
    if isinstance(condition, Not):
        return Not(_as_if(condition.part, other, caller))
    return type(condition)(tuple(_as_if(part, other, caller) for part in condition.parts))


def service_account(id: UUID) -> Caller:
    """Return a service account as the caller it is."""
    return Caller(AccountId(id), id, means=Means.KEY)


def owner(id: UUID) -> Caller:
    """Return the owner of an account as the most powerful caller they can be."""
    return Caller(AccountId(id), id).with_second_factor()
