"""What administrators see of accounts."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.identity.administration.clerks import ME, USERS, WHY, login
from tests.kit.people import People
from tests.kit.running import client_of

pytestmark = pytest.mark.usefixtures("own_roles")


async def test_users_are_found_by_what_is_asked_for(people: People) -> None:
    administrator = await people.register(role="administrator")
    odd = await people.register()
    others = [await people.register() for _ in range(3)]
    suspended = await administrator.http.post(f"{USERS}/{odd.id}/suspend", json=WHY)
    assert suspended.json()["status"] == "suspended"

    async def ids(**params: Any) -> list[str]:
        answer = await administrator.http.get(USERS, params=params)
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["items"]]

    latest = [str(one.id) for one in (*reversed(others), odd, administrator)]
    assert await ids() == latest
    assert await ids(sort="registered_at") == latest[::-1]
    by_email = sorted((administrator, odd, *others), key=lambda one: one.email)
    assert await ids(sort="email") == [str(one.id) for one in by_email]
    assert await ids(email=odd.email.upper()) == [str(odd.id)]
    assert await ids(email_prefix=odd.email[:9].upper()) == [str(odd.id)]
    assert await ids(status="suspended") == [str(odd.id)]
    assert await ids(status="suspended", verified="true") == []
    assert len(await ids(verified="false")) == 5
    for wild in ("%", "_", "%@example.com", "\\"):
        assert await ids(email_prefix=wild) == [], wild
    for odd_question in ({"email": "no address"}, {"sort": "password_hash"}, {"status": "x"}):
        answer = await administrator.http.get(USERS, params=odd_question)
        assert answer.status_code == 422, odd_question


@pytest.mark.parametrize("sort", ["registered_at", "-registered_at", "email", "-email"])
async def test_a_list_of_users_is_read_page_by_page(people: People, sort: str) -> None:
    administrator = await people.register(role="administrator")
    for _ in range(4):
        await people.register()
    found: list[str] = []
    params: dict[str, Any] = {"limit": 2, "sort": sort}
    while True:
        page = (await administrator.http.get(USERS, params=params)).json()
        found.extend(one["id"] for one in page["items"])
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert sorted(found) == sorted(str(one.id) for one in people.made)


async def test_a_user_is_shown_without_any_secret(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    shown = await administrator.http.get(f"{USERS}/{person.id}")
    user = shown.json()
    assert (user["email"], user["status"], user["email_verified"]) == (
        person.email,
        "active",
        False,
    )
    assert (user["ways_in"], user["second_factors"], user["api_keys"]) == (["password"], [], 0)
    assert shown.headers["etag"]
    for secret in ("hash", "seed", "argon2", "secret"):
        assert secret not in shown.text
    assert (await administrator.http.get(f"{USERS}/{uuid4()}")).status_code == 404


async def test_sessions_of_a_user_are_listed_and_ended(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    await login(client_of(people.app), person)
    place = f"{USERS}/{person.id}/sessions"
    newest, oldest = (await administrator.http.get(place)).json()["items"]
    assert newest["started_at"] > oldest["started_at"]
    stranger = f"{USERS}/{administrator.id}/sessions/{oldest['id']}"
    assert (await administrator.http.delete(stranger)).status_code == 404
    assert (await administrator.http.delete(f"{place}/{oldest['id']}")).status_code == 204
    assert (await person.http.get(ME)).status_code == 401
    assert (await administrator.http.delete(place)).status_code == 204
    assert (await administrator.http.get(place)).json()["items"] == []
    history = (await administrator.http.get(f"{USERS}/{person.id}/sign-ins")).json()["items"]
    assert [(one["session_id"], one["end_reason"], one["methods"]) for one in history] == [
        (newest["id"], "ended_by_admin", ["pwd"]),
        (oldest["id"], "ended_by_admin", ["pwd"]),
    ]
    assert "hash" not in str(history)


async def test_a_history_is_read_page_by_page(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    for _ in range(3):
        await login(client_of(people.app), person)
    place = f"{USERS}/{person.id}/sign-ins"
    first = (await administrator.http.get(place, params={"limit": 3})).json()
    cursor = {"limit": 3, "cursor": first["next_cursor"]}
    second = (await administrator.http.get(place, params=cursor)).json()
    times = [one["started_at"] for one in (*first["items"], *second["items"])]
    assert len(times) == 4
    assert times == sorted(times, reverse=True)
    for path in ("sessions", "sign-ins"):
        assert (await administrator.http.get(f"{USERS}/{uuid4()}/{path}")).status_code == 404
