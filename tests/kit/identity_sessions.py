"""A double for the sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from modules.identity.domain.account import Account
from modules.identity.domain.session import EndReason, Session, with_led
from modules.identity.ports.pending import SecondFactors


class SessionsInMemory:
    """Sessions, inside one transaction."""

    def __init__(
        self,
        accounts: Mapping[UUID, Account],
        sessions: Mapping[UUID, Session],
        factors: SecondFactors,
    ) -> None:
        self._accounts, self._sessions, self._factors = accounts, sessions, factors
        self.added: list[Session] = []

    async def start(self, session: Session, *, most: int, unprotected: bool) -> frozenset[str]:
        factors = await self._factors.of(session.account_id) if unprotected else frozenset[str]()
        if factors:
            return factors
        mine = await self.open_of(session.account_id)
        latest_first = sorted(mine, key=lambda one: one.last_used_at, reverse=True)
        for one in latest_first[most - 1 :]:
            for led in with_led(one, await self.held_by(session.account_id)):
                led.end(EndReason.TOO_MANY, at=session.started_at)
        self.added.append(session)
        return frozenset()

    def add(self, aggregate: Session) -> None:
        self.added.append(aggregate)

    async def current(self, account_id: UUID, session_id: UUID) -> tuple[Account, Session] | None:
        session = self._sessions.get(session_id)
        mine = session is not None and session.account_id == account_id
        if session is None or not mine or session.ended_at is not None:
            return None
        return self._accounts[account_id], session

    async def of_family(self, family: UUID) -> Session | None:
        found = (one for one in self._sessions.values() if one.family == family)
        return next(found, None)

    async def open_of(self, account_id: UUID) -> Sequence[Session]:
        mine = (one for one in self._sessions.values() if one.account_id == account_id)
        return sorted((one for one in mine if one.ended_at is None), key=lambda one: one.id)

    async def held_by(self, account_id: UUID) -> Sequence[Session]:
        return [*await self.open_of(account_id), *await self.led_by(account_id)]

    async def led_by(self, impersonator_id: UUID) -> Sequence[Session]:
        every = self._sessions.values()
        led = (one for one in every if one.impersonator_id == impersonator_id)
        return [one for one in led if one.ended_at is None]
