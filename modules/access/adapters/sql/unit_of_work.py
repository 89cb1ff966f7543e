"""One transaction over roles, policies and who is given what."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from sqlalchemy.dialects.postgresql import insert

from modules.access.adapters.sql.repositories import (
    SqlAssignments,
    SqlObjectGrants,
    SqlPastPolicies,
    SqlPolicies,
    SqlRoles,
    SqlSeeds,
)
from modules.access.adapters.sql.rules import SqlRules
from modules.access.adapters.sql.tables import policy_version
from modules.access.domain import PolicyNameTaken, RoleInUse, RoleNameTaken
from modules.access.ports import Rules
from shared_kernel.adapters.sql import Constraints, SqlUnitOfWork


class AccessUnitOfWork(SqlUnitOfWork):
    """A transaction over everything the policy is made of, and its version."""

    constraints: ClassVar[Constraints] = {
        "uq_roles_name": RoleNameTaken("another role has this name", field="/name"),
        "uq_policies_name": PolicyNameTaken("another policy has this name", field="/name"),
        "fk_assignments_role_id_roles": RoleInUse("withdraw the role from everybody first"),
        "fk_role_parents_parent_id_roles": RoleInUse("other roles inherit from it"),
        "fk_policy_roles_role_id_roles": RoleInUse("a policy names it"),
        "fk_object_grants_role_id_roles": RoleInUse("objects are shared with it"),
    }

    @cached_property
    def _rules(self) -> SqlRules:
        return SqlRules(self)

    @property
    def roles(self) -> SqlRoles:
        return SqlRoles(self)

    @property
    def assignments(self) -> SqlAssignments:
        return SqlAssignments(self)

    @property
    def policies(self) -> SqlPolicies:
        return SqlPolicies(self)

    @property
    def grants(self) -> SqlObjectGrants:
        return SqlObjectGrants(self)

    @property
    def past(self) -> SqlPastPolicies:
        return SqlPastPolicies(self)

    @property
    def seeds(self) -> SqlSeeds:
        return SqlSeeds(self)

    async def rules(self) -> Rules:
        return await self._rules()

    async def change_policy(self) -> int:
        counted = insert(policy_version).values(id=1, version=1)
        next_one = {"version": policy_version.c.version + 1}
        version = await self.session.scalar(
            counted.on_conflict_do_update(
                index_elements=[policy_version.c.id], set_=next_one
            ).returning(policy_version.c.version)
        )
        return version or 1
