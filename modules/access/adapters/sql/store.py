"""The policy as columns: what a name contains can never become part of a rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from sqlalchemy import select

from modules.access.adapters.sql.tables import assignments, grants, policy_version, roles
from shared_kernel.adapters.sql import Database, Query


def _version(version: int) -> int:
    return version


def _grant(role_id: UUID, name: str, permission: str | None) -> tuple[UUID, str, str | None]:
    return role_id, name, permission


def _assignment(account_id: UUID, role_id: UUID) -> tuple[UUID, UUID]:
    return account_id, role_id


class SqlPolicyStore:
    """Reads roles, grants and assignments on the read pool."""

    _current = Query(select(policy_version.c.version), _version)
    _roles = Query(
        select(roles.c.id, roles.c.name, grants.c.permission)
        .select_from(roles.outerjoin(grants))
        .order_by(roles.c.name),
        _grant,
    )
    _assigned = Query(select(assignments.c.account_id, assignments.c.role_id), _assignment)

    def __init__(self, database: Database) -> None:
        self._reads = database.reads

    async def version(self) -> int:
        return await self._current.first(self._reads) or 0

    async def grants(self) -> Sequence[tuple[UUID, str, Sequence[str]]]:
        held: dict[tuple[UUID, str], list[str]] = {}
        for role_id, name, permission in await self._roles.all(self._reads):
            of_role = held.setdefault((role_id, name), [])
            if permission is not None:
                of_role.append(permission)
        return [(role_id, name, permissions) for (role_id, name), permissions in held.items()]

    async def assignments(self) -> Sequence[tuple[UUID, UUID]]:
        # The driver's records are pairs already; a view of each would hold the loop for long.
        rows = await self._assigned.rows(self._reads, {})
        return cast("Sequence[tuple[UUID, UUID]]", rows)
