"""Roles, what they hold and from which they inherit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_types import MaxLen, MinLen

from modules.access.application.rulebook.revising import Revise, Revision
from modules.access.application.rulebook.wording import Wording
from modules.access.domain import (
    ROLE_NAME,
    Role,
    RoleInUse,
    SecondFactorNotProved,
    UnknownRole,
)
from modules.access.ports import AccessTransaction
from shared_kernel.application import (
    ABSENT,
    SECOND_FACTOR,
    Absent,
    Caller,
    Clock,
    Command,
    Matches,
    given,
)

RoleName = Annotated[str, Matches(ROLE_NAME)]
RoleNames = Annotated[tuple[RoleName, ...], MaxLen(100)]
PermissionName = Annotated[str, MinLen(1), MaxLen(100)]
PermissionNames = Annotated[tuple[PermissionName, ...], MaxLen(1000)]
Reason = Annotated[str, Matches(r"^[^\x00-\x1f\x7f-\x9f]{1,500}$")]


class CreateRole(Command):
    """A new role, the permissions it holds, and the roles whose permissions it holds as well.

    One that requires a second factor counts only for who signed in with one.
    """

    name: RoleName
    permissions: PermissionNames
    inherits: RoleNames = ()
    requires_second_factor: bool = False
    reason: Reason | None = None
    force: bool = False


class ChangeRole(Command):
    """What the role shall be from now on (JSON Merge Patch): what is not sent stays.

    `permissions` and `inherits` are exactly those it shall have. `reason` is kept with the version
    that the change makes. `force` changes it even if you cannot take that back.
    """

    permissions: PermissionNames | Absent = ABSENT
    inherits: RoleNames | Absent = ABSENT
    requires_second_factor: bool | Absent = ABSENT
    reason: Reason | None = None
    force: bool = False


@dataclass(frozen=True, slots=True)
class RoleService:
    """What can be done with roles; without a caller, on the system's own behalf.

    Nobody grants or revokes a permission they do not hold: see `Revise` for what every change
    raises beside what is named here.
    """

    revise: Revise
    wording: Wording
    clock: Clock
    default_role: str

    async def create(self, caller: Caller | None, wanted: CreateRole) -> UUID:
        """Make a role. Raises BadRoleName, RoleNameTaken, UnknownPermission, UnknownRole."""
        self.wording.require_declared(wanted.permissions)
        async with self.revise(_revision(caller, wanted)) as tx:
            role = Role.named(wanted.name, wanted.permissions, at=self.clock.now())
            role.requires_second_factor = wanted.requires_second_factor
            role.inherit_only(await _ids_of(tx, wanted.inherits), at=self.clock.now())
            tx.roles.add(role)
            return role.id

    async def alter(
        self, caller: Caller | None, role_id: UUID, expected: int, wanted: ChangeRole
    ) -> None:
        """Set what a role holds, from which it inherits, and whether it requires a second factor.

        Raises Stale, AdministratorIsFixed, UnknownPermission, UnknownRole, SecondFactorNotProved.
        """
        async with self.revise(_revision(caller, wanted)) as tx:
            role = await tx.roles.get(role_id)
            role.must_be_at(expected)
            now = self.clock.now()
            if wanted.permissions is not ABSENT:
                self.wording.require_declared({*wanted.permissions} - role.permissions)
                role.hold_only(wanted.permissions, at=now)
            if wanted.inherits is not ABSENT:
                role.inherit_only(await _ids_of(tx, wanted.inherits), at=now)
            demanded = given(wanted.requires_second_factor, role.requires_second_factor)
            await self._demand(tx, caller, role, demanded)

    async def delete(
        self,
        caller: Caller | None,
        role_id: UUID,
        expected: int,
        *,
        reason: str | None = None,
        force: bool = False,
    ) -> None:
        """Delete a role nobody holds and nothing names. Raises Stale, BuiltInRole, RoleInUse."""
        revision = Revision(author=caller, reason=reason, force=force)
        async with self.revise(revision) as tx:
            role = await tx.roles.get(role_id)
            role.must_be_at(expected)
            await remove_role(tx, role, self.default_role)

    async def _demand(
        self, tx: AccessTransaction, caller: Caller | None, role: Role, demanded: bool
    ) -> None:
        """Demand a second factor, or no more; nobody takes the role from themselves that way."""
        if demanded is role.requires_second_factor:
            return
        unproved = demanded and caller is not None and SECOND_FACTOR not in caller.methods
        if unproved and await self._holds(tx, caller, role):
            raise SecondFactorNotProved(
                "you hold this role: sign in with a second factor first",
                field="/requires_second_factor",
            )
        role.demand_second_factor(demanded, at=self.clock.now())

    async def _holds(self, tx: AccessTransaction, caller: Caller | None, role: Role) -> bool:
        """Say whether the role is the caller's, or that of whoever acts as them."""
        if caller is None or role.name == self.default_role:
            return caller is not None
        for account_id in (caller.id, caller.impersonator_id):
            if account_id is None:
                continue
            if any(one.role_id == role.id for one in await tx.assignments.held_by(account_id)):
                return True
        return False


async def remove_role(tx: AccessTransaction, role: Role, default_role: str) -> None:
    """Delete a role, unless that leaves something that names it. Raises BuiltInRole, RoleInUse."""
    role.require_deletable()
    if role.name == default_role or await tx.assignments.count(role.id):
        raise RoleInUse("withdraw the role from everybody first")
    if any(role.id in one.parent_ids for one in await tx.roles.all()):
        raise RoleInUse("other roles inherit from it")
    if await tx.policies.are_for(role.id):
        raise RoleInUse("a policy names it")
    await tx.roles.remove(role)


def _revision(caller: Caller | None, wanted: CreateRole | ChangeRole) -> Revision:
    return Revision(author=caller, reason=wanted.reason, force=wanted.force)


async def _ids_of(tx: AccessTransaction, names: Collection[str]) -> Collection[UUID]:
    known = {one.name: one.id for one in await tx.roles.all()}
    if not known.keys() >= {*names}:
        raise UnknownRole("there is no such role", field="/inherits")
    return [known[one] for one in names]
