"""Asking for the password once more, before what cannot be taken back."""

from __future__ import annotations

from dataclasses import dataclass

from modules.identity.application.protection import require_proved
from modules.identity.application.queries import IdentityQueries
from modules.identity.domain.account import WrongPassword
from modules.identity.domain.second_factor import NotAsSomebodyElse
from modules.identity.domain.throttle import Flow
from modules.identity.ports import Begin, PasswordHasher
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

    begin: Begin
    clock: Clock
    audit: AuditTrail
    queries: IdentityQueries
    passwords: PasswordHasher
    throttle: Throttle

    async def by_password(self, caller: Caller, password: str, *, field: str) -> str:
        """Return the hash the password was verified against.

        Raises WrongPassword, which names the `field`, NotAsSomebodyElse and TooManyAttempts.
        """
        _refuse_impersonation(caller)
        await self._require_second_factor(caller)
        async with self.throttle.attempt(Flow.REAUTHENTICATE, str(caller.id)) as attempt:
            known = await self.queries.credentials(caller.id)
            stored = known.password_hash if known else None
            verdict = await self.passwords.verify(password, stored)
            if stored is None or not verdict.matches:
                await self._note_failure(caller)
                raise WrongPassword("the password is wrong", field=field)
            attempt.succeed()
        return stored

    async def by_any_means(self, caller: Caller, password: str | None) -> str | None:
        """Return the hash the password was verified against; None for an account without one.

        There a recent sign-in confirms, as nothing else can. Raises InsufficientAuthentication,
        and what `by_password` raises.
        """
        _refuse_impersonation(caller)
        await self._require_second_factor(caller)
        known = await self.queries.credentials(caller.id)
        if password is not None or (known is not None and known.password_hash is not None):
            return await self.by_password(caller, password or "", field="/password")
        if not caller.is_fresh(at=self.clock.now()):
            raise InsufficientAuthentication(
                "prove who you are once more", max_age=int(FRESH.total_seconds())
            )
        return None

    async def _require_second_factor(self, caller: Caller) -> None:
        """Let a session from before the account had a second factor prove one first.

        A password alone may be stolen. Raises InsufficientAuthentication.
        """
        if SECOND_FACTOR in caller.methods:
            return
        async with self.begin() as tx:
            await require_proved(tx, caller)

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
