"""A session that ends is refused everywhere within two seconds, whatever is lost on the way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import httpx2
import pytest
from fastapi import FastAPI

from bootstrap.settings import PlatformSettings
from modules.identity.adapters import revocation
from modules.identity.adapters.revocation import RecentlyEnded
from modules.identity.domain.session import SessionOver
from shared_kernel.adapters.signals import Signals
from shared_kernel.adapters.sql import Database
from shared_kernel.domain import Unavailable
from tests.kit.identity import MovableClock
from tests.kit.people import PASSWORD, People, Person
from tests.kit.running import client_of, running

ME, LOGOUT = "/v1/identity/me", "/v1/identity/logout"
LIFETIME = timedelta(minutes=10)
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def headers_of(person: Person) -> dict[str, str]:
    return {"authorization": str(person.http.headers["authorization"])}


async def seconds_until_refused(client: httpx2.AsyncClient, headers: dict[str, str]) -> float:
    began = time.monotonic()
    while (await client.get(ME, headers=headers)).status_code == 200:
        assert time.monotonic() - began < 5
        await asyncio.sleep(0.02)
    return time.monotonic() - began


async def test_signing_out_here_is_known_in_another_application(
    settings: PlatformSettings, people: People
) -> None:
    person = await people.register()
    async with running(settings) as other, client_of(other) as elsewhere:
        assert (await elsewhere.get(ME, headers=headers_of(person))).status_code == 200
        await person.http.post(LOGOUT)
        assert await seconds_until_refused(elsewhere, headers_of(person)) < 2


async def test_closing_an_account_is_known_in_another_application_that_hears_no_signals(
    settings: PlatformSettings, people: People
) -> None:
    person, deaf = await people.register(), Signals(Database(NOWHERE))
    async with (
        running(settings, replace={Signals: deaf}) as other,
        client_of(other) as elsewhere,
    ):
        assert (await elsewhere.get(ME, headers=headers_of(person))).status_code == 200
        await person.http.request("DELETE", ME, json={"password": PASSWORD})
        assert await seconds_until_refused(elsewhere, headers_of(person)) < 2


async def test_an_application_that_starts_later_knows_what_ended_before(
    settings: PlatformSettings, people: People, app: FastAPI
) -> None:
    person = await people.register()
    await person.http.post(LOGOUT)
    async with running(settings) as other, client_of(other) as elsewhere:
        assert (await elsewhere.get(ME, headers=headers_of(person))).status_code == 401


@dataclass
class Records:
    """Ended sessions in memory, with a database that can go away."""

    ended: dict[UUID, datetime] = field(default_factory=dict[UUID, datetime])
    away: bool = False
    asked_since: list[datetime] = field(default_factory=list[datetime])
    rows_read: int = 0

    async def ended_since(self, moment: datetime) -> Sequence[tuple[UUID, datetime]]:
        if self.away:
            raise Unavailable("the database does not answer")
        self.asked_since.append(moment)
        return [(id, at) for id, at in self.ended.items() if at >= moment]

    async def has_ended(self, session_id: UUID) -> bool:
        self.rows_read += 1
        if self.away:
            raise Unavailable("the database does not answer")
        return session_id in self.ended


@asynccontextmanager
async def watching(
    records: Records, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[RecentlyEnded]:
    """Watch a hundred times as fast as usual, without signals from elsewhere."""
    monkeypatch.setattr(revocation, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(revocation, "GAP_SECONDS", 0.0)
    monkeypatch.setattr(revocation, "FRESH_SECONDS", 0.1)
    async with RecentlyEnded(records, Signals(Database(NOWHERE)), clock, LIFETIME) as live:
        yield live


async def test_memory_answers_without_reading_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    records, clock, here, there = Records(), MovableClock(), uuid4(), uuid4()
    async with watching(records, clock, monkeypatch) as live:
        live.ended([here])
        with pytest.raises(SessionOver):
            await live.require(here)
        await live.require(there)
        records.ended[there] = clock.now()
        await asyncio.sleep(0.05)
        with pytest.raises(SessionOver):
            await live.require(there)
        with pytest.raises(SessionOver):
            await live.require(here)
    assert records.rows_read == 0


async def test_an_end_that_commits_late_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    records, clock, late = Records(), MovableClock(), uuid4()
    async with watching(records, clock, monkeypatch) as live:
        clock.move(timedelta(minutes=5))
        await asyncio.sleep(0.05)
        records.ended[late] = clock.now() - timedelta(seconds=50)
        await asyncio.sleep(0.05)
        with pytest.raises(SessionOver):
            await live.require(late)


async def test_while_memory_is_stale_rows_are_read_and_without_them_nobody_passes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records, clock, ended, running_on = Records(), MovableClock(), uuid4(), uuid4()
    async with watching(records, clock, monkeypatch) as live:
        await live.check()
        records.away = True
        await asyncio.sleep(0.2)
        with pytest.raises(Unavailable):
            await live.require(running_on)
        with pytest.raises(Unavailable):
            await live.check()
        records.ended[ended] = clock.now()
        monkeypatch.setattr(revocation, "FRESH_SECONDS", -1.0)  # rows can be read, memory is old
        records.away = False
        await asyncio.sleep(0.05)
        await live.require(running_on)
        with pytest.raises(SessionOver):
            await live.require(ended)
    assert records.rows_read >= 2


async def test_after_an_outage_everything_that_ended_meanwhile_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records, clock, ended = Records(), MovableClock(), uuid4()
    async with watching(records, clock, monkeypatch) as live:
        began = clock.now()
        records.away = True
        records.ended[ended] = began + timedelta(seconds=1)
        await asyncio.sleep(0.03)
        clock.move(timedelta(minutes=8))
        records.away = False
        await asyncio.sleep(0.05)
        with pytest.raises(SessionOver):
            await live.require(ended)
    assert min(records.asked_since[1:]) <= began


async def test_what_ended_longer_ago_than_a_token_lasts_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records, clock, ended = Records(), MovableClock(), uuid4()
    async with watching(records, clock, monkeypatch) as live:
        live.ended([ended])
        clock.move(LIFETIME)
        await asyncio.sleep(0.05)
        with pytest.raises(SessionOver):
            await live.require(ended)
        clock.move(timedelta(minutes=2))
        await asyncio.sleep(0.05)
        await live.require(ended)
