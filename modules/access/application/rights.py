"""Nobody gives or takes what they do not hold."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass

from modules.access.domain import BeyondOwnRights, UnknownPermission
from shared_kernel.application import (
    AuditEntry,
    AuditTrail,
    Authorizer,
    Caller,
    Clock,
    Outcome,
    PermissionCatalogue,
)


@dataclass(frozen=True, slots=True)
class OwnRights:
    """Compares a change with the rights of the one who asks for it."""

    authorizer: Authorizer
    catalogue: PermissionCatalogue
    audit: AuditTrail
    clock: Clock

    @property
    def known(self) -> frozenset[str]:
        """The name of every permission there is."""
        return frozenset(one.name for one in self.catalogue.permissions)

    def require_known(self, permissions: Collection[str]) -> None:
        """Raise UnknownPermission when a permission is not declared by any module."""
        if not self.known.issuperset(permissions):
            raise UnknownPermission("no module declares this permission", field="/permissions")

    def require(self, caller: Caller, permissions: Collection[str]) -> None:
        """Raise BeyondOwnRights unless the caller holds every one of these permissions."""
        lacking = [one for one in permissions if not self.authorizer.permits(caller, one)]
        if lacking:
            raise BeyondOwnRights(f"you do not hold {min(lacking)} yourself")

    @asynccontextmanager
    async def refusals_recorded(self) -> AsyncGenerator[None]:
        """Keep an audit entry of a BeyondOwnRights raised inside, after its transaction ended."""
        try:
            yield
        except BeyondOwnRights as refusal:
            await self.audit.record(
                AuditEntry(
                    action="access.denied",
                    occurred_at=self.clock.now(),
                    outcome=Outcome.REFUSED,
                    detail={"reason": str(refusal)},
                )
            )
            raise
