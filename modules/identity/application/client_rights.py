"""Nobody acts through a service account beyond what they may do themselves."""

from __future__ import annotations

from dataclasses import dataclass

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
class ClientRights:
    """Compares what a service account may do with what a caller may do."""

    authorizer: Authorizer
    catalogue: PermissionCatalogue
    audit: AuditTrail
    clock: Clock

    async def require(self, caller: Caller, service_account_id: AccountId) -> None:
        """Raise BeyondOwnRights, kept in the audit log, unless the caller may do as much."""
        client = Caller(service_account_id, service_account_id, means=Means.KEY)
        permits = self.authorizer.permits
        lacking = [
            one.name
            for one in self.catalogue.permissions
            if permits(client, one.name) and not permits(caller, one.name)
        ]
        if not lacking:
            return
        await self.audit.record(
            AuditEntry(
                action="access.denied",
                occurred_at=self.clock.now(),
                outcome=Outcome.REFUSED,
                subject_id=service_account_id,
                detail={"permission": min(lacking)},
            )
        )
        raise BeyondOwnRights(f"it may do what you may not: {min(lacking)}")
