"""Reads of who was given what: roles, and rights on single objects."""

from __future__ import annotations

from sqlalchemy import Uuid, bindparam, select

from modules.access.adapters.sql.tables import assignments, object_grants, roles
from modules.access.application.queries import AssignmentView, GrantView
from shared_kernel.adapters.sql import Listing, Query

ID = bindparam("id", type_=Uuid())

_assignment = select(
    assignments.c.id,
    assignments.c.account_id,
    roles.c.name,
    assignments.c.scope,
    assignments.c.assigned_at,
    assignments.c.expires_at,
).select_from(assignments.join(roles))

_grant = select(
    object_grants.c.id,
    object_grants.c.resource,
    object_grants.c.object_id,
    object_grants.c.permission,
    object_grants.c.account_id,
    roles.c.name,
    object_grants.c.granted_by,
    object_grants.c.granted_at,
    object_grants.c.expires_at,
).select_from(object_grants.outerjoin(roles))

ONE_ASSIGNMENT = Query(_assignment.where(assignments.c.id == ID), AssignmentView)

ASSIGNMENTS = Listing(
    _assignment,
    AssignmentView,
    id=assignments.c.id,
    filters={
        "account_id": assignments.c.account_id == bindparam("account_id"),
        "scope": assignments.c.scope == bindparam("scope"),
        # By id, so that the index on (role_id, id) serves the filter and the order.
        "role": assignments.c.role_id
        == select(roles.c.id).where(roles.c.name == bindparam("role")).scalar_subquery(),
    },
    sorts={"id": assignments.c.id},  # ids are made in the order of time
)

ONE_GRANT = Query(_grant.where(object_grants.c.id == ID), GrantView)

GRANTS = Listing(
    _grant,
    GrantView,
    id=object_grants.c.id,
    filters={
        "resource": object_grants.c.resource == bindparam("resource"),
        "object_id": object_grants.c.object_id == bindparam("object_id"),
        "account_id": object_grants.c.account_id == bindparam("account_id"),
    },
    sorts={"id": object_grants.c.id},
)
