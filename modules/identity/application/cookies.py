"""Who is asking, when a browser sends its session cookie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from modules.identity.domain.refresh_token import CookieToken, RefreshTokenRefused
from modules.identity.domain.session import SessionLimits, SessionOver
from modules.identity.ports.cookies import KeptSession, KeptSessions
from shared_kernel.application import Caller, Clock, Means
from shared_kernel.domain import AccountId

# The idle limit counts days: that a session was used need not be written more often than this.
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CookieCallers:
    """Takes the cookie of a live session. It costs a request one read by an index."""

    sessions: KeptSessions
    clock: Clock
    limits: SessionLimits

    async def identify(self, text: str) -> Caller:
        """Raise SessionOver unless the cookie belongs to a live session."""
        try:
            token = CookieToken.parse(text)
        except RefreshTokenRefused:
            raise _over() from None
        session, now = await self.sessions.of_family(token.family), self.clock.now()
        if session is None or not token.has(session.token_hash) or self._is_over(session, at=now):
            raise _over()
        if now - session.last_used_at >= NOTED_EVERY:
            await self.sessions.used(session.id, at=now)
        actor = session.impersonator_id
        return Caller(
            AccountId(session.account_id),
            session.id,
            authenticated_at=session.authenticated_at,
            methods=frozenset(session.methods),
            impersonator_id=AccountId(actor) if actor is not None else None,
            means=Means.COOKIE,
            verified=session.verified,
        )

    def _is_over(self, session: KeptSession, *, at: datetime) -> bool:
        idle = at >= session.last_used_at + self.limits.idle
        return session.ended_at is not None or at >= session.expires_at or idle


def _over() -> SessionOver:
    return SessionOver("the session is over; sign in again")
