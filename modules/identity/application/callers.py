"""Who is asking: from the Authorization header to a caller."""

from __future__ import annotations

from dataclasses import dataclass

from modules.identity.application.cookies import CookieCallers
from modules.identity.domain.session import AccessTokenRefused
from modules.identity.ports import AccessTokens, LiveSessions
from shared_kernel.application import Caller, Clock, Credentials

SCHEME = "bearer"


@dataclass(frozen=True, slots=True)
class BearerCallers:
    """Takes an access token as a bearer token (RFC 6750), or a cookie. Runs on every request."""

    tokens: AccessTokens
    sessions: LiveSessions
    cookies: CookieCallers
    clock: Clock

    async def identify(self, credentials: Credentials) -> Caller | None:
        """Return the caller of a valid token whose session is live.

        Raises AccessTokenRefused and SessionOver; Unavailable when it cannot be known whether
        the session is live.
        """
        header = credentials.authorization
        if header is None:
            cookie = credentials.cookie
            return await self.cookies.identify(cookie) if cookie is not None else None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != SCHEME:
            raise AccessTokenRefused("send the access token as a bearer token")
        caller = await self.tokens.verify(token, at=self.clock.now())
        await self.sessions.require(caller.session_id)
        return caller
