"""Who holds which role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from modules.access.application.changing import ChangePolicy
from modules.access.application.rights import OwnRights
from modules.access.domain import (
    ROLE_NAME,
    Assignment,
    LastAdministrator,
    NoSuchAccount,
    Role,
)
from modules.access.ports import AccessTransaction, Begin
from modules.access.public import ADMINISTRATOR
from modules.identity.public import AccountClosed, AccountDirectory
from shared_kernel.application import AuditEntry, Caller, Clock, Command, Matches
from shared_kernel.domain import AccountId


class AssignRole(Command):
    """The account that shall hold the role of this name."""

    account_id: AccountId
    role: Annotated[str, Matches(ROLE_NAME)]


@dataclass(frozen=True, slots=True)
class Register:
    """Writes assignments into an open transaction, each with its audit entry."""

    clock: Clock

    async def enter(self, tx: AccessTransaction, account_id: AccountId, role: Role) -> UUID:
        """Let the account hold the role, and return the assignment that says so."""
        held = await tx.assignments.find(account_id, role.id)
        if held is None:
            now = self.clock.now()
            held = Assignment(account_id=account_id, role_id=role.id, assigned_at=now)
            tx.assignments.add(held)
            self._note(tx, "RoleAssigned", held, role)
        return held.id

    async def strike(self, tx: AccessTransaction, held: Assignment, role: Role) -> None:
        """Withdraw an assignment. Raises LastAdministrator."""
        if role.name == ADMINISTRATOR and await tx.assignments.count(role.id) == 1:
            raise LastAdministrator("make somebody else administrator first")
        await self.erase(tx, held, role)

    async def erase(self, tx: AccessTransaction, held: Assignment, role: Role) -> None:
        """Withdraw an assignment even if it is the last administrator's."""
        await tx.assignments.remove(held)
        self._note(tx, "RoleWithdrawn", held, role)

    def _note(self, tx: AccessTransaction, what: str, held: Assignment, role: Role) -> None:
        tx.audit(
            AuditEntry(
                action=f"access.{what}",
                occurred_at=self.clock.now(),
                subject_id=held.account_id,
                detail={"role": role.name},
            )
        )


@dataclass(frozen=True, slots=True)
class AssignmentService:
    """Gives and takes roles for a caller, who must hold whatever the role holds."""

    change: ChangePolicy
    rights: OwnRights
    register: Register
    accounts: AccountDirectory

    async def assign(self, caller: Caller, wanted: AssignRole) -> UUID:
        """Let an account hold a role. Raises NoSuchRole, BeyondOwnRights, NoSuchAccount.

        An administrator nobody can sign in as would count as one, and let the last real one go.
        """
        async with self.change() as tx:
            role = await tx.roles.named(wanted.role)
            self.rights.require(caller, role.held(self.rights.known))
            if not await self.accounts.is_open(wanted.account_id):
                raise NoSuchAccount("no open account has this id", field="/account_id")
            return await self.register.enter(tx, wanted.account_id, role)

    async def withdraw(self, caller: Caller, assignment_id: UUID) -> None:
        """Take a role back. Raises NoSuchAssignment, BeyondOwnRights, LastAdministrator."""
        async with self.change() as tx:
            held = await tx.assignments.get(assignment_id)
            role = await tx.roles.get(held.role_id)
            self.rights.require(caller, role.held(self.rights.known))
            await self.register.strike(tx, held, role)


@dataclass(frozen=True, slots=True)
class DirectAssignments:
    """Gives and takes roles on the system's own behalf (the facade `RoleAssignments`)."""

    change: ChangePolicy
    register: Register

    async def assign(self, account_id: AccountId, role: str) -> None:
        async with self.change() as tx:
            await self.register.enter(tx, account_id, await tx.roles.named(role))

    async def withdraw(self, account_id: AccountId, role: str) -> None:
        async with self.change() as tx:
            named = await tx.roles.named(role)
            if held := await tx.assignments.find(account_id, named.id):
                await self.register.strike(tx, held, named)


@dataclass(frozen=True, slots=True)
class WithdrawRolesOfClosedAccount:
    """A closed account holds no role.

    Not even the last administrator's: the account is gone already, and counting it as one would
    let the last living administrator be removed. `app user create-admin` appoints another.
    """

    begin: Begin
    change: ChangePolicy
    register: Register

    async def __call__(self, event: AccountClosed) -> None:
        account_id = AccountId(event.subject_id)
        async with self.begin() as tx:
            if not await tx.assignments.held_by(account_id):
                return
        async with self.change() as tx:
            for held in await tx.assignments.held_by(account_id):
                await self.register.erase(tx, held, await tx.roles.get(held.role_id))
