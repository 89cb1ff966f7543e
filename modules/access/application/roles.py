"""Roles and what they hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_types import MaxLen, MinLen

from modules.access.application.changing import ChangePolicy
from modules.access.application.rights import OwnRights
from modules.access.domain import ROLE_NAME, Role, RoleInUse
from modules.access.ports import AccessTransaction
from shared_kernel.application import AuditEntry, Caller, Clock, Command, Matches

RoleName = Annotated[str, Matches(ROLE_NAME)]
PermissionName = Annotated[str, MinLen(1), MaxLen(100)]
PermissionNames = Annotated[tuple[PermissionName, ...], MaxLen(1000)]


class CreateRole(Command):
    """A new role and the permissions it holds."""

    name: RoleName
    permissions: PermissionNames


class ChangeRole(Command):
    """Exactly the permissions the role shall hold from now on."""

    permissions: PermissionNames


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
        async with self.rights.refusals_recorded(), self.change() as tx:
            self.rights.require(caller, wanted.permissions)
            role = Role.named(wanted.name, wanted.permissions, at=self.clock.now())
            tx.roles.add(role)
            self._note(tx, "RoleCreated", role)
            return role.id

    async def hold_only(
        self, caller: Caller, role_id: UUID, expected: int, wanted: ChangeRole
    ) -> None:
        """Set what a role holds. Raises Stale, AdministratorIsFixed, BeyondOwnRights."""
        self.rights.require_known(wanted.permissions)
        async with self.rights.refusals_recorded(), self.change() as tx:
            role = await tx.roles.get(role_id)
            role.must_be_at(expected)
            before = role.held(self.rights.known)
            role.hold_only(wanted.permissions, at=self.clock.now())
            self.rights.require(caller, before ^ role.held(self.rights.known))
            self._note(tx, "RoleChanged", role)

    async def delete(self, caller: Caller, role_id: UUID, expected: int) -> None:
        """Delete a role nobody holds. Raises Stale, BuiltInRole, RoleInUse, BeyondOwnRights."""
        async with self.rights.refusals_recorded(), self.change() as tx:
            role = await tx.roles.get(role_id)
            role.must_be_at(expected)
            role.require_deletable()
            if role.name == self.default_role or await tx.assignments.count(role.id):
                raise RoleInUse("withdraw the role from everybody first")
            self.rights.require(caller, role.held(self.rights.known))
            await tx.roles.remove(role)
            self._note(tx, "RoleDeleted", role)

    def _note(self, tx: AccessTransaction, what: str, role: Role) -> None:
        detail = {"role": role.name, "permissions": " ".join(sorted(role.permissions))}
        tx.audit(
            AuditEntry(
                action=f"access.{what}",
                occurred_at=self.clock.now(),
                subject_id=role.id,
                detail=detail,
            )
        )
