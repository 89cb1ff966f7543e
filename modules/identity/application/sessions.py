"""What can be done with sessions that have begun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from modules.identity.application.admission import SignedIn
from modules.identity.domain.refresh_token import RefreshToken, RefreshTokenRefused
from modules.identity.domain.session import (
    EndReason,
    Exchange,
    Session,
    SessionLimits,
    SessionUnknown,
    with_led,
)
from modules.identity.domain.throttle import Flow
from modules.identity.ports import AccessTokens, Begin, RefreshTokens, Transaction
from modules.identity.ports.throttle import Throttle
from modules.identity.public import SessionStolen
from shared_kernel.application import AuditEntry, Caller, Clock, Outcome
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True)
class SessionService:
    """Keeps sessions going, and ends them."""

    begin: Begin
    clock: Clock
    refresh_tokens: RefreshTokens
    access_tokens: AccessTokens
    limits: SessionLimits
    throttle: Throttle

    async def refresh(self, text: str) -> SignedIn:
        """Exchange a refresh token for the next one and an access token.

        A token used before ends the session, in a transaction that commits before the refusal.
        Raises RefreshTokenRefused and TooManyAttempts.
        """
        async with self.throttle.attempt(Flow.REFRESH):
            return await self._exchanged(text)

    async def _exchanged(self, text: str) -> SignedIn:
        token, now = RefreshToken.parse(text), self.clock.now()
        successors = self.refresh_tokens.successors(token)
        async with self.begin() as tx:
            session = await tx.sessions.of_family(token.family)
            if session is None:
                raise RefreshTokenRefused("the refresh token is not valid")
            outcome, following = session.exchange(token, successors, at=now, limits=self.limits)
            if outcome is Exchange.REUSED:
                await self._stolen(tx, session, now)
            verified = await tx.accounts.is_verified(session.account_id)
        if outcome not in {Exchange.ROTATED, Exchange.REPEATED}:
            raise RefreshTokenRefused("the refresh token is not valid")
        access = self.access_tokens.issue(session, at=now, verified=verified)
        return SignedIn(access, following.text)

    async def _stolen(self, tx: Transaction, session: Session, now: datetime) -> None:
        """Tell the owner, and end what the account does as others."""
        owner = AccountId(session.account_id)
        reused = "identity.refresh_token_reused"
        tx.audit(_ended(session, reused, now, Outcome.REFUSED, by=owner))
        tx.publish(SessionStolen(subject_id=owner, occurred_at=now))
        for led in await tx.sessions.led_by(owner):
            led.end(EndReason.TOKEN_REUSED, at=now)

    async def sign_out(self, caller: Caller) -> None:
        """End the session the caller is using, and what they do as others."""
        async with self.begin() as tx:
            held = await tx.sessions.held_by(caller.id)
            mine = next((one for one in held if one.id == caller.session_id), None)
            if mine is not None:
                self._end(tx, caller, with_led(mine, held), EndReason.SIGNED_OUT)

    async def end(self, caller: Caller, session_id: UUID) -> None:
        """End one of the caller's sessions. Raises SessionUnknown."""
        async with self.begin() as tx:
            held = await tx.sessions.held_by(caller.id)
            chosen = self._one_of(held, session_id)
            self._end(tx, caller, with_led(chosen, held), EndReason.ENDED_BY_OWNER)

    async def rename(self, caller: Caller, session_id: UUID, name: str | None) -> None:
        """Give one of the caller's sessions a name. Raises SessionUnknown."""
        async with self.begin() as tx:
            self._one_of(await tx.sessions.open_of(caller.id), session_id).rename(name)

    async def end_others(self, caller: Caller) -> None:
        """End all sessions of the caller but the one in use, and what they do as others."""
        async with self.begin() as tx:
            held = await tx.sessions.held_by(caller.id)
            others = [one for one in held if one.id != caller.session_id]
            self._end(tx, caller, others, EndReason.ENDED_BY_OWNER)

    def _one_of(self, sessions: Sequence[Session], session_id: UUID) -> Session:
        for session in sessions:
            if session.id == session_id:
                return session
        raise SessionUnknown("there is no such session")

    def _end(
        self, tx: Transaction, caller: Caller, sessions: Sequence[Session], reason: EndReason
    ) -> None:
        now = self.clock.now()
        for session in sessions:
            session.end(reason, at=now)
            action = "signed_out" if reason is EndReason.SIGNED_OUT else "session_ended"
            done = _ended(session, f"identity.{action}", now, Outcome.DONE, by=caller.id)
            tx.audit(done)


def _ended(
    session: Session, action: str, at: datetime, outcome: Outcome, *, by: AccountId
) -> AuditEntry:
    return AuditEntry(
        action=action,
        occurred_at=at,
        outcome=outcome,
        subject_id=session.id,
        actor_id=by,
    )
