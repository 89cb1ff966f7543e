"""Reads of roles and assignments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, String, Uuid, bindparam, func, select

from modules.access.adapters.sql.tables import assignments, grants, roles
from modules.access.application.queries import AssignmentView, RoleView
from modules.access.domain import NoSuchAssignment, NoSuchRole
from modules.access.public import ADMINISTRATOR
from shared_kernel.adapters.sql import Database, Listing, Query
from shared_kernel.application import Page, PermissionCatalogue, Slice
from shared_kernel.domain import AccountId


def _permissions() -> ColumnElement[Sequence[str]]:
    held = select(grants.c.permission).where(grants.c.role_id == roles.c.id)
    ordered = held.order_by(grants.c.permission).scalar_subquery()
    return func.array(ordered, type_=ARRAY(String))


_role = select(
    roles.c.id,
    roles.c.version,
    roles.c.name,
    roles.c.built_in,
    _permissions(),
    roles.c.requires_second_factor,
)

_assignment = select(
    assignments.c.id, assignments.c.account_id, roles.c.name, assignments.c.assigned_at
).select_from(assignments.join(roles))

ONE_ROLE = Query(_role.where(roles.c.id == bindparam("id", type_=Uuid())), RoleView)

ROLES = Listing(_role, RoleView, id=roles.c.id, filters={}, sorts={"name": roles.c.name})

ONE_ASSIGNMENT = Query(
    _assignment.where(assignments.c.id == bindparam("id", type_=Uuid())), AssignmentView
)

ASSIGNMENTS = Listing(
    _assignment,
    AssignmentView,
    id=assignments.c.id,
    filters={
        "account_id": assignments.c.account_id == bindparam("account_id"),
        # By id, so that the index on (role_id, id) serves the filter and the order.
        "role": assignments.c.role_id
        == select(roles.c.id).where(roles.c.name == bindparam("role")).scalar_subquery(),
    },
    sorts={"id": assignments.c.id},  # ids are made in the order of time
)


class SqlAccessQueries:
    """Answers from the committed state. An administrator is shown with the whole catalogue."""

    def __init__(self, database: Database, catalogue: PermissionCatalogue) -> None:
        self._reads = database.reads
        self._everything = sorted(one.name for one in catalogue.permissions)

    async def role(self, role_id: UUID) -> RoleView:
        found = await ONE_ROLE.first(self._reads, id=role_id)
        if found is None:
            raise NoSuchRole("there is no such role")
        return self._shown(found)

    async def roles(self, part: Slice) -> Page[RoleView]:
        page = await ROLES.page(self._reads, {}, "name", part)
        return Page([self._shown(one) for one in page.items], page.last)

    async def assignment(self, assignment_id: UUID) -> AssignmentView:
        found = await ONE_ASSIGNMENT.first(self._reads, id=assignment_id)
        if found is None:
            raise NoSuchAssignment("there is no such assignment")
        return found

    async def assignments(
        self, account_id: AccountId | None, role: str | None, part: Slice
    ) -> Page[AssignmentView]:
        where = {"account_id": account_id, "role": role}
        return await ASSIGNMENTS.page(self._reads, where, "id", part)

    def _shown(self, role: RoleView) -> RoleView:
        return replace(role, permissions=self._everything) if role.name == ADMINISTRATOR else role
