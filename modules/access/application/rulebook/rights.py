"""Nobody gives or takes what they do not hold, and nobody locks themselves out unawares."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from modules.access.domain import BeyondOwnRights, Stake, UnknownPermission, WouldLockYouOut
from modules.access.public import WRITE_ASSIGNMENTS, WRITE_POLICIES, WRITE_ROLES
from shared_kernel.application import Authorizer, Caller, PermissionCatalogue
from shared_kernel.application.conditions import Facts
from shared_kernel.domain import Permission, PermissionDenied

NEEDED_TO_TAKE_BACK = (WRITE_ROLES, WRITE_ASSIGNMENTS, WRITE_POLICIES)


class Giving(Protocol):
    """Knows what of their rights somebody may give on."""

    def lacking(
        self, caller: Caller, stake: Stake, *, role: str | None = None, until: datetime | None
    ) -> Collection[str]:
        """Return the permissions the caller cannot give on until a time (None: for ever).

        Whoever holds the `role` that is given has all that comes with it.
        """
        ...

    def lasts(
        self, caller: Caller, permissions: Collection[str], facts: Facts, *, until: datetime | None
    ) -> bool:
        """Say whether roles that end before then are not needed to do all this to the object."""
        ...


@dataclass(frozen=True, slots=True)
class OwnRights:
    """Compares a change with the rights of the one who asks for it."""

    authorizer: Authorizer
    giving: Giving
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
        if lacking := self.lacking(caller, permissions):
            raise BeyondOwnRights(f"you do not hold {min(lacking)} yourself")

    def lacking(self, caller: Caller, permissions: Collection[str]) -> Collection[str]:
        """Return those of the permissions that the caller does not hold."""
        return [one for one in permissions if not self.authorizer.permits(caller, one)]

    def require_to_give(
        self,
        caller: Caller,
        stake: Stake,
        *,
        role: str | None = None,
        until: datetime | None = None,
    ) -> None:
        """Raise BeyondOwnRights unless the caller holds as much, on as many objects, as long."""
        if lacking := self.giving.lacking(caller, stake, role=role, until=until):
            raise BeyondOwnRights(f"you do not hold {min(lacking)} like this yourself")

    def require_permission(self, caller: Caller, permission: Permission) -> None:
        """Raise PermissionDenied unless the caller holds the permission."""
        if not self.authorizer.permits(caller, permission.name):
            raise PermissionDenied(
                f"this needs the permission {permission.name}", permission=permission.name
            )

    def require_way_back(self, caller: Caller, future: Authorizer) -> None:
        """Raise WouldLockYouOut if the caller would lose what it takes to undo a change."""
        for one in NEEDED_TO_TAKE_BACK:
            if self.authorizer.permits(caller, one.name) and not future.permits(caller, one.name):
                raise WouldLockYouOut(f"you would lose {one.name}; `force` does it all the same")
