"""The policy as columns: what a name contains can never become part of a rule."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import cast
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from modules.access.adapters.sql.tables import assignments, grants, policy_version, roles
from modules.access.ports import StoredRole
from shared_kernel.adapters.sql import Database, Query

SLICE = 1_000  # 3 ms of decoding and folding before the loop may serve others


def _version(version: int) -> int:
    return version


def _grant(
    role_id: UUID, name: str, guarded: bool, permission: str | None
) -> tuple[tuple[UUID, str, bool], str | None]:
    return (role_id, name, guarded), permission


def _assignment(id: UUID, account_id: UUID, role_id: UUID) -> tuple[UUID, UUID, UUID]:
    return id, account_id, role_id


class SqlPolicyStore:
    """Reads roles, grants and assignments on the read pool."""

    _current = Query(select(policy_version.c.version), _version)
    _roles = Query(
        select(roles.c.id, roles.c.name, roles.c.requires_second_factor, grants.c.permission)
        .select_from(roles.outerjoin(grants))
        .order_by(roles.c.name),
        _grant,
    )
    _assigned = Query(
        select(assignments.c.id, assignments.c.account_id, assignments.c.role_id)
        .where(assignments.c.id > bindparam("after", type_=Uuid()))
        .order_by(assignments.c.id)
        .limit(SLICE),
        _assignment,
    )

    def __init__(self, database: Database) -> None:
        self._reads = database.reads

    async def version(self) -> int:
        return await self._current.first(self._reads) or 0

    async def roles(self) -> Sequence[StoredRole]:
        held: dict[tuple[UUID, str, bool], list[str]] = {}
        for role, permission in await self._roles.all(self._reads):
            of_role = held.setdefault(role, [])
            if permission is not None:
                of_role.append(permission)
        return [StoredRole(*role, permissions) for role, permissions in held.items()]

    async def assignments(self) -> AsyncIterator[Sequence[tuple[UUID, UUID, UUID]]]:
        """Read by id: ids are made in the order of time, so what is made meanwhile comes last."""
        after = UUID(int=0)
        while True:
            rows = await self._assigned.rows(self._reads, {"after": after})
            # The driver's records are tuples already; a view of each would double the time.
            found = cast("Sequence[tuple[UUID, UUID, UUID]]", rows)
            yield found
            if len(found) < SLICE:
                return
            after = found[-1][0]
