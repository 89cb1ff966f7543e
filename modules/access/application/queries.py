"""What can be asked about roles and assignments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from shared_kernel.application import Page, Slice
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True)
class RoleView:
    """A role. Built-in roles come with the system; the administrator holds every permission.

    One that requires a second factor counts only for who signed in with one.
    """

    id: UUID
    version: int
    name: str
    built_in: bool
    permissions: Sequence[str]
    requires_second_factor: bool


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """That an account holds a role."""

    id: UUID
    account_id: UUID
    role: str
    assigned_at: datetime


class AccessQueries(Protocol):
    """Reads of roles and assignments."""

    async def role(self, role_id: UUID) -> RoleView:
        """Return one role. Raises NoSuchRole."""
        ...

    async def roles(self, part: Slice) -> Page[RoleView]:
        """Return the roles by name."""
        ...

    async def assignment(self, assignment_id: UUID) -> AssignmentView:
        """Return one assignment. Raises NoSuchAssignment."""
        ...

    async def assignments(
        self, account_id: AccountId | None, role: str | None, part: Slice
    ) -> Page[AssignmentView]:
        """Return the assignments of an account, of a role, of both or all, oldest first."""
        ...
