"""Sessions that a browser keeps in a cookie, and the pages that may use them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from bootstrap.settings import PlatformSettings
from shared_kernel.application import Clock
from tests.kit.cluster import TestDatabase
from tests.kit.identity import MovableClock
from tests.kit.people import PASSWORD, People, Person
from tests.kit.running import client_of, running, settings_for

LOGIN, LOGOUT, REFRESH = "/v1/identity/login", "/v1/identity/logout", "/v1/identity/refresh"
ME, SESSIONS = "/v1/identity/me", "/v1/identity/me/sessions"
HERE = {"sec-fetch-site": "same-origin"}
OWN_ORIGIN = {"origin": "http://127.0.0.1:8000"}


async def sign_in(
    client: httpx2.AsyncClient, person: Person, headers: dict[str, str] = HERE
) -> httpx2.Response:
    body = {"email": person.email, "password": PASSWORD}
    return await client.post(LOGIN, params={"mode": "cookie"}, json=body, headers=headers)


def cookie_of(answer: httpx2.Response) -> dict[str, str]:
    """Return what a browser would send from now on."""
    assert answer.status_code == 200, answer.text
    return {"cookie": answer.headers["set-cookie"].partition(";")[0]}


async def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(
    client: httpx2.AsyncClient, people: People
) -> None:
    answer = await sign_in(client, await people.register())
    name, _, attributes = answer.headers["set-cookie"].partition("=")
    assert name == "__Host-session"
    kept = {one.strip().lower() for one in attributes.split(";")[1:]}
    assert {"secure", "httponly", "path=/", "samesite=strict", "max-age=2592000"} <= kept
    assert not any(one.startswith("domain") for one in kept)
    assert answer.json() == {"status": "signed_in", "expires_in": 2_592_000}
    assert answer.headers["cache-control"] == "no-store"


async def test_a_cookie_opens_what_a_token_opens(
    client: httpx2.AsyncClient, people: People
) -> None:
    person = await people.register()
    cookie = cookie_of(await sign_in(client, person))
    shown = await client.get(ME, headers=cookie)
    assert shown.json()["id"] == str(person.id)
    assert len((await client.get(SESSIONS, headers=cookie)).json()["items"]) == 2


async def test_signing_out_ends_the_session_and_takes_the_cookie_away(
    client: httpx2.AsyncClient, people: People
) -> None:
    cookie = cookie_of(await sign_in(client, await people.register()))
    answer = await client.post(LOGOUT, headers={**cookie, **HERE})
    assert answer.status_code == 204
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    assert (await client.get(ME, headers=cookie)).status_code == 401


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:8000.evil.example"},
        {"origin": "https://127.0.0.1:8000"},
        {"referer": "http://127.0.0.1:8000/"},
    ],
)
async def test_another_sites_page_can_change_nothing_with_a_visitors_cookie(
    client: httpx2.AsyncClient, people: People, sent: dict[str, str]
) -> None:
    person = await people.register()
    cookie = cookie_of(await sign_in(client, person))
    for method, path in (("POST", LOGOUT), ("DELETE", SESSIONS), ("DELETE", ME)):
        body = {"password": PASSWORD} if path == ME else None
        answer = await client.request(method, path, json=body, headers={**cookie, **sent})
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site_request")
    assert (await sign_in(client, person, sent)).status_code == 403
    assert (await client.get(ME, headers=cookie)).status_code == 200


@pytest.mark.parametrize("sent", [HERE, {"sec-fetch-site": "none"}, OWN_ORIGIN])
async def test_a_page_of_ours_can(
    client: httpx2.AsyncClient, people: People, sent: dict[str, str]
) -> None:
    cookie = cookie_of(await sign_in(client, await people.register(), sent))
    answer = await client.request("DELETE", SESSIONS, headers={**cookie, **sent})
    assert answer.status_code == 204


async def test_a_page_of_a_listed_origin_can_and_may_read_the_answer(
    database: TestDatabase, people: People
) -> None:
    person, front = await people.register(), {"origin": "https://app.example"}
    settings = settings_for(database, cors_origins="https://app.example")
    async with running(settings) as app, client_of(app) as client:
        answer = await sign_in(client, person, front)
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        assert answer.headers["access-control-allow-credentials"] == "true"
        cookie = cookie_of(answer)
        ended = await client.request("DELETE", SESSIONS, headers={**cookie, **front})
        assert ended.status_code == 204


async def test_the_star_lists_nobody(database: TestDatabase, people: People) -> None:
    person, other = await people.register(), {"origin": "https://app.example"}
    async with running(settings_for(database, cors_origins="*")) as app, client_of(app) as client:
        answer = await sign_in(client, person, other)
        assert answer.status_code == 403
        assert "access-control-allow-credentials" not in answer.headers


async def test_a_bearer_token_is_used_and_the_cookie_beside_it_is_not(
    client: httpx2.AsyncClient, people: People
) -> None:
    one, other = await people.register(), await people.register()
    cookie = cookie_of(await sign_in(client, one))
    both = {**cookie, "authorization": str(other.http.headers["authorization"])}
    assert (await client.get(ME, headers=both)).json()["id"] == str(other.id)
    assert (await client.post(LOGOUT, headers=both)).status_code == 204
    forged = {**cookie, "authorization": "Bearer forged"}
    assert (await client.get(ME, headers=forged)).status_code == 401


def changed(text: str) -> str:
    return text[:-1] + ("A" if text[-1] != "A" else "B")


async def test_a_cookie_that_is_not_exactly_ours_is_refused(
    client: httpx2.AsyncClient, people: People
) -> None:
    person = await people.register()
    cookie = cookie_of(await sign_in(client, person))["cookie"]
    value = cookie.partition("=")[2]
    tried = [
        "__Host-session=",
        f"__Host-session={changed(value)}",
        f"__Host-session={value[:-1]}",
        f"__Host-session={person.refresh_token}",
        f"__Host-session={str(person.http.headers['authorization'])[7:]}",
        f"session={value}",
        f"__host-session={value}",
        f"{cookie}; {cookie}",
    ]
    for one in tried:
        assert (await client.get(ME, headers={"cookie": one})).status_code == 401, one
    assert (await client.get(ME, headers={"cookie": f"a=b; {cookie}; c"})).status_code == 200


async def test_a_cookie_is_no_refresh_token_and_no_bearer_token(
    client: httpx2.AsyncClient, people: People
) -> None:
    cookie = cookie_of(await sign_in(client, await people.register()))
    value = cookie["cookie"].partition("=")[2]
    refreshed = await client.post(REFRESH, json={"refresh_token": value})
    assert refreshed.status_code == 401
    bearer = {"authorization": f"Bearer {value}"}
    assert (await client.get(ME, headers=bearer)).status_code == 401
    assert (await client.get(ME, headers=cookie)).status_code == 200


async def test_a_session_ended_elsewhere_is_over_for_its_cookie_at_once(
    settings: PlatformSettings, client: httpx2.AsyncClient, people: People
) -> None:
    person = await people.register()
    cookie = cookie_of(await sign_in(client, person))
    async with running(settings) as other, client_of(other) as elsewhere:
        assert (await elsewhere.get(ME, headers=cookie)).status_code == 200
        await person.http.delete(SESSIONS)
        assert (await elsewhere.get(ME, headers=cookie)).status_code == 401


@pytest.mark.parametrize(
    ("steps", "status"),
    [([6, 6, 6], 200), ([8], 401), ([6, 6, 6, 6, 5], 200), ([6, 6, 6, 6, 6, 1], 401)],
)
async def test_a_cookie_lasts_while_it_is_used_and_for_thirty_days_at_most(
    settings: PlatformSettings, people: People, steps: list[int], status: int
) -> None:
    person, clock = await people.register(), MovableClock()
    replaced: dict[type[Any], Any] = {Clock: clock}
    async with running(settings, replace=replaced) as app, client_of(app) as client:
        cookie = cookie_of(await sign_in(client, person))
        answers = list[int]()
        for days in steps:
            clock.move(timedelta(days=days))
            answers.append((await client.get(ME, headers=cookie)).status_code)
        assert answers[-1] == status


async def test_a_session_has_the_name_its_owner_gave_it(people: People, app: FastAPI) -> None:
    person, stranger = await people.register(), await people.register()
    [session] = (await person.http.get(SESSIONS)).json()["items"]
    path = f"{SESSIONS}/{session['id']}"
    assert (session["name"], session["methods"]) == (None, ["pwd"])
    assert (await person.http.patch(path, json={"name": "kitchen tablet"})).status_code == 204
    assert (await stranger.http.patch(path, json={"name": "mine"})).status_code == 404
    for name in (" ", "\u202ekcart"):
        assert (await person.http.patch(path, json={"name": name})).status_code == 422
    [session] = (await person.http.get(SESSIONS)).json()["items"]
    assert session["name"] == "kitchen tablet"
