"""Proving once more who one is, within a session (RFC 9470)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from modules.identity.application.admission import SignedIn
from modules.identity.application.codes import Code
from modules.identity.application.commands import Password
from modules.identity.application.protection import own_session, second_factor_missing
from modules.identity.application.queries import IdentityQueries
from modules.identity.domain.account import Account, AccountStatus, WrongPassword
from modules.identity.domain.refresh_token import CookieToken, RefreshToken
from modules.identity.domain.second_factor import NotAsSomebodyElse
from modules.identity.domain.session import Session, SessionOver
from modules.identity.domain.throttle import Flow
from modules.identity.ports import AccessTokens, PasswordHasher, RefreshTokens
from modules.identity.ports.second_factor import (
    BeginSecondFactor,
    FactorProof,
    SecondFactorTransaction,
)
from modules.identity.ports.throttle import Attempt, Throttle
from shared_kernel.application import (
    SECOND_FACTOR,
    AuditEntry,
    AuditTrail,
    Caller,
    Clock,
    Command,
    Means,
    Outcome,
)
from shared_kernel.domain import DomainError

PASSWORD = "pwd"  # noqa: S105 - the method's name in RFC 8176


class ProvePassword(Command):
    """Prove who you are by the password, where no second factor protects the account."""

    password: Password = field(repr=False)


class ProveCode(Command):
    """Prove who you are by a code of the authenticator app, or by a recovery code."""

    code: Code = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasswordProof:
    """A password that somebody shows, verified already against the hash that was stored."""

    verified_hash: str = field(repr=False)

    async def verify(self, tx: SecondFactorTransaction, account: Account) -> Collection[str]:
        """Refuse it where it is not enough, or was changed meanwhile."""
        if not account.accepts(self.verified_hash):
            raise _wrong_password()
        if await tx.second_factors.of(account.id):
            raise second_factor_missing()
        return [PASSWORD]


@dataclass(frozen=True, slots=True)
class Reauthenticate:
    """Renews a session's proof of who is using it.

    The session goes on with a new token: its old refresh token or cookie is dead (ASVS 7.2.4).
    Access tokens from before stay what they were: the time and the methods of the proof are
    written in them, so they remain stale until they expire. Where a second factor protects the
    account, the password alone is not enough.
    """

    begin: BeginSecondFactor
    clock: Clock
    audit: AuditTrail
    queries: IdentityQueries
    passwords: PasswordHasher
    refresh_tokens: RefreshTokens
    access_tokens: AccessTokens
    throttle: Throttle

    async def with_password(self, caller: Caller, password: str) -> SignedIn:
        """Raise WrongPassword, InsufficientAuthentication, TooManyAttempts."""
        _refuse_impersonation(caller)
        async with self.throttle.attempt(Flow.REAUTHENTICATE, str(caller.id)) as attempt:
            return await self._with_password(caller, password, attempt)

    async def with_factor(self, caller: Caller, proof: FactorProof) -> SignedIn:
        """Raise what the proof is refused with, and TooManyAttempts."""
        _refuse_impersonation(caller)
        async with self.throttle.attempt(Flow.REAUTHENTICATE, str(caller.id)) as attempt:
            return await self._renewed(caller, proof, [SECOND_FACTOR], attempt)

    async def _with_password(self, caller: Caller, password: str, attempt: Attempt) -> SignedIn:
        known = await self.queries.credentials(caller.id)
        stored = known.password_hash if known else None
        verdict = await self.passwords.verify(password, stored)
        if stored is None or not verdict.matches:
            refused = _wrong_password()
            await self._note_failure(caller, refused)
            raise refused
        return await self._renewed(caller, PasswordProof(stored), [], attempt)

    async def _renewed(
        self,
        caller: Caller,
        proof: FactorProof,
        besides: Collection[str],
        attempt: Attempt,
    ) -> SignedIn:
        try:
            async with self.begin() as tx:
                account, session = await own_session(tx, caller)
                if account.status is not AccountStatus.ACTIVE:
                    raise SessionOver("the session is over; sign in again")
                proved = await proof.verify(tx, account)
                attempt.succeed(tx)
                return self._renew(tx, caller, session, account, {*proved, *besides})
        except DomainError as refused:
            await self._note_failure(caller, refused)
            raise

    def _renew(
        self,
        tx: SecondFactorTransaction,
        caller: Caller,
        session: Session,
        account: Account,
        proved: Collection[str],
    ) -> SignedIn:
        now, secret = self.clock.now(), self.refresh_tokens.first().secret
        kind = CookieToken if caller.means is Means.COOKIE else RefreshToken
        token = kind(session.family, secret)
        session.renew(token, methods=proved, at=now)
        tx.audit(
            AuditEntry(
                action="identity.reauthenticated",
                occurred_at=now,
                subject_id=session.id,
                actor_id=caller.id,
                detail={"methods": " ".join(sorted(proved))},
            )
        )
        left = int((session.expires_at - now).total_seconds())
        seconds = left if caller.means is Means.COOKIE else None
        access = self.access_tokens.issue(session, at=now, verified=account.is_verified)
        return SignedIn(access, token.text, seconds)

    async def _note_failure(self, caller: Caller, refused: DomainError) -> None:
        await self.audit.record(
            AuditEntry(
                action="identity.reauthentication_failed",
                occurred_at=self.clock.now(),
                outcome=Outcome.REFUSED,
                subject_id=caller.session_id,
                actor_id=caller.id,
                detail={"reason": refused.code},
            )
        )


def _refuse_impersonation(caller: Caller) -> None:
    if caller.impersonator_id is not None:
        raise NotAsSomebodyElse("not while acting as somebody else")


def _wrong_password() -> WrongPassword:
    return WrongPassword("the password is wrong", field="/password")
