"""One transaction over roles, policies and who is given what."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from hashlib import blake2b
from typing import ClassVar

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from modules.access.adapters.sql.repositories import (
    SqlAssignments,
    SqlObjectGrants,
    SqlPastPolicies,
    SqlPolicies,
    SqlRoles,
    SqlSeeds,
)
from modules.access.adapters.sql.rules import LastReading, SqlRules
from modules.access.adapters.sql.tables import policy_version
from modules.access.domain import PolicyNameTaken, RoleInUse, RoleNameTaken
from modules.access.ports import Rules
from shared_kernel.adapters.sql import AuditWriter, Constraints, Database, Outbox, SqlUnitOfWork

# Any two: the first numbers of all advisory locks of access, and the subject that all rules are.
LOCKS = 0x6163
RULES = "rules"


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

    _version: int | None = None

    def __init__(
        self, database: Database, outbox: Outbox, audit: AuditWriter, last: LastReading
    ) -> None:
        super().__init__(database, outbox, audit)
        self._last = last

    @cached_property
    def _rules(self) -> SqlRules:
        return SqlRules(self, self._last)

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
        await self.session.execute(select(func.pg_advisory_xact_lock(LOCKS, _key(RULES))))
        return await self.count_up()

    async def keep(self, changed: Collection[str], seen: Collection[str] = ()) -> None:
        shared = {_key(one): func.pg_advisory_xact_lock_shared for one in (RULES, *seen)}
        locks = shared | {_key(one): func.pg_advisory_xact_lock for one in changed}
        # In one order, whoever asks: nobody waits for somebody who waits for them.
        await self.session.execute(select(*(locks[key](LOCKS, key) for key in sorted(locks))))

    async def count_up(self) -> int:
        if self._version is None:
            counted = insert(policy_version).values(id=1, version=1)
            next_one = {"version": policy_version.c.version + 1}
            self._version = await self.session.scalar(
                counted.on_conflict_do_update(
                    index_elements=[policy_version.c.id], set_=next_one
                ).returning(policy_version.c.version)
            )
        return self._version or 1


class LookingOn(AccessUnitOfWork):
    """A transaction that keeps others away as long as another one, of another module, does work."""

    is_what_was_asked_for: ClassVar[bool] = False


def _key(subject: str) -> int:
    return int.from_bytes(blake2b(subject.encode(), digest_size=4).digest(), signed=True)
