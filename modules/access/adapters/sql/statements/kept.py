"""Reads of what is kept: the versions of the policy, and refusals."""

from __future__ import annotations

from sqlalchemy import BigInteger, Uuid, bindparam, func, select

from modules.access.adapters.sql.tables import decisions, policy_versions
from modules.access.application.queries import DecisionView, RulebookView, VersionView
from shared_kernel.adapters.sql import Query
from shared_kernel.application import MOST_COUNTED

_version = select(
    policy_versions.c.version,
    policy_versions.c.author_id,
    policy_versions.c.reason,
    policy_versions.c.created_at,
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
