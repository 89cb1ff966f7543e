"""Mails of an application by itself: its server away or refusing, none at all, another mailer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import asyncpg
import httpx2
import pytest

from bootstrap.settings import PlatformSettings
from modules.identity.adapters.settings import IdentitySettings
from modules.identity.ports.mail import Mailer
from tests.kit.cluster import TestDatabase, drop_database, new_database
from tests.kit.identity_mail import RecordedMails
from tests.kit.people import PASSWORD, People
from tests.kit.running import identity_settings, running, settings_for
from tests.kit.smtp import receiving

CLOSE = "/v1/identity/me"


@pytest.fixture(scope="module")
def database() -> Iterator[TestDatabase]:
    """A database that no other application delivers the events of."""
    made = new_database(f"mail_{os.getpid()}")
    yield made
    drop_database(made)


@pytest.fixture
def settings(database: TestDatabase) -> PlatformSettings:
    return settings_for(database)


async def close(http: httpx2.AsyncClient) -> None:
    answer = await http.request("DELETE", CLOSE, json={"password": PASSWORD})
    assert answer.status_code in {202, 204}, answer.text


async def test_a_mail_waits_for_a_server_that_is_away(settings: PlatformSettings) -> None:
    async with receiving() as gone:
        pass
    parts = {IdentitySettings: identity_settings(**gone.settings)}
    async with running(settings, replace=parts) as app:
        people = People(app)
        person = await people.register()
        await close(person.http)
        await people.close()
        await asyncio.sleep(0.3)
        async with receiving(port=gone.port) as back:
            assert await back.next(person.email, within=20)


async def test_a_mail_refused_for_good_is_tried_once_and_audited(
    settings: PlatformSettings, database: TestDatabase
) -> None:
    async with receiving() as server:
        server.rcpt.extend(["550 no such user"] * 50)
        parts = {IdentitySettings: identity_settings(**server.settings)}
        async with running(settings, replace=parts) as app:
            people = People(app)
            person = await people.register()
            await close(person.http)
            await people.close()
            found = await audited(database, "identity.mail_given_up", person.id)
        assert '"status": "550"' in found["detail"]
        assert person.email not in str(found)
        tried = 50 - len(server.rcpt)
        await asyncio.sleep(1)
        assert 50 - len(server.rcpt) == tried


async def test_another_mailer_can_take_the_place_of_ours(settings: PlatformSettings) -> None:
    mails = RecordedMails()
    async with running(settings, replace={Mailer: mails}) as app:
        people = People(app)
        person = await people.register()
        await close(person.http)
        await people.close()
        assert await mails.next(person.email)


async def test_in_development_mails_are_printed(
    settings: PlatformSettings, capfd: pytest.CaptureFixture[str]
) -> None:
    printed = ""
    async with running(settings) as app:
        people = People(app)
        person = await people.register()
        await close(person.http)
        await people.close()
        async with asyncio.timeout(10):
            while "Your account was closed" not in printed:
                await asyncio.sleep(0.05)
                printed += capfd.readouterr().err
    assert f"Mail to {person.email}" in printed


async def audited(database: TestDatabase, action: str, subject: Any) -> Any:
    """The entry of the audit log, as soon as it is there."""
    query = "select * from audit.events where action = $1 and subject_id = $2"
    connection = await asyncpg.connect(database.owner_url)
    try:
        async with asyncio.timeout(10):
            while not (found := await connection.fetch(query, action, subject)):  # noqa: ASYNC110 - a row
                await asyncio.sleep(0.05)
            return dict(found[0])
    finally:
        await connection.close()


async def test_a_mail_that_hangs_holds_up_no_other(settings: PlatformSettings) -> None:
    closed = "Your account was closed"
    async with receiving() as server:
        parts = {IdentitySettings: identity_settings(smtp_seconds=30, **server.settings)}
        async with running(settings, replace=parts) as app:
            people = People(app)
            stuck, others = await people.register(), [await people.register() for _ in range(3)]
            server.stuck.add(stuck.email)
            for person in (stuck, *others):
                await close(person.http)
            await people.close()
            for person in others:
                assert await server.next(person.email, subject=closed, within=10)
            assert not [
                one for one in server.received if (one.to, one.subject) == (stuck.email, closed)
            ]
            server.stuck.clear()
            assert await server.next(stuck.email, subject=closed, within=10)
