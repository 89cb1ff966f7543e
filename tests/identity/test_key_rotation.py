"""Signing keys follow each other without one failed request."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from bootstrap.settings import PlatformSettings
from modules.identity.adapters import cli
from modules.identity.adapters.settings import IdentitySettings
from modules.identity.adapters.tokens import KeyRing
from modules.identity.application.key_rotation import RotateKeys
from modules.identity.domain.signing_key import (
    KeyState,
    KeyTooNew,
    StoredKey,
    completed,
    rotated,
)
from shared_kernel.module import Services
from tests.kit.commands import typing_over
from tests.kit.identity import NOON, MovableClock
from tests.kit.identity_keys import LIFE
from tests.kit.people import People, Person
from tests.kit.running import client_of, running

ME, REFRESH, KEYS = "/v1/identity/me", "/v1/identity/refresh", "/.well-known/jwks.json"


class Maker:
    """Makes keys named one, two, three ... at a time."""

    def __init__(self) -> None:
        self.clock = MovableClock()
        self.made = 0

    def __call__(self, state: KeyState) -> StoredKey:
        self.made += 1
        now = self.clock.now()
        return StoredKey(f"key-{self.made}", b"public", b"sealed", state, now, now)


def states(keys: list[StoredKey]) -> dict[str, KeyState]:
    return {one.kid: one.state for one in keys}


def test_there_is_always_one_key_that_signs_and_one_that_is_next() -> None:
    make = Maker()
    keys = completed([], make)
    assert states(keys) == {"key-1": KeyState.ACTIVE, "key-2": KeyState.NEXT}
    assert completed(keys, make) == keys


def test_the_next_key_takes_over_and_the_one_before_still_verifies() -> None:
    make = Maker()
    keys = completed([], make)
    make.clock.move(LIFE.published)
    after = rotated(keys, make, at=make.clock.now(), life=LIFE)
    assert states(after) == {
        "key-1": KeyState.RETIRED,
        "key-2": KeyState.ACTIVE,
        "key-3": KeyState.NEXT,
    }


def test_a_key_that_nobody_can_know_yet_does_not_take_over() -> None:
    make = Maker()
    keys = completed([], make)
    make.clock.move(LIFE.published - timedelta(seconds=1))
    with pytest.raises(KeyTooNew):
        rotated(keys, make, at=make.clock.now(), life=LIFE)


def test_a_retired_key_is_dropped_when_no_token_of_it_can_be_left() -> None:
    make = Maker()
    keys = completed([], make)
    for passed in (LIFE.published, LIFE.published, LIFE.kept):
        make.clock.move(passed)
        keys = rotated(keys, make, at=make.clock.now(), life=LIFE)
    assert states(keys) == {
        "key-3": KeyState.RETIRED,
        "key-4": KeyState.ACTIVE,
        "key-5": KeyState.NEXT,
    }


def test_at_once_leaves_nothing_of_the_keys_before() -> None:
    make = Maker()
    keys = rotated(completed([], make), make, at=NOON, life=LIFE, at_once=True)
    assert states(keys) == {"key-2": KeyState.ACTIVE, "key-3": KeyState.NEXT}


def identity_settings(**changes: Any) -> IdentitySettings:
    return IdentitySettings(**changes)


def services_of(app: FastAPI) -> Services:
    services: Services = app.state.services
    return services


async def test_the_key_set_shows_the_next_key_before_it_signs(
    client: httpx2.AsyncClient, app: FastAPI
) -> None:
    shown = await client.get(KEYS)
    assert shown.headers["cache-control"] == "public, max-age=300"
    names = {one["kid"] for one in shown.json()["keys"]}
    assert len(names) >= 2
    assert services_of(app).get(KeyRing).signing()[0] in names
    assert all("d" not in one for one in shown.json()["keys"])


async def test_no_request_fails_while_keys_rotate_under_two_applications(
    settings: PlatformSettings, people: People
) -> None:
    person = await people.register()
    quick = {IdentitySettings: identity_settings(signing_key_published_seconds=3)}
    async with (
        running(settings, replace=quick) as one,
        running(settings, replace=quick) as two,
        client_of(one) as here,
        client_of(two) as there,
    ):
        rotating = asyncio.create_task(rotate_twice(services_of(one).get(RotateKeys)))
        statuses, signers = await use_until(rotating, person, here, there)
        await rotating
    assert set(statuses) == {200}
    assert statuses[200] > 20
    assert len(signers) == 3


async def rotate_twice(rotate: RotateKeys) -> None:
    for _ in range(2):
        await asyncio.sleep(3.1)
        await rotate()
    await asyncio.sleep(1.5)  # the other application has seen it then


async def use_until(
    ended: asyncio.Task[None], person: Person, here: httpx2.AsyncClient, there: httpx2.AsyncClient
) -> tuple[Counter[int], set[str]]:
    """Read and refresh in both; return the statuses seen, and the headers of the tokens used."""
    statuses, signers = Counter[int](), set[str]()
    refresh_token = person.refresh_token
    while not ended.done():
        answer = await here.post(REFRESH, json={"refresh_token": refresh_token})
        statuses[answer.status_code] += 1
        token, refresh_token = answer.json()["access_token"], answer.json()["refresh_token"]
        signers.add(token.partition(".")[0])
        for http in (here, there):
            shown = await http.get(ME, headers={"authorization": f"Bearer {token}"})
            statuses[shown.status_code] += 1
        here, there = there, here
        await asyncio.sleep(0.02)
    return statuses, signers


async def test_at_once_refuses_tokens_signed_before_and_keeps_sessions(
    settings: PlatformSettings, people: People, app: FastAPI
) -> None:
    person = await people.register()
    async with running(settings) as other, client_of(other) as elsewhere:
        token = {"authorization": str(person.http.headers["authorization"])}
        assert (await elsewhere.get(ME, headers=token)).status_code == 200
        await services_of(app).get(RotateKeys)(at_once=True)
        assert (await person.http.get(ME)).status_code == 401
        async with asyncio.timeout(10):
            while (await elsewhere.get(ME, headers=token)).status_code != 401:  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.05)
        answer = await elsewhere.post(REFRESH, json={"refresh_token": person.refresh_token})
        fresh = {"authorization": f"Bearer {answer.json()['access_token']}"}
        assert (await elsewhere.get(ME, headers=fresh)).status_code == 200


async def test_the_command_shows_the_keys_and_rotates_them(app: FastAPI) -> None:
    type_in = typing_over(app)
    shown = await type_in(cli.keys, "list", "--json")
    before = {one["kid"]: one["state"] for one in json.loads(shown.stdout)}
    assert sorted(before.values()).count("active") == 1
    too_new = await type_in(cli.keys, "rotate")
    assert (too_new.exit_code, "less than 600 seconds" in too_new.stderr) == (3, True)
    refused = await type_in(cli.keys, "rotate", "--at-once", "--json")
    assert refused.exit_code == 4
    turned = await type_in(cli.keys, "rotate", "--at-once", "--yes", "--json")
    after = {one["kid"]: one["state"] for one in json.loads(turned.stdout)}
    following = next(kid for kid, state in before.items() if state == "next")
    assert after[following] == "active"
    assert len(after) == 2
