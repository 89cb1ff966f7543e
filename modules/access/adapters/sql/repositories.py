"""The aggregates of access inside one transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert

from modules.access.adapters.sql.tables import (
    assignments,
    object_grants,
    policies,
    policy_roles,
    policy_versions,
    roles,
    seeded_grants,
)
from modules.access.domain import (
    EVERYWHERE,
    Assignment,
    NoSuchAssignment,
    NoSuchGrant,
    NoSuchPolicy,
    NoSuchRole,
    NoSuchVersion,
    ObjectGrant,
    Policy,
    Role,
)
from modules.access.ports import PastPolicy
from shared_kernel.adapters.sql import SqlRepository, SqlUnitOfWork
from shared_kernel.domain import AccountId


class SqlRoles(SqlRepository[Role]):
    """Roles, each with its permissions and its parents."""

    aggregate = Role
    missing = NoSuchRole

    async def named(self, name: str) -> Role:
        return self._found(await self.find(name))

    async def find(self, name: str) -> Role | None:
        found = await self._session.scalars(select(Role).where(roles.c.name == name))
        return next(iter(self._tracked(found)), None)

    async def all(self) -> Sequence[Role]:
        return self._tracked(await self._session.scalars(select(Role).order_by(roles.c.name)))


class SqlAssignments(SqlRepository[Assignment]):
    """Assignments, one row each."""

    aggregate = Assignment
    missing = NoSuchAssignment

    async def get_anew(self, id: UUID) -> Assignment:
        return self._found(await self._session.get(Assignment, id, populate_existing=True))

    async def find(
        self, account_id: AccountId, role_id: UUID, scope: str = EVERYWHERE
    ) -> Assignment | None:
        held = select(Assignment).where(
            assignments.c.account_id == account_id,
            assignments.c.role_id == role_id,
            assignments.c.scope == scope,
        )
        return await self._session.scalar(held)

    async def of_role(self, account_id: AccountId, name: str) -> Assignment | None:
        held = (
            select(Assignment)
            .join(roles, roles.c.id == assignments.c.role_id)
            .where(
                assignments.c.account_id == account_id,
                roles.c.name == name,
                assignments.c.scope == EVERYWHERE,
            )
        )
        return await self._session.scalar(held)

    async def held_by(self, account_id: AccountId) -> Sequence[Assignment]:
        held = select(Assignment).where(assignments.c.account_id == account_id)
        return self._tracked(await self._session.scalars(held))

    async def lasting(self, role_id: UUID, *, limit: int) -> Sequence[Assignment]:
        held = select(Assignment).where(
            assignments.c.role_id == role_id,
            assignments.c.scope == EVERYWHERE,
            assignments.c.expires_at.is_(None),
        )
        return self._tracked(
            await self._session.scalars(held.order_by(assignments.c.id).limit(limit))
        )

    async def count(self, role_id: UUID) -> int:
        counted = select(func.count()).where(assignments.c.role_id == role_id)
        return await self._session.scalar(counted) or 0


class SqlPolicies(SqlRepository[Policy]):
    """Policies, each with its roles and permissions."""

    aggregate = Policy
    missing = NoSuchPolicy

    async def named(self, names: Collection[str]) -> Sequence[Policy]:
        found = select(Policy).where(policies.c.name.in_(names)).order_by(policies.c.name)
        return self._tracked(await self._session.scalars(found))

    async def are_for(self, role_id: UUID) -> bool:
        await self._uow.flush()
        found = exists().select_from(policy_roles).where(policy_roles.c.role_id == role_id)
        return await self._session.scalar(select(found)) is True


class SqlObjectGrants(SqlRepository[ObjectGrant]):
    """Grants on single objects, one row each."""

    aggregate = ObjectGrant
    missing = NoSuchGrant

    async def get_anew(self, id: UUID) -> ObjectGrant:
        return self._found(await self._session.get(ObjectGrant, id, populate_existing=True))

    async def equal_to(self, wanted: ObjectGrant) -> ObjectGrant | None:
        columns = object_grants.c
        equal = select(ObjectGrant).where(
            columns.object_id == wanted.object_id,
            columns.permission == wanted.permission,
            columns.account_id.is_not_distinct_from(wanted.account_id),
            columns.role_id.is_not_distinct_from(wanted.role_id),
        )
        return await self._session.scalar(equal)

    async def given_to(self, account_id: AccountId) -> Sequence[ObjectGrant]:
        given = select(ObjectGrant).where(object_grants.c.account_id == account_id)
        return self._tracked(await self._session.scalars(given))


class SqlPastPolicies:
    """The versions of roles and policies."""

    def __init__(self, uow: SqlUnitOfWork) -> None:
        self._session = uow.session

    async def is_empty(self) -> bool:
        return not await self._session.scalar(select(exists().select_from(policy_versions)))

    async def get(self, version: int) -> PastPolicy:
        columns = policy_versions.c
        found = select(columns.document, columns.author_id, columns.reason, columns.created_at)
        row = (await self._session.execute(found.where(columns.version == version))).one_or_none()
        if row is None:
            raise NoSuchVersion("there is no such version")
        document, author_id, reason, created_at = row
        return PastPolicy(
            version=version,
            document=document,
            author_id=author_id,
            reason=reason,
            created_at=created_at,
        )

    async def keep(self, past: PastPolicy) -> None:
        await self._session.execute(
            insert(policy_versions).values(
                version=past.version,
                document=past.document,
                author_id=past.author_id,
                reason=past.reason,
                created_at=past.created_at,
            )
        )


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
