"""Nobody acts through another account, or upon it, beyond what they may do themselves."""

from __future__ import annotations

from dataclasses import dataclass
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
        """Raise BeyondOwnRights, kept in the audit log, unless the caller may do as much."""
        permits = self.authorizer.permits
        lacking = [
            one.name
            for one in self.catalogue.permissions
            if permits(other, one.name) and not permits(caller, one.name)
        ]
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


def service_account(id: UUID) -> Caller:
    """Return a service account as the caller it is."""
    return Caller(AccountId(id), id, means=Means.KEY)


def owner(id: UUID) -> Caller:
    """Return the owner of an account as the most powerful caller they can be."""
    return Caller(AccountId(id), id).with_second_factor()
