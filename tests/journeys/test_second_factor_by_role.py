"""An administrator demands a second factor of administrators."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import asyncpg
import httpx2
import pytest_asyncio

from tests.identity.second_factors.phones import CONFIRM, STEP, STEP_UP, TOTP, code_at
from tests.kit.cluster import TestDatabase
from tests.kit.people import PASSWORD, People
from tests.kit.running import client_of

ROLES, LOGIN, KEYS = "/v1/access/roles", "/v1/identity/login", "/v1/identity/me/api-keys"


@pytest_asyncio.fixture(autouse=True)
async def roles_as_before(database: TestDatabase) -> AsyncGenerator[None]:
    yield
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute(
            "update access.roles set requires_second_factor = false;"
            "update access.policy_version set version = version + 1"
        )
    finally:
        await connection.close()


async def demand(http: httpx2.AsyncClient, role: str) -> httpx2.Response:
    listed = (await http.get(ROLES, params={"limit": 200})).json()["items"]
    found = next(one for one in listed if one["name"] == role)
    return await http.patch(
        f"{ROLES}/{found['id']}",
        json={"requires_second_factor": True},
        headers={"if-match": f'"v{found["version"]}"'},
    )


async def test_administrators_need_a_second_factor_once_one_of_them_says_so(
    people: People,
) -> None:
    first = await people.register(role="administrator")
    other = await people.register(role="administrator")
    locked_out = await demand(first.http, "administrator")
    assert (locked_out.status_code, locked_out.json()["code"]) == (
        409,
        "access.second_factor_not_proved",
    )

    secret, now = (await first.http.post(TOTP)).json()["secret"], datetime.now(UTC)
    await first.http.post(CONFIRM, json={"code": code_at(secret, now)})
    later = code_at(secret, now + STEP)  # each code is good once
    proved = await first.http.post(STEP_UP, json={"code": later})
    assert proved.status_code == 200, proved.text
    first.http.headers["authorization"] = f"Bearer {proved.json()['access_token']}"

    demanded = await demand(first.http, "administrator")
    assert (demanded.status_code, demanded.json()["requires_second_factor"]) == (200, True)

    refused = await other.http.get(ROLES)
    assert refused.status_code == 401
    assert 'acr_values="mfa"' in refused.headers["www-authenticate"]
    assert (await first.http.get(ROLES)).status_code == 200
    again = await first.http.post(LOGIN, json={"email": first.email, "password": PASSWORD})
    assert again.status_code == 202


async def test_a_key_rotated_by_the_password_alone_is_worth_no_more_than_that(
    people: People,
) -> None:
    """Whoever has only the password must not come to rights that demand more, by an older key."""
    owner = await people.register(role="administrator")
    secret, now = (await owner.http.post(TOTP)).json()["secret"], datetime.now(UTC)
    await owner.http.post(CONFIRM, json={"code": code_at(secret, now)})
    proved = await owner.http.post(STEP_UP, json={"code": code_at(secret, now + STEP)})
    owner.http.headers["authorization"] = f"Bearer {proved.json()['access_token']}"
    assert (await demand(owner.http, "administrator")).status_code == 200
    wanted = {"name": "robot", "scope": ["access.roles.read"]}
    key = (await owner.http.post(KEYS, json=wanted)).json()
    assert (await with_key(people, key["key"])).status_code == 200

    assert (await owner.http.delete(TOTP)).status_code == 204
    signed_in = await owner.http.post(LOGIN, json={"email": owner.email, "password": PASSWORD})
    owner.http.headers["authorization"] = f"Bearer {signed_in.json()['access_token']}"
    rotated = await owner.http.post(
        f"{KEYS}/{key['id']}/rotate", json={}, headers={"if-match": '"v1"'}
    )
    assert rotated.status_code == 200, rotated.text
    assert (await with_key(people, rotated.json()["key"])).status_code == 403


async def with_key(people: People, key: str) -> httpx2.Response:
    async with client_of(people.app, headers={"authorization": f"Bearer {key}"}) as http:
        return await http.get(ROLES)
