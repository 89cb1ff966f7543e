"""What it means for an account to be protected by a second factor, whatever kind it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modules.identity.domain.account import Account
from modules.identity.domain.recovery_code import RecoveryCode
from modules.identity.domain.session import Session, SessionOver
from modules.identity.ports import Transaction
from modules.identity.ports.second_factor import SecondFactorSecrets, SecondFactorTransaction
from shared_kernel.application import SECOND_FACTOR, Caller, Means
from shared_kernel.domain import InsufficientAuthentication


@dataclass(frozen=True, slots=True)
class Protection:
    """Called by every kind of second factor, with the account locked, when it comes and goes."""

    secrets: SecondFactorSecrets

    async def begin(self, tx: SecondFactorTransaction, caller: Caller) -> Sequence[RecoveryCode]:
        """Return the recovery codes that come with the first factor; none if there are any."""
        await tx.flush()
        return [] if await tx.recovery_codes.count(caller.id) else await self.renew(tx, caller)

    async def renew(self, tx: SecondFactorTransaction, caller: Caller) -> Sequence[RecoveryCode]:
        """Return new recovery codes. The old ones are worth nothing."""
        codes = self.secrets.recovery_codes()
        tx.recovery_codes.replace(caller.id, [one.hash for one in codes])
        return codes

    async def end(self, tx: SecondFactorTransaction, caller: Caller) -> None:
        """Take along, with the last factor, what is nothing without one.

        No session counts any more as proved by two factors.
        """
        await tx.flush()
        if await tx.second_factors.of(caller.id):
            return
        tx.recovery_codes.replace(caller.id, [])
        tx.pending_sign_ins.forget_of(caller.id)
        for session in await tx.sessions.open_of(caller.id):
            session.forget(SECOND_FACTOR)


async def own_account(tx: Transaction, caller: Caller) -> Account:
    """Return the caller's account, locked, while the session they came in goes on.

    A request that waited for the account may be a thief's, and what it waited for the owner's, who
    locked the thief out. Raises SessionOver.
    """
    return (await own_session(tx, caller))[0]


async def own_session(tx: Transaction, caller: Caller) -> tuple[Account, Session]:
    """Return the caller's session, too. Raises SessionOver."""
    found = await tx.sessions.current(caller.id, caller.session_id)
    if found is None:
        raise SessionOver("the session is over; sign in again")
    return found


async def still_there(tx: Transaction, caller: Caller) -> None:
    """Let nothing be done in a session that ended meanwhile. Raises SessionOver.

    A key has no session: whether it is in force was asked when the request came.
    """
    if caller.means is not Means.KEY:
        await own_session(tx, caller)


async def require_proved(tx: Transaction, caller: Caller) -> None:
    """Let nobody do what is sensitive who has a second factor and did not prove it.

    Somebody may be signed in since before there was one, by a password that was stolen.
    Raises InsufficientAuthentication.
    """
    if SECOND_FACTOR not in caller.methods and await tx.second_factors.of(caller.id):
        raise second_factor_missing()


def second_factor_missing() -> InsufficientAuthentication:
    """Return the refusal that says a second factor has to be proved (RFC 9470)."""
    return InsufficientAuthentication("prove a second factor of the account", methods=SECOND_FACTOR)
