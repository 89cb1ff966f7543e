"""The policy as columns: what a name contains can never become part of a rule."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from modules.access.adapters.sql.tables import (
    assignments,
    grants,
    object_grants,
    policies,
    policy_permissions,
    policy_roles,
    policy_version,
    role_parents,
    roles,
)
from modules.access.ports import StoredAssignment, StoredGrant, StoredPolicy, StoredRole
from shared_kernel.adapters.sql import Database, Query

SLICE = 1_000  # 3 ms of decoding and folding before the loop may serve others

V = TypeVar("V")


def _version(version: int) -> int:
    return version


def _pair(key: UUID, value: V) -> tuple[UUID, V]:
    return key, value


def _role(id: UUID, name: str, guarded: bool) -> StoredRole:
    return StoredRole(id, name, guarded, ())


AFTER = bindparam("after", type_=Uuid())


class SqlPolicyStore:
    """Reads what access has stored, on the read pool."""

    _current = Query(select(policy_version.c.version), _version)
    _roles = Query(
        select(roles.c.id, roles.c.name, roles.c.requires_second_factor).order_by(roles.c.name),
        _role,
    )
    _held = Query(select(grants.c.role_id, grants.c.permission), _pair)
    _parents = Query(
        select(role_parents.c.role_id, roles.c.name).join(
            roles, roles.c.id == role_parents.c.parent_id
        ),
        _pair,
    )
    _policies = Query(
        select(
            policies.c.id,
            policies.c.name,
            policies.c.effect,
            policies.c.anyone,
            policies.c.when,
            policies.c.enabled,
        ).order_by(policies.c.name),
        StoredPolicy,
    )
    _policy_roles = Query(
        select(policy_roles.c.policy_id, roles.c.name).join(
            roles, roles.c.id == policy_roles.c.role_id
        ),
        _pair,
    )
    _policy_permissions = Query(
        select(policy_permissions.c.policy_id, policy_permissions.c.permission), _pair
    )
    _assigned = Query(
        select(
            assignments.c.id,
            assignments.c.account_id,
            assignments.c.role_id,
            assignments.c.scope,
            assignments.c.expires_at,
        )
        .where(assignments.c.id > AFTER)
        .order_by(assignments.c.id)
        .limit(SLICE),
        StoredAssignment,
    )
    _granted = Query(
        select(
            object_grants.c.id,
            object_grants.c.resource,
            object_grants.c.object_id,
            object_grants.c.permission,
            object_grants.c.account_id,
            object_grants.c.role_id,
            object_grants.c.expires_at,
        )
        .where(object_grants.c.id > AFTER)
        .order_by(object_grants.c.id)
        .limit(SLICE),
        StoredGrant,
    )

    def __init__(self, database: Database) -> None:
        self._reads = database.reads

    async def version(self) -> int:
        return await self._current.first(self._reads) or 0

    async def roles(self) -> Sequence[StoredRole]:
        held = _gathered(await self._held.all(self._reads))
        parents = _gathered(await self._parents.all(self._reads))
        return [
            replace(one, permissions=held.get(one.id, ()), inherits=parents.get(one.id, ()))
            for one in await self._roles.all(self._reads)
        ]

    async def policies(self) -> Sequence[StoredPolicy]:
        roles = _gathered(await self._policy_roles.all(self._reads))
        about = _gathered(await self._policy_permissions.all(self._reads))
        return [
            replace(one, roles=roles.get(one.id, ()), permissions=about.get(one.id, ()))
            for one in await self._policies.all(self._reads)
        ]

    async def assignments(self) -> AsyncIterator[Sequence[StoredAssignment]]:
        async for part in self._parts(self._assigned):
            yield part

    async def grants(self) -> AsyncIterator[Sequence[StoredGrant]]:
        async for part in self._parts(self._granted):
            yield part

    async def _parts(self, query: Query[V]) -> AsyncIterator[Sequence[V]]:
        """Read by id: ids are made in the order of time, so what is made meanwhile comes last."""
        after = UUID(int=0)
        while True:
            rows: Sequence[Any] = await query.rows(self._reads, {"after": after})
            # The driver's records are tuples already; a view of each would double the time.
            yield cast("Sequence[V]", rows)
            if len(rows) < SLICE:
                return
            after = rows[-1][0]


def _gathered(pairs: Iterable[tuple[UUID, str]]) -> Mapping[UUID, tuple[str, ...]]:
    """Return the values of each key, in the order of the alphabet."""
    found: dict[UUID, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(sorted(values)) for key, values in found.items()}
