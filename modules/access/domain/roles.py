"""Roles, what they hold, and from which others they inherit."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from modules.access.public import ADMINISTRATOR
from shared_kernel.domain import Aggregate, Conflict, Forbidden, Invalid, NotFound

ROLE_NAME = r"^[a-z][a-z0-9-]{1,39}$"


class NoSuchRole(NotFound):
    """No role has this name or id."""


class UnknownRole(Invalid):
    """No role has a name that the request mentions."""


class BadRoleName(Invalid):
    """A role's name is 2 to 40 lower-case letters, digits and hyphens, a letter first."""


class RoleNameTaken(Conflict):
    """Another role has this name."""


class UnknownPermission(Invalid):
    """No module declares this permission."""


class BuiltInRole(Conflict):
    """Roles that come with the system cannot be deleted."""


class AdministratorIsFixed(Conflict):
    """The administrator holds every permission, always, and nobody inherits that."""


class SecondFactorNotProved(Conflict):
    """Who demands a second factor for a role they hold themselves proves one first."""


class RoleInUse(Conflict):
    """Somebody holds the role, inherits from it, or a policy or a grant names it."""


class InheritanceCycle(Conflict):
    """A role would inherit from itself."""


class BeyondOwnRights(Forbidden):
    """Nobody gives or takes rights they do not hold themselves."""


@dataclass(eq=False, kw_only=True)
class Grant:
    """One permission that a role holds."""

    permission: str


@dataclass(eq=False, kw_only=True)
class Parent:
    """One role that another inherits from."""

    parent_id: UUID


@dataclass(eq=False, kw_only=True)
class Role(Aggregate):
    """A named set of permissions. The administrator's set is the whole catalogue, unwritten.

    What the roles hold from which it inherits, it holds as well. A role that requires a second
    factor is worth nothing to who has not proved one, and nor is what is inherited through it.
    """

    name: str
    built_in: bool = False
    requires_second_factor: bool = False
    changed_at: datetime
    grants: list[Grant] = field(default_factory=list[Grant])
    parents: list[Parent] = field(default_factory=list[Parent])

    @classmethod
    def named(cls, name: str, permissions: Collection[str], *, at: datetime) -> Role:
        """Return a new role. Raises BadRoleName."""
        if not re.fullmatch(ROLE_NAME, name):
            raise BadRoleName(
                "use 2 to 40 lower-case letters, digits and hyphens, a letter first", field="/name"
            )
        role = cls(name=name, changed_at=at)
        role.grant(permissions, at=at)
        return role

    @property
    def permissions(self) -> frozenset[str]:
        """The permissions written down for this role."""
        return frozenset(one.permission for one in self.grants)

    @property
    def parent_ids(self) -> frozenset[UUID]:
        """The roles it inherits from, those of its parents not counted."""
        return frozenset(one.parent_id for one in self.parents)

    def held(self, catalogue: Collection[str]) -> frozenset[str]:
        """Return what the role allows by itself, of everything there is to allow."""
        whole = frozenset(catalogue)
        return whole if self.name == ADMINISTRATOR else self.permissions & whole

    def grant(self, permissions: Collection[str], *, at: datetime) -> None:
        """Hold these permissions as well."""
        added = sorted(frozenset(permissions) - self.permissions)
        self.grants = [*self.grants, *(Grant(permission=one) for one in added)]
        self.changed_at = at

    def hold_only(self, permissions: Collection[str], *, at: datetime) -> None:
        """Hold these permissions and no others. Raises AdministratorIsFixed."""
        self._require_free()
        self.grants = [one for one in self.grants if one.permission in permissions]
        self.grant(permissions, at=at)

    def inherit_only(self, parents: Collection[UUID], *, at: datetime) -> None:
        """Inherit from these roles and no others. Raises AdministratorIsFixed."""
        self._require_free()
        kept = [one for one in self.parents if one.parent_id in parents]
        added = sorted(frozenset(parents) - self.parent_ids)
        self.parents = [*kept, *(Parent(parent_id=one) for one in added)]
        self.changed_at = at

    def demand_second_factor(self, demanded: bool, *, at: datetime) -> None:
        """Count only for who has proved a second factor, or for everybody who holds the role."""
        self.requires_second_factor, self.changed_at = demanded, at

    def require_deletable(self) -> None:
        """Raise BuiltInRole when the role comes with the system."""
        if self.built_in:
            raise BuiltInRole("a role that comes with the system cannot be deleted")

    def _require_free(self) -> None:
        if self.name == ADMINISTRATOR:
            raise AdministratorIsFixed("the administrator holds every permission, always")
