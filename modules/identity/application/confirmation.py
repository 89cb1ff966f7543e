"""Asking for the password once more, before what cannot be taken back."""

from __future__ import annotations

from dataclasses import dataclass

from modules.identity.application.protection import second_factor_missing
from modules.identity.application.queries import IdentityQueries, StoredCredentials
from modules.identity.domain.account import WrongPassword
from modules.identity.domain.second_factor import NotAsSomebodyElse
from modules.identity.domain.throttle import Flow
from modules.identity.ports import PasswordHasher
from modules.identity.ports.throttle import Throttle
from shared_kernel.application import (
    FRESH,
    SECOND_FACTOR,
    AuditEntry,
    AuditTrail,
    Caller,
    Clock,
    Outcome,
)
from shared_kernel.domain import InsufficientAuthentication


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Makes sure that it is the owner who asks, and not somebody who found their access token.

    Wrong passwords count like those of any other proof, so that nobody guesses one here.
    """

    clock: Clock
    audit: AuditTrail
    queries: IdentityQueries
    passwords: PasswordHasher
    throttle: Throttle

    async def by_password(self, caller: Caller, password: str, *, field: str) -> str:
        """Return the hash the password was verified against.

        Raises WrongPassword, which names the `field`, NotAsSomebodyElse and TooManyAttempts.
        """
        await self._require_proved(caller)
        return await self._verified(caller, password, field)

    async def by_any_means(self, caller: Caller, password: str | None) -> str | None:
        """Return the hash the password was verified against; None for an account without one.

        There a recent sign-in confirms, as nothing else can. Raises InsufficientAuthentication,
        and what `by_password` raises.
        """
        known = await self._require_proved(caller)
        if password is not None or (known is not None and known.password_hash is not None):
            return await self._verified(caller, password or "", "/password")
        if not caller.is_fresh(at=self.clock.now()):
            raise InsufficientAuthentication(
                "prove who you are once more", max_age=int(FRESH.total_seconds())
            )
        return None

    async def _verified(self, caller: Caller, password: str, field: str) -> str:
        async with self.throttle.attempt(Flow.REAUTHENTICATE, str(caller.id)) as attempt:
            known = await self.queries.credentials(caller.id)
            stored = known.password_hash if known else None
            verdict = await self.passwords.verify(password, stored)
            if stored is None or not verdict.matches:
                await self._note_failure(caller)
                raise WrongPassword("the password is wrong", field=field)
            attempt.succeed()
        return stored

    async def _require_proved(self, caller: Caller) -> StoredCredentials | None:
        """Return what protects the account.

        A session from before it had a second factor proves one first: a password alone may be
        stolen. Raises InsufficientAuthentication and NotAsSomebodyElse.
        """
        _refuse_impersonation(caller)
        known = await self.queries.credentials(caller.id)
        if known is not None and known.protected and SECOND_FACTOR not in caller.methods:
            raise second_factor_missing()
        return known

    async def _note_failure(self, caller: Caller) -> None:
        await self.audit.record(
            AuditEntry(
                action="identity.confirmation_failed",
                occurred_at=self.clock.now(),
                outcome=Outcome.REFUSED,
                subject_id=caller.id,
            )
        )


def _refuse_impersonation(caller: Caller) -> None:
    if caller.impersonator_id is not None:
        raise NotAsSomebodyElse("not while acting as somebody else")
