"""Who holds which role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from modules.access.application.administering.roles import RoleName
from modules.access.application.rulebook.changing import (
    ChangePolicy,
    is_administrator,
    of_caller,
    of_holders,
)
from modules.access.application.rulebook.rights import NEEDED_TO_TAKE_BACK, OwnRights
from modules.access.domain import (
    EVERYWHERE,
    SCOPE,
    Assignment,
    LastAdministrator,
    NoSuchAccount,
    Stake,
    WouldLockYouOut,
)
from modules.access.ports import AccessTransaction, RoleGiven, Rules
from modules.access.public import ADMINISTRATOR
from modules.identity.public import AccountDirectory
from shared_kernel.application import (
    SECOND_FACTOR,
    AuditEntry,
    Aware,
    Caller,
    Clock,
    Command,
    Matches,
)
from shared_kernel.domain import AccountId

MOST_ASKED = 100  # administrators: one who can sign in is enough

Scope = Annotated[str, Matches(SCOPE)]
Moment = Annotated[datetime, Aware()]


class AssignRole(Command):
    """The account, a person's or a service account's, that shall hold the role of this name.

    With a `scope` the role counts for the objects that lie in it, and nowhere else. It counts
    until `expires_at`, if that is given; `force`: even if you could not get your own back then.
    """

    account_id: AccountId
    role: RoleName
    scope: Scope = EVERYWHERE
    expires_at: Moment | None = None
    force: bool = False


@dataclass(frozen=True, slots=True)
class Register:
    """Writes assignments into an open transaction, each with its audit entry."""

    clock: Clock
    accounts: AccountDirectory

    async def enter(
        self,
        tx: AccessTransaction,
        account_id: AccountId,
        role: RoleGiven,
        scope: str = EVERYWHERE,
        *,
        until: datetime | None = None,
    ) -> UUID:
        """Let the account hold the role, and return the assignment that says so.

        One that is there already ends at the time given from now on. Raises AlreadyExpired, and
        LastAdministrator.
        """
        held, now = await tx.assignments.find(account_id, role.id, scope), self.clock.now()
        if held is not None and until is not None:
            await self.require_another(tx, held, role)
        await tx.count_up()
        if held is None:
            held = Assignment(account_id=account_id, role_id=role.id, scope=scope, assigned_at=now)
            held.last_until(until, at=now)
            tx.assignments.add(held)
            self._note(tx, "RoleAssigned", held, role)
            return held.id
        if held.last_until(until, at=now):
            self._note(tx, "RoleRenewed", held, role)
        return held.id

    async def strike(self, tx: AccessTransaction, held: Assignment, role: RoleGiven) -> None:
        """Withdraw an assignment. Raises LastAdministrator."""
        await self.require_another(tx, held, role)
        await self.erase(tx, held, role)

    async def erase(self, tx: AccessTransaction, held: Assignment, role: RoleGiven) -> None:
        """Withdraw an assignment even if it is the last administrator's."""
        await tx.count_up()
        await tx.assignments.remove(held)
        self._note(tx, "RoleWithdrawn", held, role)

    async def require_another(
        self, tx: AccessTransaction, held: Assignment, role: RoleGiven
    ) -> None:
        """Raise LastAdministrator unless another is one everywhere, for ever, and can sign in."""
        if role.name != ADMINISTRATOR or not held.is_lasting:
            return
        for other in await tx.assignments.lasting(role.id, limit=MOST_ASKED):
            if other.id != held.id and await self.accounts.can_sign_in(other.account_id):
                return
        raise LastAdministrator("make somebody else administrator first")

    def _note(self, tx: AccessTransaction, what: str, held: Assignment, role: RoleGiven) -> None:
        detail = {"role": role.name}
        if held.scope != EVERYWHERE:
            detail["scope"] = held.scope
        if held.expires_at is not None:
            detail["expires_at"] = held.expires_at.isoformat()
        tx.audit(
            AuditEntry(
                action=f"access.{what}",
                occurred_at=self.clock.now(),
                subject_id=held.account_id,
                detail=detail,
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
        """Let an account hold a role.

        Raises NoSuchRole, BeyondOwnRights, NoSuchAccount, AlreadyExpired, LastAdministrator,
        WouldLockYouOut.
        """
        async with self.change() as tx:
            await tx.keep(of_holders(wanted.account_id, wanted.role), of_caller(caller))
            rules = await tx.rules()
            role = rules.role(wanted.role)
            stake = self._require_own(rules, caller, role)
            if not await is_administrator(tx, rules, caller):
                until = wanted.expires_at
                self.rights.require_to_give(caller, stake, role=role.name, until=until)
            if not await self.accounts.is_open(wanted.account_id):
                raise NoSuchAccount("no open account has this id", field="/account_id")
            held = await tx.assignments.find(wanted.account_id, role.id, wanted.scope)
            lasted = held is not None and held.is_lasting
            entered = await self.register.enter(
                tx, wanted.account_id, role, wanted.scope, until=wanted.expires_at
            )
            if held and lasted and wanted.expires_at and not wanted.force:
                await self._require_way_back(tx, rules, caller, held)
            return entered

    async def withdraw(self, caller: Caller, assignment_id: UUID, *, force: bool = False) -> None:
        """Take a role back.

        Raises NoSuchAssignment, BeyondOwnRights, LastAdministrator, WouldLockYouOut.
        """
        async with self.change() as tx:
            held = await tx.assignments.get(assignment_id)
            named = await tx.roles.get(held.role_id)
            await tx.keep(of_holders(held.account_id, named.name), of_caller(caller))
            held = await tx.assignments.get_anew(assignment_id)
            rules = await tx.rules()
            role = rules.role(named.name)
            stake = self._require_own(rules, caller, role)
            if not await is_administrator(tx, rules, caller):
                # Nobody is freed from what the caller bears themselves.
                self.rights.require_to_give(caller, Stake(denying=stake.denying))
            await self.register.strike(tx, held, role)
            if not force:
                await self._require_way_back(tx, rules, caller, held)

    def _require_own(self, rules: Rules, caller: Caller, role: RoleGiven) -> Stake:
        """Return what somebody gains with the role, all of which the caller has to hold."""
        book, known = rules.book, self.rights.known
        self.rights.require(caller, book.at_stake(role.name, known))
        return book.stake(role.name, known)

    async def _require_way_back(
        self, tx: AccessTransaction, rules: Rules, caller: Caller, lost: Assignment
    ) -> None:
        """Raise when the caller's other roles do not hold what it takes to get this one back."""
        if lost.account_id not in {caller.id, caller.impersonator_id}:
            return
        held_now = await tx.assignments.held_by(lost.account_id)
        kept = {one.role_id for one in held_now if one.is_lasting and one.id != lost.id}
        book, proved = rules.book, SECOND_FACTOR in caller.methods
        left = frozenset[str]().union(
            *(book.held(one.name, self.rights.known, proved=proved) for one in rules.of_ids(kept))
        )
        for one in NEEDED_TO_TAKE_BACK:
            if one.name not in left and not self.rights.lacking(caller, [one.name]):
                raise WouldLockYouOut(f"you would lose {one.name}; `force` does it all the same")


@dataclass(frozen=True, slots=True)
class DirectAssignments:
    """Gives and takes roles on the system's own behalf (the facade `RoleAssignments`)."""

    change: ChangePolicy
    register: Register

    async def assign(
        self,
        account_id: AccountId,
        role: str,
        scope: str = EVERYWHERE,
        *,
        until: datetime | None = None,
    ) -> None:
        """Let the account hold the role, within a scope and until a time where these are given."""
        async with self.change() as tx:
            await tx.keep(of_holders(account_id, role))
            given = (await tx.rules()).role(role)
            await self.register.enter(tx, account_id, given, scope, until=until)

    async def withdraw(self, account_id: AccountId, role: str, scope: str = EVERYWHERE) -> None:
        """Take the role from the account within the scope, if it holds it there."""
        async with self.change() as tx:
            await tx.keep(of_holders(account_id, role))
            given = (await tx.rules()).role(role)
            if held := await tx.assignments.find(account_id, given.id, scope):
                await self.register.strike(tx, held, given)
