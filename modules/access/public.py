"""What other modules may see of access control."""

from __future__ import annotations

from typing import Protocol

from shared_kernel.domain import AccountId, Permission

ADMINISTRATOR = "administrator"
"""The role that holds every permission there is. It cannot be changed or deleted."""

EDITOR = "editor"
VIEWER = "viewer"

READ_ROLES = Permission("access.roles.read", "See the roles and the permissions they hold.")
WRITE_ROLES = Permission("access.roles.write", "Make, change and delete roles.")
READ_ASSIGNMENTS = Permission("access.assignments.read", "See who holds which role.")
WRITE_ASSIGNMENTS = Permission("access.assignments.write", "Give roles to accounts and take them.")
READ_POLICIES = Permission("access.policies.read", "See policies, and the versions of all rules.")
WRITE_POLICIES = Permission("access.policies.write", "Make, change and delete policies.")
READ_DECISIONS = Permission("access.decisions.read", "See why somebody was refused something.")


class RoleAssignments(Protocol):
    """Gives roles to accounts and takes them back, on the system's own behalf.

    Both verbs are idempotent. Once one returns, this process decides by the change; the others
    follow within a second.
    """

    async def assign(self, account_id: AccountId, role: str) -> None:
        """Let the account hold the role. Raises a NotFound when there is no such role."""
        ...

    async def withdraw(self, account_id: AccountId, role: str) -> None:
        """Take the role from the account, if it holds it.

        Raises a NotFound when there is no such role, and a Conflict for the last administrator.
        """
        ...
