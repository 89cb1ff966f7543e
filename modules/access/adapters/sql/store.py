"""The policy as columns: what a name contains can never become part of a rule."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from struct import iter_unpack
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    LargeBinary,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    literal,
    not_,
    or_,
    select,
)

from modules.access.adapters.sql.tables import (
    assignments,
    changes,
    grants,
    object_grants,
    policies,
    policy_permissions,
    policy_roles,
    policy_version,
    role_parents,
    roles,
)
from modules.access.domain import EVERYWHERE
from modules.access.ports import Changes, StoredAssignment, StoredGrant, StoredPolicy, StoredRole
from shared_kernel.adapters.sql import Database, Query

SLICE = 1_000  # 3 ms of decoding and folding before the loop may serve others
PACKED = 5_000  # 3 ms as well, of ids alone
FEW = 1_000  # changed accounts that are read one by one
RULES = UUID(int=0)  # before every other: it is among those found, however many there are
EVERYBODY = UUID(int=2**128 - 1)  # a table was emptied at once: nothing tells of whom

V = TypeVar("V")


def _version(version: int) -> int:
    return version


def _pair(key: UUID, value: V) -> tuple[UUID, V]:
    return key, value


def _role(id: UUID, name: str, guarded: bool) -> StoredRole:
    return StoredRole(id, name, guarded, ())


class _Policy(NamedTuple):
    """A policy without what stands in tables of its own."""

    id: UUID
    name: str
    effect: str
    anyone: bool
    when: Mapping[str, object]
    enabled: bool


def _only(id: UUID) -> UUID:
    return id


def _packed_ids(role_id: UUID, ids: bytes) -> tuple[UUID, bytes]:
    return role_id, ids


AFTER = bindparam("after", type_=Uuid())
UNTIL = bindparam("until", type_=Uuid())
LAST = UUID(int=2**128 - 1)
TO = bindparam("to", type_=ARRAY(Uuid))

LASTING = and_(assignments.c.scope == EVERYWHERE, assignments.c.expires_at.is_(None))
ASSIGNED = select(
    assignments.c.id,
    assignments.c.account_id,
    assignments.c.role_id,
    assignments.c.scope,
    assignments.c.expires_at,
).order_by(assignments.c.id)

GRANTED = select(
    object_grants.c.id,
    object_grants.c.resource,
    object_grants.c.object_id,
    object_grants.c.permission,
    object_grants.c.account_id,
    object_grants.c.role_id,
    object_grants.c.expires_at,
).order_by(object_grants.c.id)


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
        _Policy,
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
    _bound = Query(
        select(assignments.c.id)
        .where(assignments.c.id > AFTER)
        .order_by(assignments.c.id)
        .offset(PACKED)
        .limit(1),
        _only,
    )
    _packed = Query(
        select(
            assignments.c.role_id,
            func.string_agg(
                func.uuid_send(assignments.c.account_id, type_=LargeBinary()),
                literal(b"", LargeBinary()),
                type_=LargeBinary(),
            ),
        )
        .where(assignments.c.id > AFTER, assignments.c.id <= UNTIL, LASTING)
        .group_by(assignments.c.role_id),
        _packed_ids,
    )
    _assigned = Query(
        ASSIGNED.where(assignments.c.id > AFTER, not_(LASTING)).limit(SLICE), StoredAssignment
    )
    _assigned_to = Query(ASSIGNED.where(assignments.c.account_id == any_(TO)), StoredAssignment)
    _granted = Query(GRANTED.where(object_grants.c.id > AFTER).limit(SLICE), StoredGrant)
    _granted_to = Query(
        GRANTED.where(
            or_(object_grants.c.account_id == any_(TO), object_grants.c.role_id == any_(TO))
        ),
        StoredGrant,
    )
    _changed = Query(
        select(changes.c.subject_id)
        .where(changes.c.version >= bindparam("version", type_=BigInteger()))
        .order_by(changes.c.subject_id)
        .limit(FEW + 1),
        _only,
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
            StoredPolicy(*one, roles=roles.get(one[0], ()), permissions=about.get(one[0], ()))
            for one in await self._policies.all(self._reads)
        ]

    async def changes(self, since: int) -> Changes:
        """Tell those of the version itself, too: rows changed by hand are noted under it."""
        found = await self._changed.all(self._reads, version=since)
        to = [one for one in found if one != RULES]
        uncounted = len(found) > FEW or EVERYBODY in found
        return Changes(rules=RULES in found, given=None if uncounted else to)

    async def lasting(self) -> AsyncIterator[tuple[UUID, Sequence[int]]]:
        """Read ids packed, 16 bytes each: a row for each would take ten times as long.

        Where the next part ends is asked for while one is read.
        """
        after, until = UUID(int=0), await self._end_of_part(UUID(int=0))
        while True:
            part = self._packed.all(self._reads, after=after, until=until or LAST)
            packed, later = await asyncio.gather(part, self._end_of_part(until))
            for role_id, ids in packed:
                yield role_id, [high << 64 | low for high, low in iter_unpack(">QQ", ids)]
            if until is None:
                return
            after, until = until, later

    async def _end_of_part(self, after: UUID | None) -> UUID | None:
        """Return the last id of the part that begins after this one; None: there is no end."""
        return None if after is None else await self._bound.first(self._reads, after=after)

    async def assignments(
        self, of: Collection[UUID] | None = None
    ) -> AsyncIterator[Sequence[StoredAssignment]]:
        if of is not None:
            yield await self._assigned_to.all(self._reads, to=list(of))
            return
        async for part in self._parts(self._assigned):
            yield part

    async def grants(
        self, of: Collection[UUID] | None = None
    ) -> AsyncIterator[Sequence[StoredGrant]]:
        if of is not None:
            yield await self._granted_to.all(self._reads, to=list(of))
            return
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
