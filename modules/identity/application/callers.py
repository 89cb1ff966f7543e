"""Who is asking: from the Authorization header to a caller."""

from __future__ import annotations

from dataclasses import dataclass

from modules.identity.application.cookies import CookieCallers
from modules.identity.application.key_callers import KeyCallers
from modules.identity.domain.api_secret import ApiSecret
from modules.identity.domain.session import AccessTokenRefused
from modules.identity.ports import AccessTokens, LiveSessions
from shared_kernel.application import Caller, Clock, Credentials, Means

SCHEME = "bearer"


@dataclass(frozen=True, slots=True)
class BearerCallers:
    """Takes an access token or an API key as a bearer token (RFC 6750), or a cookie.

    Runs on every request.
    """

    tokens: AccessTokens
    sessions: LiveSessions
    cookies: CookieCallers
    keys: KeyCallers
    clock: Clock

    async def identify(self, credentials: Credentials) -> Caller | None:
        """Return the caller of a valid token whose session is live, or of a key in force.

        Raises AccessTokenRefused, SessionOver, ApiKeyRefused; Unavailable when it cannot be known
        whether the session is live or the key in force.
        """
        header = credentials.authorization
        if header is None:
            cookie = credentials.cookie
            return await self.cookies.identify(cookie) if cookie is not None else None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != SCHEME:
            raise AccessTokenRefused("send the access token as a bearer token")
        if ApiSecret.is_meant(token):
            return await self.keys.identify(token)
        caller = await self.tokens.verify(token, at=self.clock.now())
        if caller.means is Means.KEY:
            await self.keys.require_live(caller)
        else:
            await self.sessions.require(caller.session_id)
        return caller
