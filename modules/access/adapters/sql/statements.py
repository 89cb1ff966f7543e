"""The statements that read roles, policies and who was given what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Select,
    String,
    Uuid,
    bindparam,
    func,
    select,
)

from modules.access.adapters.sql.tables import (
    assignments,
    decisions,
    grants,
    object_grants,
    policies,
    policy_permissions,
    policy_roles,
    policy_versions,
    role_parents,
    roles,
)
from modules.access.application.queries import (
    AssignmentView,
    DecisionView,
    GrantView,
    PolicyView,
    RoleView,
    RulebookView,
    VersionView,
)
from modules.access.domain import Effect, PolicyEntry, RoleEntry
from shared_kernel.adapters.sql import Listing, Query
from shared_kernel.application import MOST_COUNTED


def _names(statement: Select[str], order: Column[str]) -> ColumnElement[Sequence[str]]:
    return func.array(statement.order_by(order).scalar_subquery(), type_=ARRAY(String))


parents = roles.alias("parents")
held = _names(
    select(grants.c.permission).where(grants.c.role_id == roles.c.id), grants.c.permission
)
inherited = _names(
    select(parents.c.name)
    .join(role_parents, role_parents.c.parent_id == parents.c.id)
    .where(role_parents.c.role_id == roles.c.id),
    parents.c.name,
)
aimed_at = _names(
    select(parents.c.name)
    .join(policy_roles, policy_roles.c.role_id == parents.c.id)
    .where(policy_roles.c.policy_id == policies.c.id),
    parents.c.name,
)
about = _names(
    select(policy_permissions.c.permission).where(policy_permissions.c.policy_id == policies.c.id),
    policy_permissions.c.permission,
)

_role = select(
    roles.c.id,
    roles.c.version,
    roles.c.name,
    roles.c.built_in,
    held,
    roles.c.requires_second_factor,
    inherited,
)

_assignment = select(
    assignments.c.id,
    assignments.c.account_id,
    roles.c.name,
    assignments.c.scope,
    assignments.c.assigned_at,
    assignments.c.expires_at,
).select_from(assignments.join(roles))

_policy = select(
    policies.c.id,
    policies.c.version,
    policies.c.name,
    policies.c.description,
    policies.c.effect,
    aimed_at,
    policies.c.anyone,
    about,
    policies.c.when,
    policies.c.enabled,
    policies.c.changed_at,
)

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

_version = select(
    policy_versions.c.version,
    policy_versions.c.author_id,
    policy_versions.c.reason,
    policy_versions.c.created_at,
)


def _role_entry(
    name: str, permissions: Sequence[str], inherits: Sequence[str], guarded: bool
) -> tuple[str, RoleEntry]:
    return name, RoleEntry(
        permissions=frozenset(permissions),
        inherits=frozenset(inherits),
        requires_second_factor=guarded,
    )


def _policy_entry(  # noqa: PLR0917 - the columns of a row
    name: str,
    description: str,
    effect: Effect,
    named: Sequence[str],
    anyone: bool,
    permissions: Sequence[str],
    when: Mapping[str, object],
    enabled: bool,
) -> tuple[str, PolicyEntry]:
    return name, PolicyEntry(
        description=description,
        effect=effect,
        roles=frozenset(named),
        anyone=anyone,
        permissions=frozenset(permissions),
        when=when,
        enabled=enabled,
    )


ROLE_ENTRIES = Query(
    select(roles.c.name, held, inherited, roles.c.requires_second_factor), _role_entry
)

POLICY_ENTRIES = Query(
    select(
        policies.c.name,
        policies.c.description,
        policies.c.effect,
        aimed_at,
        policies.c.anyone,
        about,
        policies.c.when,
        policies.c.enabled,
    ),
    _policy_entry,
)

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
        "scope": assignments.c.scope == bindparam("scope"),
        # By id, so that the index on (role_id, id) serves the filter and the order.
        "role": assignments.c.role_id
        == select(roles.c.id).where(roles.c.name == bindparam("role")).scalar_subquery(),
    },
    sorts={"id": assignments.c.id},  # ids are made in the order of time
)

ONE_POLICY = Query(_policy.where(policies.c.id == bindparam("id", type_=Uuid())), PolicyView)

POLICIES = Listing(
    _policy, PolicyView, id=policies.c.id, filters={}, sorts={"name": policies.c.name}
)

ONE_GRANT = Query(_grant.where(object_grants.c.id == bindparam("id", type_=Uuid())), GrantView)

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

ONE_VERSION = Query(
    _version.add_columns(policy_versions.c.document).where(
        policy_versions.c.version == bindparam("version", type_=BigInteger())
    ),
    RulebookView,
)

ONE_DECISION = Query(
    select(
        decisions.c.id,
        decisions.c.occurred_at,
        decisions.c.caller_id,
        decisions.c.code,
        decisions.c.permission,
        decisions.c.resource,
        decisions.c.object_id,
        decisions.c.detail,
        decisions.c.policy_version,
    ).where(decisions.c.id == bindparam("id", type_=Uuid())),
    DecisionView,
)

VERSIONS = Query(
    _version.where(policy_versions.c.version < bindparam("before", type_=BigInteger()))
    .order_by(policy_versions.c.version.desc())
    .limit(bindparam("limit", type_=BigInteger())),
    VersionView,
)

HOW_MANY_VERSIONS = Query(
    select(func.count()).select_from(
        select(policy_versions.c.version).limit(MOST_COUNTED + 1).subquery()
    ),
    int,
)
