"""What administrators do to the accounts of others."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_types import MaxLen, MinLen

from modules.identity.application.locking_out import remove_factors
from modules.identity.application.own_rights import OwnRights, owner
from modules.identity.application.profile import ChangeProfile, new_profile
from modules.identity.application.protection import own_account, require_proved
from modules.identity.domain.account import Account, AccountStatus, AccountUnknown, NotUponYourself
from modules.identity.domain.second_factor import NoSecondFactor
from modules.identity.domain.session import (
    EndReason,
    SessionOver,
    SessionUnknown,
    with_led,
)
from modules.identity.ports.links import BeginLink, LinkTransaction
from modules.identity.public import (
    PasswordResetRequested,
    SecondFactorsTaken,
    VerificationRequested,
)
from shared_kernel.application import AuditEntry, Caller, Clock, Command, Matches
from shared_kernel.application.departures import Departures
from shared_kernel.domain import AccountId, new_id

Reason = Annotated[str, MinLen(1), MaxLen(500), Matches(r"^\S(.*\S)?$")]


class GiveReason(Command):
    """Why it is done: kept in the audit log, in one line."""

    reason: Reason


class SendReset(Command):
    """Have the owner choose another password by mail.

    With `forget_password` nobody gets in by the present one from now on; with `end_sessions`
    everybody is signed out.
    """

    end_sessions: bool = False
    forget_password: bool = False


@dataclass(frozen=True, slots=True)
class Administered:
    """Opens a transaction over somebody else's account, and audits it.

    Nobody does anything to an account that may do what they may not. Both accounts are locked, in
    one order, and the caller's must be in use: of two administrators who suspend each other at
    once, one remains. So whatever an account may do, somebody can still do it afterwards.
    """

    begin: BeginLink
    clock: Clock
    rights: OwnRights

    @asynccontextmanager
    async def __call__(
        self, caller: Caller, account_id: UUID, action: str, **detail: str
    ) -> AsyncGenerator[tuple[LinkTransaction, Account]]:
        """Raise AccountUnknown, BeyondOwnRights, SessionOver."""
        await self.rights.require(caller, owner(account_id))
        async with self.begin() as tx:
            account = await self._locked(tx, caller, account_id)
            yield tx, account
            tx.audit(
                AuditEntry(
                    action=f"identity.{action}",
                    occurred_at=self.clock.now(),
                    subject_id=account.id,
                    detail=detail,
                )
            )

    async def _locked(self, tx: LinkTransaction, caller: Caller, account_id: UUID) -> Account:
        ids = {UUID(str(caller.id)), account_id}
        found = {one.id: one for one in await tx.accounts.several(ids)}
        if account_id not in found:
            raise AccountUnknown("there is no such account")
        if (await own_account(tx, caller)).status is not AccountStatus.ACTIVE:
            raise SessionOver("the session is over; sign in again")
        return found[account_id]


async def end_all(tx: LinkTransaction, account: Account, reason: EndReason, clock: Clock) -> None:
    """End a locked account's sessions, its sign-ins on their way, and what it does as others."""
    tx.pending_sign_ins.forget_of(account.id)
    for session in await tx.sessions.held_by(account.id):
        session.end(reason, at=clock.now())


@dataclass(frozen=True, slots=True)
class UserService:
    """Changes, suspends, restores and closes accounts. Nobody suspends or closes their own here."""

    administered: Administered
    departures: Departures
    clock: Clock

    async def change(
        self, caller: Caller, account_id: UUID, wanted: ChangeProfile, *, expected: int
    ) -> None:
        """Take new values. Raises Stale, LabelRefused, AccountIsClosed."""
        async with self.administered(caller, account_id, "user_changed") as (_, account):
            account.must_be_at(expected)
            account.must_not_be_closed()
            account.change_profile(**new_profile(account, wanted), at=self.clock.now())

    async def suspend(self, caller: Caller, account_id: UUID, reason: str) -> None:
        """Lock the owner out, everywhere and at once.

        Raises AlreadySuspended, AccountIsClosed, and a Conflict for the last administrator.
        """
        require_other(caller, account_id)
        opened = self.administered(caller, account_id, "user_suspended", reason=reason)
        async with self.departures.allowed(AccountId(account_id)), opened as (tx, account):
            account.suspend(at=self.clock.now())
            await end_all(tx, account, EndReason.SUSPENDED, self.clock)

    async def restore(self, caller: Caller, account_id: UUID, reason: str) -> None:
        """Let the owner sign in again. Raises NotSuspended, AccountIsClosed."""
        opened = self.administered(caller, account_id, "user_restored", reason=reason)
        async with opened as (_, account):
            account.restore(at=self.clock.now())

    async def close(self, caller: Caller, account_id: UUID, *, expected: int) -> None:
        """End the account for good.

        Raises Stale, AccountIsClosed, and a Conflict for the last administrator.
        """
        require_other(caller, account_id)
        opened = self.administered(caller, account_id, "user_closed")
        async with self.departures.allowed(AccountId(account_id)), opened as (tx, account):
            account.must_be_at(expected)
            account.close(at=self.clock.now())
            tx.links.overtake(account.id, at=self.clock.now())
            await end_all(tx, account, EndReason.ACCOUNT_CLOSED, self.clock)


@dataclass(frozen=True, slots=True)
class UserCare:
    """Ends sessions of others, and has owners prove themselves anew. Never sets a password."""

    administered: Administered
    clock: Clock

    async def require_verification(self, caller: Caller, account_id: UUID) -> None:
        """Believe the address no more, mail a link to it, and end the sessions.

        Nobody signs in before it is opened. What protects the account stays.
        """
        opened = self.administered(caller, account_id, "verification_required")
        async with opened as (tx, account):
            account.doubt_address(at=self.clock.now())
            await end_all(tx, account, EndReason.ENDED_BY_ADMIN, self.clock)
            tx.publish(
                VerificationRequested(
                    subject_id=new_id(),
                    email_normalized=account.email_normalized,
                    occurred_at=self.clock.now(),
                )
            )

    async def reset_password(self, caller: Caller, account_id: UUID, wanted: SendReset) -> None:
        """Mail the owner a link that sets another password (ASVS 6.4.6)."""
        told = {
            "end_sessions": str(wanted.end_sessions).lower(),
            "forget_password": str(wanted.forget_password).lower(),
        }
        opened = self.administered(caller, account_id, "password_reset_sent", **told)
        async with opened as (tx, account):
            account.must_not_be_closed()
            if wanted.forget_password:
                account.forget_password()
            if wanted.end_sessions:
                await end_all(tx, account, EndReason.ENDED_BY_ADMIN, self.clock)
            tx.publish(
                PasswordResetRequested(
                    subject_id=new_id(),
                    email_normalized=account.email_normalized,
                    occurred_at=self.clock.now(),
                )
            )

    async def remove_second_factors(self, caller: Caller, account_id: UUID, reason: str) -> None:
        """Let an owner in by the password alone who lost everything else, and end the sessions.

        The owner is told. Raises NotUponYourself, NoSecondFactor, InsufficientAuthentication.
        """
        require_other(caller, account_id)
        opened = self.administered(caller, account_id, "second_factors_removed", reason=reason)
        async with opened as (tx, account):
            account.must_not_be_closed()
            await require_proved(tx, caller)
            now = self.clock.now()
            if not await remove_factors(tx, account, at=now):
                raise NoSecondFactor("no second factor protects the account")
            tx.publish(SecondFactorsTaken(subject_id=account.id, occurred_at=now))
            await end_all(tx, account, EndReason.ENDED_BY_ADMIN, self.clock)

    async def end_sessions(self, caller: Caller, account_id: UUID) -> None:
        """End all sessions of an account (ASVS 7.4.5)."""
        async with self.administered(caller, account_id, "sessions_ended") as (tx, account):
            await end_all(tx, account, EndReason.ENDED_BY_ADMIN, self.clock)

    async def end_session(self, caller: Caller, account_id: UUID, session_id: UUID) -> None:
        """End one session of an account. Raises SessionUnknown."""
        told = {"session": str(session_id)}
        opened = self.administered(caller, account_id, "sessions_ended", **told)
        async with opened as (tx, account):
            held = await tx.sessions.held_by(account.id)
            chosen = next((one for one in held if one.id == session_id), None)
            if chosen is None or chosen.account_id != account.id:
                raise SessionUnknown("there is no such session")
            for session in with_led(chosen, held):
                session.end(EndReason.ENDED_BY_ADMIN, at=self.clock.now())


def require_other(caller: Caller, account_id: UUID) -> None:
    """Raise NotUponYourself when the account is the caller's own."""
    if caller.id == account_id:
        raise NotUponYourself("ask another administrator")
