"""Identity as its clients see it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import asyncpg
import httpx2

from bootstrap.settings import PlatformSettings
from modules.identity.adapters.settings import IdentitySettings
from shared_kernel.application import Clock
from tests.kit.cluster import TestDatabase
from tests.kit.identity import MovableClock
from tests.kit.people import PASSWORD, People, Person
from tests.kit.running import client_of, identity_settings, running

LOGIN, REGISTER, REFRESH = "/v1/identity/login", "/v1/identity/register", "/v1/identity/refresh"
ME, LOGOUT, SESSIONS = "/v1/identity/me", "/v1/identity/logout", "/v1/identity/me/sessions"


def assert_unauthenticated(answer: httpx2.Response) -> None:
    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


async def another_device(person: Person, client: httpx2.AsyncClient) -> dict[str, str]:
    """Sign the person in once more and return the headers of that session."""
    body = {"email": person.email, "password": PASSWORD}
    answer = await client.post(LOGIN, json=body)
    assert answer.status_code == 200, answer.text
    return {"authorization": f"Bearer {answer.json()['access_token']}"}


async def rows(database: TestDatabase, statement: str, *values: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database.owner_url)
    try:
        return await connection.fetch(statement, *values)
    finally:
        await connection.close()


async def test_signing_in_gives_tokens_that_no_cache_keeps(
    client: httpx2.AsyncClient, people: People
) -> None:
    person = await people.register()
    answer = await client.post(LOGIN, json={"email": person.email.upper(), "password": PASSWORD})
    body = answer.json()
    assert set(body) == {
        "access_token", "token_type", "expires_in", "refresh_token", "device_token",
    }  # fmt: skip
    assert (body["token_type"], body["expires_in"]) == ("bearer", 600)
    assert body["refresh_token"].startswith("app_rt_")
    assert answer.headers["cache-control"] == "no-store"
    me = (await person.http.get(ME)).json()
    assert (me["id"], me["email"]) == (str(person.id), person.email)
    assert set(me) == {
        "id", "version", "email", "email_verified", "display_name", "locale", "registered_at",
        "impersonated_by",
    }  # fmt: skip


async def test_every_failed_sign_in_gets_one_answer(
    client: httpx2.AsyncClient, people: People
) -> None:
    person = await people.register()
    answers = [
        await client.post(LOGIN, json={"email": email, "password": password})
        for email, password in [
            (person.email, "the wrong password"),
            (person.email, f"{PASSWORD} "),
            ("nobody@example.com", PASSWORD),
            ("no address", PASSWORD),
        ]
    ]
    for answer in answers:
        assert_unauthenticated(answer)
        assert answer.json()["code"] == "identity.sign_in_refused"
    assert len({answer.json()["detail"] for answer in answers}) == 1


async def test_passwords_are_used_whole_and_as_they_are(client: httpx2.AsyncClient) -> None:
    email, shared = f"{uuid4().hex}@example.com", "x" * 72
    for tail, status in (("one", 200), ("two", 401), ("", 401), ("one ", 401), ("ONE", 401)):
        if status == 200:
            await client.post(REGISTER, json={"email": email, "password": shared + tail})
        answer = await client.post(LOGIN, json={"email": email, "password": shared + tail})
        assert answer.status_code == status


async def test_nothing_secret_is_stored_as_it_is(
    client: httpx2.AsyncClient, people: People, database: TestDatabase
) -> None:
    person = await people.register()
    stored = str(await rows(database, "select * from identity.accounts, identity.sessions"))
    assert "$argon2id$" in stored
    assert PASSWORD not in stored
    assert person.refresh_token not in stored


async def test_a_refresh_token_works_once_and_its_reuse_ends_the_session(
    settings: PlatformSettings, database: TestDatabase, people: People
) -> None:
    clock, person = MovableClock(), await people.register()
    async with running(settings, replace={Clock: clock}) as app, client_of(app) as client:
        body = {"email": person.email, "password": PASSWORD}
        signed = (await client.post(LOGIN, json=body)).json()
        other = (await client.post(LOGIN, json=body)).json()
        stolen = {"refresh_token": signed["refresh_token"]}
        following = (await client.post(REFRESH, json=stolen)).json()
        assert following["refresh_token"] != signed["refresh_token"]
        headers = {"authorization": f"Bearer {following['access_token']}"}
        assert (await client.get(ME, headers=headers)).status_code == 200

        clock.move(timedelta(seconds=11))
        assert_unauthenticated(await client.post(REFRESH, json=stolen))
        next_one = {"refresh_token": following["refresh_token"]}
        assert_unauthenticated(await client.post(REFRESH, json=next_one))
        assert_unauthenticated(await client.get(ME, headers=headers))
        elsewhere = {"authorization": f"Bearer {other['access_token']}"}
        seen = (await client.get(SESSIONS, headers=elsewhere)).json()["items"]
        assert [one["current"] for one in seen if one["started_at"].startswith("2030")] == [True]
    audited = await rows(
        database,
        "select outcome from audit.events where action = $1 and actor_id = $2",
        "identity.refresh_token_reused",
        person.id,
    )
    assert [row["outcome"] for row in audited] == ["refused"]


async def test_sessions_end_when_idle_and_when_old(
    settings: PlatformSettings, people: People
) -> None:
    clock, person = MovableClock(), await people.register()
    async with running(settings, replace={Clock: clock}) as app, client_of(app) as client:
        body = {"email": person.email, "password": PASSWORD}
        token = (await client.post(LOGIN, json=body)).json()["refresh_token"]
        idle = (await client.post(LOGIN, json=body)).json()["refresh_token"]
        for _ in range(5):
            clock.move(timedelta(days=5, hours=23))
            answer = await client.post(REFRESH, json={"refresh_token": token})
            assert answer.status_code == 200
            token = answer.json()["refresh_token"]
        assert_unauthenticated(await client.post(REFRESH, json={"refresh_token": idle}))
        clock.move(timedelta(hours=4, minutes=50))
        answer = await client.post(REFRESH, json={"refresh_token": token})
        assert answer.json()["expires_in"] == 600  # the last token ends with the session
        clock.move(timedelta(minutes=10))
        token = answer.json()["refresh_token"]
        assert_unauthenticated(await client.post(REFRESH, json={"refresh_token": token}))


async def test_access_tokens_expire(settings: PlatformSettings, people: People) -> None:
    clock, person = MovableClock(), await people.register()
    async with running(settings, replace={Clock: clock}) as app, client_of(app) as client:
        headers = await another_device(person, client)
        clock.move(timedelta(seconds=599))
        assert (await client.get(ME, headers=headers)).status_code == 200
        clock.move(timedelta(seconds=1))
        assert_unauthenticated(await client.get(ME, headers=headers))


async def test_signing_out_ends_both_tokens(people: People, client: httpx2.AsyncClient) -> None:
    person = await people.register()
    elsewhere = await another_device(person, client)
    assert (await person.http.post(LOGOUT)).status_code == 204
    assert_unauthenticated(await person.http.get(ME))
    assert_unauthenticated(await client.post(REFRESH, json={"refresh_token": person.refresh_token}))
    assert (await client.get(ME, headers=elsewhere)).status_code == 200


async def test_people_see_and_end_their_own_sessions_only(
    people: People, client: httpx2.AsyncClient
) -> None:
    person, stranger = await people.register(), await people.register()
    phone, laptop = await another_device(person, client), await another_device(person, client)
    listed = (await person.http.get(SESSIONS)).json()
    assert listed["next_cursor"] is None
    assert [one["current"] for one in listed["items"]] == [False, False, True]
    newest = f"{SESSIONS}/{listed['items'][0]['id']}"

    foreign, unknown = (
        await stranger.http.delete(newest),
        await stranger.http.delete(f"{SESSIONS}/{uuid4()}"),
    )
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.json()["detail"] == unknown.json()["detail"]
    assert (await client.get(ME, headers=laptop)).status_code == 200

    assert (await person.http.delete(newest)).status_code == 204
    assert_unauthenticated(await client.get(ME, headers=laptop))
    assert (await person.http.delete(newest)).status_code == 404
    assert (await person.http.delete(SESSIONS)).status_code == 204
    assert_unauthenticated(await client.get(ME, headers=phone))
    assert len((await person.http.get(SESSIONS)).json()["items"]) == 1


async def test_one_session_too_many_ends_the_oldest(
    settings: PlatformSettings, people: People
) -> None:
    few = identity_settings(sessions_per_account=3)
    person = await people.register()
    async with running(settings, replace={IdentitySettings: few}) as app, client_of(app) as client:
        devices = [await another_device(person, client) for _ in range(4)]
        statuses = [(await client.get(ME, headers=one)).status_code for one in devices]
        assert statuses == [401, 200, 200, 200]


async def test_closing_asks_for_the_password_ends_everything_and_frees_the_address(
    people: People, client: httpx2.AsyncClient, database: TestDatabase
) -> None:
    person = await people.register()
    elsewhere = await another_device(person, client)
    refused = await person.http.request("DELETE", ME, json={"password": "the wrong password"})
    assert (refused.status_code, refused.json()["code"]) == (403, "identity.wrong_password")
    assert (await person.http.request("DELETE", ME, json={})).status_code == 403
    assert (await client.get(ME, headers=elsewhere)).status_code == 200

    closed = await person.http.request("DELETE", ME, json={"password": PASSWORD})
    assert closed.status_code == 204
    assert_unauthenticated(await person.http.get(ME))
    assert_unauthenticated(await client.get(ME, headers=elsewhere))
    body = {"email": person.email, "password": PASSWORD}
    assert_unauthenticated(await client.post(LOGIN, json=body))
    told = await rows(
        database, "select action from audit.events where subject_id = $1 order by id", person.id
    )
    actions = [row["action"] for row in told]
    assert actions.count("identity.AccountClosed") == 1
    assert (await client.post(REGISTER, json=body)).status_code == 202
    assert (await client.post(LOGIN, json=body)).status_code == 200


async def test_sign_ins_and_their_failures_are_audited(
    people: People, client: httpx2.AsyncClient, database: TestDatabase
) -> None:
    person = await people.register()
    await client.post(LOGIN, json={"email": person.email, "password": "the wrong password"})
    await person.http.post(LOGOUT)
    audited = await rows(
        database,
        "select action, outcome, address from audit.events"
        " where actor_id = $1 or subject_id = $1 order by id",
        person.id,
    )
    assert [(row["action"], row["outcome"]) for row in audited] == [
        ("identity.signed_in", "done"),
        ("identity.sign_in_failed", "refused"),
        ("identity.signed_out", "done"),
    ]
    assert {row["address"] for row in audited} == {"127.0.0.1"}


async def test_the_public_keys_are_served_to_be_cached(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/.well-known/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    key = answer.json()["keys"][0]
    assert set(key) == {"kty", "crv", "x", "kid", "use", "alg"}
    assert (key["kty"], key["crv"], key["alg"]) == ("OKP", "Ed25519", "Ed25519")
