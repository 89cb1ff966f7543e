"""Credentials that could be read in two ways, and those that a proxy took apart."""

from __future__ import annotations

import httpx2
import pytest

from tests.kit.people import PASSWORD, People, Person
from tests.kit.running import client_of

ME, LOGIN, TOKEN = (f"/v1/identity/{name}" for name in ("me", "login", "oauth/token"))
HERE = {"sec-fetch-site": "same-origin"}

Headers = list[tuple[str, str]]


async def asked(people: People, headers: Headers, method: str = "GET") -> httpx2.Response:
    """Ask who one is, with exactly these headers."""
    async with client_of(people.app) as http:
        return await http.request(method, ME, headers=headers)


def bearer(person: Person) -> str:
    return str(person.http.headers["authorization"])


async def cookie_of(people: People, person: Person) -> str:
    body = {"email": person.email, "password": PASSWORD}
    async with client_of(people.app) as http:
        answer = await http.post(LOGIN, params={"mode": "cookie"}, json=body, headers=HERE)
    assert answer.status_code == 200, answer.text
    return str(answer.headers["set-cookie"]).partition(";")[0]


@pytest.mark.parametrize("second", ["another's", "the same", "none"])
async def test_who_names_themselves_twice_is_nobody(people: People, second: str) -> None:
    one, other = await people.register(), await people.register()
    others = {"another's": bearer(other), "the same": bearer(one), "none": ""}
    twice = [("authorization", bearer(one)), ("authorization", others[second])]
    for headers in (twice, twice[::-1]):
        answer = await asked(people, headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "repeated_header")
        assert "email" not in answer.text


async def test_a_client_names_itself_once(people: People) -> None:
    form = {"grant_type": "client_credentials"}
    twice = [("authorization", "Basic eDp5"), ("authorization", "Basic eDp5")]
    async with client_of(people.app) as http:
        answer = await http.post(TOKEN, data=form, headers=twice)
    assert (answer.status_code, answer.json()["code"]) == (400, "repeated_header")


@pytest.mark.parametrize("name", ["origin", "sec-fetch-site"])
async def test_a_browser_says_once_whose_page_it_is(people: People, name: str) -> None:
    kept = await cookie_of(people, await people.register())
    ours = {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}[name]
    headers = [("cookie", kept), (name, ours), (name, "https://evil.example")]
    answer = await asked(people, headers, "DELETE")
    assert (answer.status_code, answer.json()["code"]) == (400, "repeated_header")


async def test_a_cookie_is_found_in_whichever_line_it_stands(people: People) -> None:
    """HTTP/2 may send each cookie in a line of its own (RFC 9113, section 8.2.3)."""
    person = await people.register()
    kept = await cookie_of(people, person)
    for headers in (
        [("cookie", "theme=dark"), ("cookie", kept)],
        [("cookie", kept), ("cookie", "theme=dark")],
    ):
        assert (await asked(people, headers)).json()["id"] == str(person.id)


async def test_two_session_cookies_are_none(people: People) -> None:
    mine = await cookie_of(people, await people.register())
    other = await cookie_of(people, await people.register())
    assert (await asked(people, [("cookie", mine), ("cookie", other)])).status_code == 401
    assert (await asked(people, [("cookie", f"{mine}; {other}")])).status_code == 401
