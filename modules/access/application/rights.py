"""Nobody gives or takes what they do not hold."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from modules.access.domain import BeyondOwnRights, UnknownPermission
from shared_kernel.application import Authorizer, Caller, PermissionCatalogue


@dataclass(frozen=True, slots=True)
class OwnRights:
    """Compares a change with the rights of the one who asks for it."""

    authorizer: Authorizer
    catalogue: PermissionCatalogue

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
