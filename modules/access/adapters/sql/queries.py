"""Reads of roles, policies and who was given what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from modules.access.adapters.sql.statements.given import (
    ASSIGNMENTS,
    GRANTS,
    ONE_ASSIGNMENT,
    ONE_GRANT,
)
from modules.access.adapters.sql.statements.kept import (
    HOW_MANY_VERSIONS,
    ONE_DECISION,
    ONE_VERSION,
    VERSIONS,
)
from modules.access.adapters.sql.statements.rules import (
    ALL_POLICIES,
    ALL_ROLES,
    ONE_POLICY,
    ONE_ROLE,
    POLICIES,
    POLICY_NAMED,
    ROLE_NAMED,
    ROLES,
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
from modules.access.domain import (
    NoSuchAssignment,
    NoSuchDecision,
    NoSuchGrant,
    NoSuchPolicy,
    NoSuchRole,
    NoSuchVersion,
    Rulebook,
)
from modules.access.public import ADMINISTRATOR
from shared_kernel.adapters.sql import Database
from shared_kernel.application import Page, PermissionCatalogue, Slice, Total
from shared_kernel.domain import AccountId

NEWEST = 2**63 - 1


class SqlAccessQueries:
    """Answers from the committed state. An administrator is shown with the whole catalogue."""

    def __init__(self, database: Database, catalogue: PermissionCatalogue) -> None:
        self._reads = database.reads
        self._everything = sorted(one.name for one in catalogue.permissions)

    async def role(self, role_id: UUID) -> RoleView:
        return await self._shown(await ONE_ROLE.first(self._reads, id=role_id))

    async def role_named(self, name: str) -> RoleView:
        return await self._shown(await ROLE_NAMED.first(self._reads, name=name))

    async def _shown(self, found: RoleView | None) -> RoleView:
        if found is None:
            raise NoSuchRole("there is no such role")
        return self._role(found, await self._roles())

    async def roles(self, part: Slice) -> Page[RoleView]:
        page = await ROLES.page(self._reads, {}, "name", part)
        book = await self._roles()
        return page.shown_as(lambda one: self._role(one, book))

    async def assignment(self, assignment_id: UUID) -> AssignmentView:
        found = await ONE_ASSIGNMENT.first(self._reads, id=assignment_id)
        if found is None:
            raise NoSuchAssignment("there is no such assignment")
        return found

    async def assignments(
        self,
        account_id: AccountId | None,
        role: str | None,
        part: Slice,
        *,
        scope: str | None = None,
    ) -> Page[AssignmentView]:
        where = {"account_id": account_id, "role": role, "scope": scope}
        return await ASSIGNMENTS.page(self._reads, where, "id", part)

    async def policy(self, policy_id: UUID) -> PolicyView:
        return self._policy(await ONE_POLICY.first(self._reads, id=policy_id))

    async def policy_named(self, name: str) -> PolicyView:
        return self._policy(await POLICY_NAMED.first(self._reads, name=name))

    async def policies(self, part: Slice) -> Page[PolicyView]:
        page = await POLICIES.page(self._reads, {}, "name", part)
        return page.shown_as(self._policy)

    async def grant(self, grant_id: UUID) -> GrantView:
        found = await ONE_GRANT.first(self._reads, id=grant_id)
        if found is None:
            raise NoSuchGrant("there is no such object grant")
        return found

    async def grants_on(self, resource: str, object_id: UUID, part: Slice) -> Page[GrantView]:
        where = {"resource": resource, "object_id": object_id}
        return await GRANTS.page(self._reads, where, "id", part)

    async def grants_to(self, account_id: AccountId, part: Slice) -> Page[GrantView]:
        return await GRANTS.page(self._reads, {"account_id": account_id}, "id", part)

    async def version(self, version: int) -> RulebookView:
        found = await ONE_VERSION.first(self._reads, version=version)
        if found is None:
            raise NoSuchVersion("there is no such version")
        return found

    async def versions(self, part: Slice) -> Page[VersionView]:
        before = int(part.after[0]) if part.after else NEWEST
        found = await VERSIONS.all(self._reads, before=before, limit=part.limit + 1)
        shown = found[: part.limit]
        last = str(shown[-1].version) if len(found) > part.limit else None
        return Page(
            shown,
            None if last is None else (last, last),
            Total.of(await HOW_MANY_VERSIONS.first(self._reads)) if part.counted else None,
        )

    async def decision(self, decision_id: UUID) -> DecisionView:
        found = await ONE_DECISION.first(self._reads, id=decision_id)
        if found is None:
            raise NoSuchDecision("there is no such decision")
        return found

    async def rulebook(self) -> Rulebook:
        policies = {name: one for _, name, one in await ALL_POLICIES.all(self._reads)}
        return replace(await self._roles(), policies=policies)

    async def _roles(self) -> Rulebook:
        """Return the roles alone: what they hold does not depend on policies."""
        roles = {name: one for _, name, one in await ALL_ROLES.all(self._reads)}
        return Rulebook(roles=roles, policies={})

    def _role(self, role: RoleView, book: Rulebook) -> RoleView:
        everything = self._everything if role.name == ADMINISTRATOR else role.permissions
        return replace(
            role,
            permissions=everything,
            effective_permissions=sorted(book.held(role.name, self._everything)),
            undeclared=self._undeclared(role.permissions),
        )

    def _policy(self, policy: PolicyView | None) -> PolicyView:
        if policy is None:
            raise NoSuchPolicy("there is no such policy")
        return replace(policy, undeclared=self._undeclared(policy.permissions))

    def _undeclared(self, permissions: Sequence[str]) -> Sequence[str]:
        return sorted({*permissions}.difference(self._everything))
