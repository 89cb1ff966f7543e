"""Guessing over HTTP: two processes, one database, the limits as they come."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from bootstrap.settings import PlatformSettings
from modules.identity.adapters.settings import IdentitySettings
from shared_kernel.adapters.limits import SqlRateLimiter
from shared_kernel.adapters.secrets import SecretKeys
from shared_kernel.adapters.sql import Database
from shared_kernel.application import Clock, RateLimiter
from tests.kit.cluster import TestDatabase
from tests.kit.identity import MovableClock
from tests.kit.people import PASSWORD, People, Person
from tests.kit.running import running, settings_for

LOGIN, REGISTER, REFRESH = "/v1/identity/login", "/v1/identity/register", "/v1/identity/refresh"
WRONG = "this is not the password of anybody"
SECOND = timedelta(seconds=1)


@dataclass
class Town:
    """Applications over one database, and people who come from anywhere."""

    apps: Sequence[FastAPI]
    clock: MovableClock

    async def post(
        self,
        path: str,
        body: dict[str, Any],
        *,
        peer: str = "192.0.2.7",
        at: int = 0,
        headers: dict[str, str] | None = None,
    ) -> httpx2.Response:
        app = self.apps[at % len(self.apps)]
        transport = httpx2.ASGITransport(app=app, client=(peer, 4711))
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8000"
        ) as http:
            return await http.post(path, json=body, headers=headers)

    async def sign_in(self, email: str, password: str = WRONG, **options: Any) -> httpx2.Response:
        return await self.post(LOGIN, {"email": email, "password": password}, **options)

    async def fail(self, email: str, times: int, **options: Any) -> list[int]:
        return [(await self.sign_in(email, **options)).status_code for _ in range(times)]


@asynccontextmanager
async def town_of(
    settings: PlatformSettings,
    *,
    apps: int = 1,
    parts: dict[type[Any], Any] | None = None,
    **terms: Any,
) -> AsyncGenerator[Town]:
    clock = MovableClock()
    made: dict[type[Any], Any] = {
        IdentitySettings: IdentitySettings(require_verified_email=False, **terms),
        Clock: clock,
    }
    made |= parts or {}
    async with running(settings, replace=made) as one:
        if apps == 1:
            yield Town([one], clock)
            return
        async with running(settings, replace=made) as other:
            yield Town([one, other], clock)


@pytest_asyncio.fixture
async def town(settings: PlatformSettings, clean: None) -> AsyncGenerator[Town]:
    async with town_of(settings) as made:
        yield made


@pytest_asyncio.fixture
async def person(people: People) -> Person:
    return await people.register()


async def counted(database: TestDatabase, action: str) -> int:
    connection = await asyncpg.connect(database.owner_url)
    try:
        found = await connection.fetchval(
            "select count(*) from audit.events where action = $1 and occurred_at >= '2030-01-01'",
            action,
        )
    finally:
        await connection.close()
    return int(found)


async def attack(town: Town, email: str) -> Counter[int]:
    guesses = [town.sign_in(email, f"{WRONG} {n}", peer=f"10.{n}.0.1", at=n) for n in range(50)]
    return Counter(answer.status_code for answer in await asyncio.gather(*guesses))


@pytest.mark.parametrize("known", [True, False])
async def test_of_fifty_guesses_at_once_in_two_processes_exactly_five_are_verified(
    settings: PlatformSettings, database: TestDatabase, person: Person, known: bool
) -> None:
    before = await counted(database, "identity.sign_in_failed")
    async with town_of(settings, apps=2) as town:
        email = person.email if known else f"{uuid4().hex}@example.com"
        assert await attack(town, email) == {401: 5, 429: 45}
    assert await counted(database, "identity.sign_in_failed") - before == 5


async def test_of_fifty_guesses_from_one_address_thirty_are_verified(
    settings: PlatformSettings, clean: None
) -> None:
    async with town_of(settings, apps=2) as town:
        guesses = [town.sign_in(f"{uuid4().hex}@example.com", at=n) for n in range(50)]
        statuses = Counter(one.status_code for one in await asyncio.gather(*guesses))
    assert statuses == {401: 30, 429: 20}


async def test_the_refusal_says_when_to_come_back_and_not_whether_there_is_an_account(
    town: Town, person: Person
) -> None:
    told = list[dict[str, Any]]()
    for email in (person.email, f"{uuid4().hex}@example.com"):
        assert await town.fail(email, 5) == [401] * 5
        answer = await town.sign_in(email, PASSWORD)
        assert answer.status_code == 429
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["retry-after"] == "1"
        assert answer.headers["ratelimit-policy"] == '"sign_in.account_failures";q=5;w=300'
        assert answer.headers["ratelimit"] == '"sign_in.account_failures";r=0;t=1'
        fixed = ("type", "title", "status", "detail", "code")
        told.append({name: answer.json()[name] for name in fixed})
    assert told[0] == told[1]
    assert told[0]["code"] == "identity.too_many_attempts"


async def test_the_right_password_comes_in_after_the_wait_and_clears_it(
    town: Town, person: Person
) -> None:
    await town.fail(person.email, 6)
    town.clock.move(SECOND)
    assert (await town.sign_in(person.email, PASSWORD)).status_code == 200
    assert await town.fail(person.email, 6) == [401] * 5 + [429]


async def test_ways_to_write_an_address_share_a_counter(town: Town, clean: None) -> None:
    written = [
        "ada@xn--bcher-kva.example", "ADA@b\u00fccher.example", "Ada@B\u00dcCHER.EXAMPLE",
        "ada@bu\u0308cher.example", "aDa@XN--BCHER-KVA.example",
    ]  # fmt: skip
    assert [(await town.sign_in(one)).status_code for one in written] == [401] * 5
    assert (await town.sign_in("ada@b\u00fccher.example")).status_code == 429


async def test_forged_headers_make_nobody_somebody_else(town: Town, clean: None) -> None:
    async def guess(n: int) -> int:
        forged = {
            "x-forwarded-for": f"198.51.100.{n}", "x-real-ip": f"198.51.100.{n}",
            "forwarded": f"for=198.51.100.{n}", "true-client-ip": f"198.51.100.{n}",
        }  # fmt: skip
        answer = await town.sign_in(f"{uuid4().hex}@example.com", headers=forged)
        return answer.status_code

    assert [await guess(n) for n in range(32)] == [401] * 30 + [429] * 2


async def test_behind_a_trusted_proxy_each_client_is_counted_for_itself(
    database: TestDatabase, clean: None
) -> None:
    trusting = settings_for(database, trusted_proxies="10.0.0.0/8")
    async with town_of(trusting, attempts_per_client=2) as town:

        async def guess(forwarded: str) -> int:
            headers = {"x-forwarded-for": forwarded}
            email = f"{uuid4().hex}@example.com"
            return (await town.sign_in(email, peer="10.0.0.1", headers=headers)).status_code

        assert [await guess("198.51.100.1") for _ in range(3)] == [401, 401, 429]
        assert await guess("198.51.100.2") == 401
        assert (
            await guess("203.0.113.9, 198.51.100.1") == 429
        )  # what the client made up comes first


async def test_an_ipv6_subscriber_is_one_client_whichever_address_is_used(
    settings: PlatformSettings, clean: None
) -> None:
    async with town_of(settings, attempts_per_client=3) as town:

        async def guess(peer: str) -> int:
            return (await town.sign_in(f"{uuid4().hex}@example.com", peer=peer)).status_code

        assert [await guess(f"2001:db8:1:2::{n:x}") for n in range(4)] == [401] * 3 + [429]
        assert await guess("2001:db8:1:3::1") == 401
        assert [await guess("198.51.100.1") for _ in range(3)] == [401] * 3
        assert await guess("::ffff:198.51.100.1") == 429


async def test_an_attacker_cannot_keep_the_owner_out_of_a_known_device(
    town: Town, person: Person
) -> None:
    signed_in = await town.sign_in(person.email, PASSWORD)
    token = signed_in.json()["device_token"]
    for _ in range(12):
        town.clock.move(timedelta(minutes=1))
        await town.fail(person.email, 2, peer="203.0.113.9")
    body = {"email": person.email, "password": PASSWORD}
    assert (await town.post(LOGIN, body)).status_code == 429

    again = await town.post(LOGIN, body | {"device_token": token})
    assert again.status_code == 200
    cookie = {"cookie": f"__Host-device={again.json()['device_token']}"}
    assert (await town.post(LOGIN, body, headers=cookie)).status_code == 200


async def test_a_browser_keeps_what_it_is_recognised_by_in_a_cookie(
    town: Town, person: Person
) -> None:
    body = {"email": person.email, "password": PASSWORD}
    page = {"sec-fetch-site": "same-origin"}
    answer = await town.post(f"{LOGIN}?mode=cookie", body, headers=page)
    [kept] = [one for one in answer.headers.get_list("set-cookie") if "device" in one]
    assert kept.startswith("__Host-device=app_dev_")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=strict"} < set(kept.split("; "))
    assert "app_dev_" not in answer.text


async def test_a_known_device_guesses_no_faster_and_no_other_account(
    town: Town, person: Person, people: People
) -> None:
    victim = await people.register()
    token = (await town.sign_in(person.email, PASSWORD)).json()["device_token"]
    body = {"email": person.email, "password": WRONG, "device_token": token}
    own = [(await town.post(LOGIN, body)).status_code for _ in range(7)]
    assert own == [401] * 5 + [429] * 2
    await town.fail(victim.email, 5)
    other = {"email": victim.email, "password": PASSWORD, "device_token": token}
    assert (await town.post(LOGIN, other)).status_code == 429


async def test_a_success_after_many_failures_is_told(
    town: Town, database: TestDatabase, person: Person
) -> None:
    before = await counted(database, "identity.SignedInAfterFailures")
    await town.fail(person.email, 4)
    assert (await town.sign_in(person.email, PASSWORD)).status_code == 200
    assert await counted(database, "identity.SignedInAfterFailures") == before
    await town.fail(person.email, 5)
    town.clock.move(SECOND)
    assert (await town.sign_in(person.email, PASSWORD)).status_code == 200
    assert await counted(database, "identity.SignedInAfterFailures") == before + 1


async def test_a_flood_of_refusals_leaves_one_line_in_the_audit_log(
    town: Town, database: TestDatabase, clean: None
) -> None:
    before = await counted(database, "identity.attempts_limited")
    answers = [town.sign_in("ada@example.com", peer=f"10.{n}.0.1") for n in range(100)]
    assert Counter(one.status_code for one in await asyncio.gather(*answers))[429] == 95
    assert await counted(database, "identity.attempts_limited") == before + 1


async def test_registrations_are_few_for_a_client_and_for_an_address(
    settings: PlatformSettings, clean: None
) -> None:
    async with town_of(settings, attempts_per_client=4) as town:

        async def register(email: str, peer: str, password: str = PASSWORD) -> int:
            body = {"email": email, "password": password}
            return (await town.post(REGISTER, body, peer=peer)).status_code

        made = [await register(f"{uuid4().hex}@example.com", "192.0.2.1") for _ in range(5)]
        assert made == [202] * 4 + [429]
        weak = [await register("ada@example.com", "192.0.2.2", "short") for _ in range(9)]
        assert weak == [422] * 9
        same = [await register("ADA@example.com", f"198.51.100.{n}") for n in range(6)]
        assert same == [202] * 5 + [429]


async def test_refreshes_are_limited_for_a_client(settings: PlatformSettings, clean: None) -> None:
    async with town_of(settings, refreshes_per_client=3) as town:
        body = {"refresh_token": "app_rt_nothing"}
        answers = [await town.post(REFRESH, body) for _ in range(5)]
        assert [one.status_code for one in answers] == [401] * 3 + [429] * 2
        assert answers[-1].headers["ratelimit-policy"] == '"refresh.client";q=3;w=60'


async def test_without_its_counters_nobody_signs_in(
    settings: PlatformSettings, person: Person
) -> None:
    away = Database("postgresql://app:secret@127.0.0.1:1/app")
    limiter = SqlRateLimiter(away, SecretKeys([b"a secret key for tests of 32 bytes"]))
    async with town_of(settings, parts={RateLimiter: limiter}) as town:
        answer = await town.sign_in(person.email, PASSWORD)
        assert answer.status_code == 503
        assert "retry-after" in answer.headers
    await away.engine.dispose()
