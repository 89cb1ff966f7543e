"""One transaction over roles and assignments."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from modules.access.adapters.sql.tables import assignments, policy_version, roles, seeded_grants
from modules.access.domain import (
    Assignment,
    NoSuchAssignment,
    NoSuchRole,
    Role,
    RoleInUse,
    RoleNameTaken,
)
from shared_kernel.adapters.sql import Constraints, SqlRepository, SqlUnitOfWork
from shared_kernel.domain import AccountId


class SqlRoles(SqlRepository[Role]):
    """Roles, each with its grants."""

    aggregate = Role
    missing = NoSuchRole

    async def named(self, name: str) -> Role:
        return self._found(await self.find(name))

    async def find(self, name: str) -> Role | None:
        return await self._session.scalar(select(Role).where(roles.c.name == name))


class SqlAssignments(SqlRepository[Assignment]):
    """Assignments, one row each."""

    aggregate = Assignment
    missing = NoSuchAssignment

    async def find(self, account_id: AccountId, role_id: UUID) -> Assignment | None:
        held = assignments.c.account_id == account_id
        return await self._session.scalar(
            select(Assignment).where(held, assignments.c.role_id == role_id)
        )

    async def held_by(self, account_id: AccountId) -> Sequence[Assignment]:
        held = select(Assignment).where(assignments.c.account_id == account_id)
        return self._tracked(await self._session.scalars(held))

    async def count(self, role_id: UUID) -> int:
        counted = select(func.count()).where(assignments.c.role_id == role_id)
        return await self._session.scalar(counted) or 0


class SqlSeeds:
    """The memory of what was seeded."""

    def __init__(self, uow: SqlUnitOfWork) -> None:
        self._session = uow.session

    async def all(self) -> Collection[tuple[str, str]]:
        found = select(seeded_grants.c.role, seeded_grants.c.permission)
        return {(role, permission) for role, permission in await self._session.execute(found)}

    async def remember(self, seeds: Collection[tuple[str, str]]) -> None:
        if seeds:
            rows = [{"role": role, "permission": permission} for role, permission in seeds]
            await self._session.execute(insert(seeded_grants), rows)


class AccessUnitOfWork(SqlUnitOfWork):
    """A transaction over roles, assignments and the version of the policy."""

    constraints: ClassVar[Constraints] = {
        "uq_roles_name": RoleNameTaken("another role has this name", field="/name"),
        "fk_assignments_role_id_roles": RoleInUse("withdraw the role from everybody first"),
        "fk_role_parents_parent_id_roles": RoleInUse("other roles inherit from it"),
        "fk_policy_roles_role_id_roles": RoleInUse("a policy names it"),
        "fk_object_grants_role_id_roles": RoleInUse("objects are shared with it"),
    }

    @property
    def roles(self) -> SqlRoles:
        return SqlRoles(self)

    @property
    def assignments(self) -> SqlAssignments:
        return SqlAssignments(self)

    @property
    def seeds(self) -> SqlSeeds:
        return SqlSeeds(self)

    async def change_policy(self) -> None:
        counted = insert(policy_version).values(id=1, version=1)
        await self.session.execute(
            counted.on_conflict_do_update(
                index_elements=[policy_version.c.id],
                set_={"version": policy_version.c.version + 1},
            )
        )
