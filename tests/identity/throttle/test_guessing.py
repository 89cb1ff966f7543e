"""Guessing over HTTP: two processes, one database, the limits as they come."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any
from uuid import uuid4

import pytest

from bootstrap.settings import PlatformSettings
from shared_kernel.adapters.limits import SqlRateLimiter
from shared_kernel.adapters.secrets import SecretKeys
from shared_kernel.adapters.sql import Database
from shared_kernel.application import RateLimiter
from tests.identity.throttle.towns import (
    REFRESH,
    REGISTER,
    SECOND,
    WRONG,
    Town,
    counted,
    town_of,
)
from tests.kit.cluster import TestDatabase
from tests.kit.people import PASSWORD, Person
from tests.kit.running import settings_for


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
