"""Reads of roles and policies: one by one, page by page, and all of them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Column, ColumnElement, Select, String, Uuid, bindparam, func, select

from modules.access.adapters.sql.tables import (
    grants,
    policies,
    policy_permissions,
    policy_roles,
    role_parents,
    roles,
)
from modules.access.application.queries import PolicyView, RoleView
from modules.access.domain import Effect, PolicyEntry, RoleEntry
from shared_kernel.adapters.sql import Listing, Query

ID = bindparam("id", type_=Uuid())
NAME = bindparam("name", type_=String())


def _names(statement: Select[str], order: Column[str]) -> ColumnElement[Sequence[str]]:
    return func.array(statement.order_by(order).scalar_subquery(), type_=ARRAY(String))


_named = roles.alias("named")
_held = _names(
    select(grants.c.permission).where(grants.c.role_id == roles.c.id), grants.c.permission
)
_inherited = _names(
    select(_named.c.name)
    .join(role_parents, role_parents.c.parent_id == _named.c.id)
    .where(role_parents.c.role_id == roles.c.id),
    _named.c.name,
)
_aimed_at = _names(
    select(_named.c.name)
    .join(policy_roles, policy_roles.c.role_id == _named.c.id)
    .where(policy_roles.c.policy_id == policies.c.id),
    _named.c.name,
)
_about = _names(
    select(policy_permissions.c.permission).where(policy_permissions.c.policy_id == policies.c.id),
    policy_permissions.c.permission,
)

_role = select(
    roles.c.id,
    roles.c.version,
    roles.c.name,
    roles.c.built_in,
    _held,
    roles.c.requires_second_factor,
    _inherited,
)

_policy = select(
    policies.c.id,
    policies.c.version,
    policies.c.name,
    policies.c.description,
    policies.c.effect,
    _aimed_at,
    policies.c.anyone,
    _about,
    policies.c.when,
    policies.c.enabled,
    policies.c.changed_at,
)


def role_entry(
    id: UUID, name: str, permissions: Sequence[str], inherits: Sequence[str], guarded: bool
) -> tuple[UUID, str, RoleEntry]:
    """Return what is laid down about a role, with its id and its name."""
    return (
        id,
        name,
        RoleEntry(
            permissions=frozenset(permissions),
            inherits=frozenset(inherits),
            requires_second_factor=guarded,
        ),
    )


def policy_entry(  # noqa: PLR0917 - the columns of a row
    id: UUID,
    name: str,
    description: str,
    effect: Effect,
    named: Sequence[str],
    anyone: bool,
    permissions: Sequence[str],
    when: Mapping[str, object],
    enabled: bool,
) -> tuple[UUID, str, PolicyEntry]:
    """Return what is laid down in a policy, with its id and its name."""
    return (
        id,
        name,
        PolicyEntry(
            description=description,
            effect=effect,
            roles=frozenset(named),
            anyone=anyone,
            permissions=frozenset(permissions),
            when=when,
            enabled=enabled,
        ),
    )


ROLE_ENTRIES = select(roles.c.id, roles.c.name, _held, _inherited, roles.c.requires_second_factor)

POLICY_ENTRIES = select(
    policies.c.id,
    policies.c.name,
    policies.c.description,
    policies.c.effect,
    _aimed_at,
    policies.c.anyone,
    _about,
    policies.c.when,
    policies.c.enabled,
)

ALL_ROLES = Query(ROLE_ENTRIES, role_entry)

ALL_POLICIES = Query(POLICY_ENTRIES, policy_entry)

ONE_ROLE = Query(_role.where(roles.c.id == ID), RoleView)

ROLE_NAMED = Query(_role.where(roles.c.name == NAME), RoleView)

ROLES = Listing(_role, RoleView, id=roles.c.id, filters={}, sorts={"name": roles.c.name})

ONE_POLICY = Query(_policy.where(policies.c.id == ID), PolicyView)

POLICY_NAMED = Query(_policy.where(policies.c.name == NAME), PolicyView)

POLICIES = Listing(
    _policy, PolicyView, id=policies.c.id, filters={}, sorts={"name": policies.c.name}
)
