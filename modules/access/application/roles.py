"""Roles and what they hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_types import MaxLen, MinLen

from modules.access.application.changing import ChangePolicy
from modules.access.application.rights import OwnRights
from modules.access.domain import ROLE_NAME, Role, RoleInUse, SecondFactorNotProved
from modules.access.ports import AccessTransaction
from shared_kernel.application import (
    ABSENT,
    SECOND_FACTOR,
    Absent,
    AuditEntry,
    Caller,
    Clock,
    Command,
    Matches,
    given,
)

RoleName = Annotated[str, Matches(ROLE_NAME)]
PermissionName = Annotated[str, MinLen(1), MaxLen(100)]
PermissionNames = Annotated[tuple[PermissionName, ...], MaxLen(1000)]


class CreateRole(Command):
    """A new role and the permissions it holds.

    One that requires a second factor counts only for who signed in with one.
    """

    name: RoleName
    permissions: PermissionNames
    requires_second_factor: bool = False


class ChangeRole(Command):
    """What the role shall be from now on (JSON Merge Patch): what is not sent stays.

    `permissions` are exactly those it shall hold.
    """

    permissions: PermissionNames | Absent = ABSENT
    requires_second_factor: bool | Absent = ABSENT


@dataclass(frozen=True, slots=True)
class RoleService:
    """What can be done with roles. Nobody grants or revokes a permission they do not hold."""

    change: ChangePolicy
    rights: OwnRights
    clock: Clock
    default_role: str

    async def create(self, caller: Caller, wanted: CreateRole) -> UUID:
        """Make a role. Raises BadRoleName, RoleNameTaken, UnknownPermission, BeyondOwnRights."""
        self.rights.require_known(wanted.permissions)
        async with self.change() as tx:
            self.rights.require(caller, wanted.permissions)
            role = Role.named(wanted.name, wanted.permissions, at=self.clock.now())
            role.requires_second_factor = wanted.requires_second_factor
            tx.roles.add(role)
            self._note(tx, "RoleCreated", role)
            return role.id

    async def alter(self, caller: Caller, role_id: UUID, expected: int, wanted: ChangeRole) -> None:
        """Set what a role holds, and whether it requires a second factor.

        Raises Stale, AdministratorIsFixed, SecondFactorNotProved; BeyondOwnRights, too, unless the
        caller holds what is added and taken, and all of it to change what is required.
        """
        self.rights.require_known(given(wanted.permissions, ()))
        async with self.change() as tx:
            role = await tx.roles.get(role_id)
            role.must_be_at(expected)
            before, was_required = role.held(self.rights.known), role.requires_second_factor
            if wanted.permissions is not ABSENT:
                role.hold_only(wanted.permissions, at=self.clock.now())
            after = role.held(self.rights.known)
            await self._demand(tx, caller, role, given(wanted.requires_second_factor, was_required))
            guard_changed = role.requires_second_factor is not was_required
            self.rights.require(caller, before | after if guard_changed else before ^ after)
            self._note(tx, "RoleChanged", role)

    async def _demand(
        self, tx: AccessTransaction, caller: Caller, role: Role, demanded: bool
    ) -> None:
        """Demand a second factor, or no more; nobody takes the role from themselves that way."""
        if demanded is role.requires_second_factor:
            return
        if demanded and SECOND_FACTOR not in caller.methods and await self._holds(tx, caller, role):
            raise SecondFactorNotProved(
                "you hold this role: sign in with a second factor first",
                field="/requires_second_factor",
            )
        role.demand_second_factor(demanded, at=self.clock.now())

    async def _holds(self, tx: AccessTransaction, caller: Caller, role: Role) -> bool:
        """Say whether the role is the caller's, or that of whoever acts as them."""
        if role.name == self.default_role:
            return True
        for account_id in (caller.id, caller.impersonator_id):
            if account_id and await tx.assignments.find(account_id, role.id):
                return True
        return False

    async def delete(self, caller: Caller, role_id: UUID, expected: int) -> None:
        """Delete a role nobody holds. Raises Stale, BuiltInRole, RoleInUse, BeyondOwnRights."""
        async with self.change() as tx:
            role = await tx.roles.get(role_id)
            role.must_be_at(expected)
            role.require_deletable()
            if role.name == self.default_role or await tx.assignments.count(role.id):
                raise RoleInUse("withdraw the role from everybody first")
            self.rights.require(caller, role.held(self.rights.known))
            await tx.roles.remove(role)
            self._note(tx, "RoleDeleted", role)

    def _note(self, tx: AccessTransaction, what: str, role: Role) -> None:
        detail = {
            "role": role.name,
            "permissions": " ".join(sorted(role.permissions)),
            "requires_second_factor": str(role.requires_second_factor).lower(),
        }
        tx.audit(
            AuditEntry(
                action=f"access.{what}",
                occurred_at=self.clock.now(),
                subject_id=role.id,
                detail=detail,
            )
        )
