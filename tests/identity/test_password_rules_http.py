"""Which passwords are taken, and what becomes of hashes from elsewhere, over HTTP."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import bcrypt
import httpx2
import pytest

from bootstrap.settings import PlatformSettings
from modules.identity.adapters.settings import IdentitySettings
from tests.identity.accounts.desk import OTHER_PASSWORD, Desk, new_address
from tests.kit.cluster import TestDatabase
from tests.kit.people import PASSWORD
from tests.kit.running import client_of, running
from tests.kit.smtp import Mailbox

HINT = "use several words"
OF_OLD = "an older system's passphrase"


@pytest.fixture
def desk(client: httpx2.AsyncClient, mailbox: Mailbox, database: TestDatabase) -> Desk:
    """Somebody in front of an application that lets everybody in who registers."""
    return Desk(client, mailbox, database)


def assert_refused(answer: httpx2.Response, code: str, password: str) -> None:
    """Say which rule was broken and what helps, and not what was sent."""
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, f"identity.{code}")
    [error] = problem["errors"]
    assert error["pointer"] == "/body/password"
    assert HINT in error["message"]
    assert password not in answer.text


REFUSED = [
    ("Short but good", "password_too_short"),
    ("Password12345678", "password_too_common"),
    ("abcabcabcabcabcabc", "password_repeats"),
    ("my ashlar gravel teapot", "password_says_whose"),
]


@pytest.mark.parametrize(("password", "code"), REFUSED)
async def test_registering_says_which_rule_a_password_breaks(
    desk: Desk, password: str, code: str
) -> None:
    answer = await desk.post("/register", email=new_address(), password=password)
    assert_refused(answer, code, password)


@pytest.mark.parametrize(("password", "code"), REFUSED)
async def test_changing_says_which_rule_a_password_breaks(
    desk: Desk, password: str, code: str
) -> None:
    email = new_address()
    await desk.register(email)
    token = await desk.signed_in(email)
    answer = await desk.post(
        "/me/password", token=token, current_password=PASSWORD, password=password
    )
    assert_refused(answer, code, password)
    await desk.signed_in(email)


async def test_an_account_whose_owner_has_a_name_keeps_it_out_of_its_password(desk: Desk) -> None:
    email, password = new_address(), "gravel teapot byron oxbow"
    await desk.register(email)
    token = await desk.signed_in(email)
    await desk.rows("update identity.accounts set display_name = 'Ada Byron'")
    answer = await desk.post(
        "/me/password", token=token, current_password=PASSWORD, password=password
    )
    assert_refused(answer, "password_says_whose", password)
    link = await desk.forgotten(email)
    refused = await desk.post_link("/reset-password", link, password=password)
    assert_refused(refused, "password_says_whose", password)
    taken = await desk.post_link("/reset-password", link, password=OTHER_PASSWORD)
    assert taken.status_code == 204
    await desk.signed_in(email, OTHER_PASSWORD)


async def test_a_password_is_taken_to_the_last_of_its_128_characters(desk: Desk) -> None:
    email, long = new_address(), " Gravel teapot oxbow lantern \u00e9" * 4 + "1234 x7 "
    assert len(long) == 128
    await desk.register(email, long)
    await desk.signed_in(email, long)
    for other in (
        long[:-1],
        long[:72],
        long.strip(),
        long[:-2] + "8 ",
        long.lower(),
        long.replace("\u00e9", "e\u0301")[:128],
    ):
        assert (await desk.login(email, other)).status_code == 401


async def stored(desk: Desk) -> str:
    [row] = await desk.rows("select password_hash from identity.accounts")
    text: str = row["password_hash"]
    return text


async def test_an_installation_that_sets_nothing_hashes_at_the_usual_cost(
    settings: PlatformSettings, desk: Desk
) -> None:
    values: dict[str, Any] = {"require_verified_email": False}
    delivered = {IdentitySettings: IdentitySettings(**values)}
    async with running(settings, replace=delivered) as app, client_of(app) as http:
        body = {"email": new_address(), "password": PASSWORD}
        assert (await http.post("/v1/identity/register", json=body)).status_code == 202
        assert (await stored(desk)).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert (await http.post("/v1/identity/login", json=body)).status_code == 200


async def owner_with(desk: Desk, stored_hash: str) -> str:
    """Return the address of somebody whose hash was made elsewhere."""
    email = new_address()
    await desk.register(email)
    await desk.rows("update identity.accounts set password_hash = $1", stored_hash)
    return email


@pytest.mark.parametrize(("prefix", "rounds"), [("$2a$", 4), ("$2b$", 12), ("$2y$", 5)])
async def test_signing_in_replaces_the_hash_of_an_older_system(
    desk: Desk, prefix: str, rounds: int
) -> None:
    made = bcrypt.hashpw(OF_OLD.encode(), bcrypt.gensalt(rounds)).decode()
    email = await owner_with(desk, prefix + made[4:])
    assert (await desk.login(email, OF_OLD + "!")).status_code == 401
    assert await stored(desk) == prefix + made[4:]
    await desk.signed_in(email, OF_OLD)
    assert (await stored(desk)).startswith("$argon2id$")
    await desk.signed_in(email, OF_OLD)
    assert (await desk.login(email, OF_OLD + "!")).status_code == 401


@pytest.mark.parametrize(
    "stored_hash",
    [
        "",
        "plain",
        "$2b$31$" + "." * 53,
        "$2b$12$" + "x" * 53,
        "$argon2id$v=19$m=1048576,t=20,p=1$c29tZXNhbHRzYWx0$" + "A" * 43,
    ],
)
async def test_a_hash_nobody_can_use_is_a_wrong_password_and_takes_no_longer(
    desk: Desk, stored_hash: str, caplog: pytest.LogCaptureFixture
) -> None:
    email = await owner_with(desk, stored_hash)
    nobody = await desk.login(new_address())
    caplog.clear()
    async with asyncio.timeout(30):  # some of these would take hours to verify
        answer = await desk.login(email)
    assert (answer.status_code, answer.json()["code"]) == (401, nobody.json()["code"])
    told = [one for one in caplog.records if "cannot be used" in one.getMessage()]
    assert [one.levelno for one in told] == [logging.ERROR]
