"""What can be asked about roles, policies and who was given what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from modules.access.domain import Effect, Rulebook
from shared_kernel.application import Page, Slice
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True)
class RoleView:
    """A role. Built-in roles come with the system; the administrator holds every permission.

    `permissions` are its own; `effective_permissions` those it inherits as well, without the
    `undeclared` ones: no module knows these any more, and they count for nothing. One that
    requires a second factor counts only for who signed in with one.
    """

    id: UUID
    version: int
    name: str
    built_in: bool
    permissions: Sequence[str]
    requires_second_factor: bool
    inherits: Sequence[str] = ()
    effective_permissions: Sequence[str] = ()
    undeclared: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """That an account holds a role: within a scope (empty: everywhere), and until it expires."""

    id: UUID
    account_id: UUID
    role: str
    scope: str
    assigned_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class PolicyView:
    """A policy: for whom, what it allows or denies, and when.

    The `undeclared` among its permissions no module knows any more; they count for nothing.
    """

    id: UUID
    version: int
    name: str
    description: str
    effect: Effect
    roles: Sequence[str]
    anyone: bool
    permissions: Sequence[str]
    when: Mapping[str, object]
    enabled: bool
    changed_at: datetime
    undeclared: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class GrantView:
    """A right on one object, given to an account or to a role. By nobody: at the command line."""

    id: UUID
    resource: str
    object_id: UUID
    permission: str
    account_id: UUID | None
    role: str | None
    granted_by: UUID | None
    granted_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class VersionView:
    """That roles and policies were changed, by whom and why. Nobody: the system, or its console."""

    version: int
    author_id: UUID | None
    reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RulebookView:
    """All roles and policies as they stood from one version on."""

    version: int
    author_id: UUID | None
    reason: str | None
    created_at: datetime
    document: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class DecisionView:
    """That somebody was refused something, and what decided it.

    caller_id   null for who had not signed in
    code        of the problem they were answered with
    permission  what they lacked; on an object, where one was meant
    policy_version  the version of the policy that decided
    """

    id: UUID
    occurred_at: datetime
    caller_id: UUID | None
    code: str
    permission: str | None
    resource: str | None
    object_id: UUID | None
    detail: Mapping[str, object]
    policy_version: int | None


class AccessQueries(Protocol):
    """Reads of roles, policies and who was given what."""

    async def role(self, role_id: UUID) -> RoleView:
        """Return one role. Raises NoSuchRole."""
        ...

    async def role_named(self, name: str) -> RoleView:
        """Return the role of this name. Raises NoSuchRole."""
        ...

    async def roles(self, part: Slice) -> Page[RoleView]:
        """Return the roles by name."""
        ...

    async def assignment(self, assignment_id: UUID) -> AssignmentView:
        """Return one assignment. Raises NoSuchAssignment."""
        ...

    async def assignments(
        self,
        account_id: AccountId | None,
        role: str | None,
        part: Slice,
        *,
        scope: str | None = None,
    ) -> Page[AssignmentView]:
        """Return the assignments of an account, of a role, of a scope or all, oldest first."""
        ...

    async def policy(self, policy_id: UUID) -> PolicyView:
        """Return one policy. Raises NoSuchPolicy."""
        ...

    async def policy_named(self, name: str) -> PolicyView:
        """Return the policy of this name. Raises NoSuchPolicy."""
        ...

    async def policies(self, part: Slice) -> Page[PolicyView]:
        """Return the policies by name."""
        ...

    async def grant(self, grant_id: UUID) -> GrantView:
        """Return one grant. Raises NoSuchGrant."""
        ...

    async def grants_on(self, resource: str, object_id: UUID, part: Slice) -> Page[GrantView]:
        """Return the grants on one object, oldest first."""
        ...

    async def grants_to(self, account_id: AccountId, part: Slice) -> Page[GrantView]:
        """Return what an account was given, oldest first."""
        ...

    async def version(self, version: int) -> RulebookView:
        """Return one version. Raises NoSuchVersion."""
        ...

    async def versions(self, part: Slice) -> Page[VersionView]:
        """Return the versions, newest first."""
        ...

    async def decision(self, decision_id: UUID) -> DecisionView:
        """Return one refusal. Raises NoSuchDecision."""
        ...

    async def rulebook(self) -> Rulebook:
        """Return all roles and policies as they stand."""
        ...
