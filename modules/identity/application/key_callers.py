"""Who is asking, when a program sends a key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import NoReturn

from modules.identity.domain.api_secret import ApiKeyRefused, ApiSecret, KnownSecret, SecretKind
from modules.identity.domain.throttle import Flow
from modules.identity.ports.api_keys import SecretRecords, SecretUses
from modules.identity.ports.throttle import Throttle
from shared_kernel.application import Caller, Clock, Means
from shared_kernel.domain import AccountId

USE_KEPT_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class KeyCallers:
    """Takes personal API keys and the secrets of service accounts. Runs at every such request.

    What is stored is read each time, by its primary key, so that whatever was revoked, closed or
    disabled anywhere is refused at once. What is no key, by its checksum, costs no read.
    """

    records: SecretRecords
    uses: SecretUses
    throttle: Throttle
    clock: Clock

    async def identify(self, text: str) -> Caller:
        """Return the caller of a key. Raises ApiKeyRefused; TooManyAttempts to who keeps trying."""
        presented, now = ApiSecret.of(text), self.clock.now()
        if presented is None:
            raise _refused()
        known = await self.records.find(presented.kind, presented.id)
        if known is None or not known.opens_to(presented, at=now):
            await self._refuse()
        self.note_use(presented.kind, known)
        return Caller(
            AccountId(known.account_id),
            known.id,
            methods=frozenset(known.methods),
            scope=None if known.scope is None else frozenset(known.scope),
            means=Means.KEY,
            verified=known.verified,
        )

    async def require_live(self, caller: Caller) -> None:
        """Raise ApiKeyRefused unless the secret that an access token was made of is in force."""
        known = await self.records.find(SecretKind.SERVICE, caller.session_id)
        live = known is not None and known.is_live(at=self.clock.now())
        if known is None or not live or known.account_id != caller.id:
            raise _refused()

    def note_use(self, kind: SecretKind, known: KnownSecret) -> None:
        """Remember, for the owner to see, that the key was used."""
        now, last = self.clock.now(), known.last_used_at
        if last is None or now - last >= USE_KEPT_EVERY:
            self.uses.used(kind, known.id, at=now)

    async def _refuse(self) -> NoReturn:
        async with self.throttle.attempt(Flow.API_KEY):
            raise _refused()


def _refused() -> ApiKeyRefused:
    return ApiKeyRefused("the API key is not valid")
