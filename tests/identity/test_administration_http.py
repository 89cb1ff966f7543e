"""Administrators and the accounts of others, over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from bootstrap.settings import PlatformSettings
from modules.identity.adapters.http import impersonation, users
from modules.identity.adapters.settings import IdentitySettings
from tests.access.conftest import own_roles  # noqa: F401 - a fixture
from tests.kit.people import PASSWORD, People, Person
from tests.kit.running import client_of, identity_settings, running
from tests.kit.smtp import Mailbox

USERS, LOGIN, REFRESH, ME = (f"/v1/identity/{name}" for name in ("users", "login", "refresh", "me"))
ROLES = "/v1/access/roles"
READ, WRITE, IMPERSONATE = (
    f"identity.accounts.{name}" for name in ("read", "write", "impersonate")
)
WHY = {"reason": "a complaint"}

# Route -> the permission it needs, written down here a second time on purpose.
NEEDS = {
    "GET /users": READ,
    "GET /users/{user_id}": READ,
    "PATCH /users/{user_id}": WRITE,
    "DELETE /users/{user_id}": WRITE,
    "POST /users/{user_id}/suspend": WRITE,
    "POST /users/{user_id}/restore": WRITE,
    "POST /users/{user_id}/reset-password": WRITE,
    "POST /users/{user_id}/require-verification": WRITE,
    "GET /users/{user_id}/sessions": READ,
    "DELETE /users/{user_id}/sessions": WRITE,
    "DELETE /users/{user_id}/sessions/{session_id}": WRITE,
    "GET /users/{user_id}/sign-ins": READ,
    "POST /users/{user_id}/impersonate": IMPERSONATE,
}
pytestmark = pytest.mark.usefixtures("own_roles")


def request(route: str) -> tuple[str, str]:
    method, path = route.split(" ")
    for name in ("{user_id}", "{session_id}"):
        path = path.replace(name, str(uuid4()))
    return method, f"/v1/identity{path}"


async def clerk(people: People, *permissions: str) -> Person:
    """Return somebody who holds exactly these permissions."""
    administrator = await people.register(role="administrator")
    name = f"clerk-{uuid4().hex[:8]}"
    made = await administrator.http.post(ROLES, json={"name": name, "permissions": permissions})
    assert made.status_code == 201, made.text
    return await people.register(role=name)


async def login(http: httpx2.AsyncClient, person: Person) -> httpx2.Response:
    return await http.post(LOGIN, json={"email": person.email, "password": PASSWORD})


async def logged(reader: Person, subject: Person, action: str) -> list[dict[str, Any]]:
    where = {"subject_id": str(subject.id), "action": f"identity.{action}"}
    found: list[dict[str, Any]] = (await reader.http.get("/v1/audit/events", params=where)).json()[
        "items"
    ]
    return found


def test_the_matrix_names_every_route() -> None:
    mounted = (*users.routes, *impersonation.routes)
    routes = [one for one in mounted if isinstance(one, APIRoute)]
    assert {f"{m} {one.path}" for one in routes for m in one.methods or ()} == set(NEEDS)


async def test_nobody_passes_without_signing_in(app: FastAPI) -> None:
    async with client_of(app) as http:
        for route in NEEDS:
            assert (await http.request(*request(route), json={})).status_code == 401, route


@pytest.mark.parametrize("role", [None, "viewer", "editor"])
async def test_who_is_no_administrator_passes_nowhere(people: People, role: str | None) -> None:
    person = await people.register(role=role)
    for route in NEEDS:
        assert (await person.http.request(*request(route), json={})).status_code == 403, route


@pytest.mark.parametrize("held", [READ, WRITE, IMPERSONATE])
async def test_one_permission_opens_its_own_routes_and_no_others(people: People, held: str) -> None:
    person = await clerk(people, held)
    for route, permission in NEEDS.items():
        answer = await person.http.request(*request(route), json={})
        assert (answer.status_code == 403) is (permission != held), (route, answer.text)


async def test_an_api_key_changes_nobody(people: People) -> None:
    administrator = await people.register(role="administrator")
    body = {"name": "key", "scope": [READ, WRITE, IMPERSONATE]}
    key = (await administrator.http.post("/v1/identity/me/api-keys", json=body)).json()["key"]
    async with client_of(people.app, headers={"authorization": f"Bearer {key}"}) as http:
        for route, permission in NEEDS.items():
            method, path = request(route)
            answer = await http.request(method, path, json={})
            assert (answer.status_code == 403) is (permission != READ), route


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


async def test_a_profile_is_changed_from_the_version_that_was_read(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    place = f"{USERS}/{person.id}"
    tag = {"if-match": (await administrator.http.get(place)).headers["etag"]}
    body = {"display_name": "Ada", "locale": "de"}
    assert (await administrator.http.patch(place, json=body)).status_code == 428
    changed = await administrator.http.patch(place, json=body, headers=tag)
    assert (changed.json()["display_name"], changed.json()["locale"]) == ("Ada", "de")
    assert (await administrator.http.patch(place, json=body, headers=tag)).status_code == 412
    for privileged in ("status", "email", "password", "email_verified"):  # R13
        odd = await administrator.http.patch(place, json={privileged: "x"}, headers=tag)
        assert odd.status_code == 422, privileged
    assert [one["actor_id"] for one in await logged(administrator, person, "user_changed")] == [
        str(administrator.id)
    ]


async def test_a_suspended_user_is_out_everywhere_and_at_once(
    people: People, settings: PlatformSettings, mailbox: Mailbox
) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    key = await person.http.post("/v1/identity/me/api-keys", json={"name": "key", "scope": [READ]})
    answer = await administrator.http.post(f"{USERS}/{person.id}/suspend", json=WHY)
    assert answer.status_code == 200, answer.text
    refused = await person.http.get(ME)
    assert (refused.status_code, refused.json()["code"]) == (401, "identity.session_over")
    async with client_of(people.app) as http:
        token = {"refresh_token": person.refresh_token}
        assert (await http.post(REFRESH, json=token)).status_code == 401
        assert (await login(http, person)).status_code == 401
        bearer = {"authorization": f"Bearer {key.json()['key']}"}
        assert (await http.get(USERS, headers=bearer)).status_code == 401
    again = await administrator.http.post(f"{USERS}/{person.id}/suspend", json=WHY)
    assert (again.status_code, again.json()["code"]) == (409, "identity.already_suspended")
    (entry,) = await logged(administrator, person, "user_suspended")
    assert (entry["actor_id"], entry["detail"]) == (str(administrator.id), WHY)
    assert await mailbox.next(person.email, subject="Your account was suspended")

    restored = await administrator.http.post(f"{USERS}/{person.id}/restore", json=WHY)
    assert restored.json()["status"] == "active"
    assert (await login(client_of(people.app), person)).status_code == 200
    assert (await person.http.get(ME)).status_code == 401, "what ended stays ended"


async def test_another_process_refuses_a_suspended_user_within_two_seconds(
    people: People, settings: PlatformSettings, mailbox: Mailbox
) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    parts = {IdentitySettings: identity_settings(**mailbox.settings)}
    async with running(settings, replace=parts) as other, client_of(other) as http:
        http.headers["authorization"] = person.http.headers["authorization"]
        assert (await http.get(ME)).status_code == 200
        await administrator.http.post(f"{USERS}/{person.id}/suspend", json=WHY)
        async with asyncio.timeout(2):
            while (await http.get(ME)).status_code == 200:  # noqa: ASYNC110 - as clients see it
                await asyncio.sleep(0.05)


async def test_nobody_slips_in_while_they_are_suspended(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    async with client_of(people.app) as http:
        attempts = [login(http, person) for _ in range(8)]
        suspended = administrator.http.post(f"{USERS}/{person.id}/suspend", json=WHY)
        *answers, done = await asyncio.gather(*attempts[:4], *attempts[4:], suspended)
        assert done.status_code == 200
        for answer in answers:
            if answer.status_code == 200:
                bearer = {"authorization": f"Bearer {answer.json()['access_token']}"}
                assert (await http.get(ME, headers=bearer)).status_code == 401
        live = await administrator.http.get(f"{USERS}/{person.id}/sessions")
        assert live.json()["items"] == []


async def test_nobody_suspends_or_closes_themselves(people: People) -> None:
    administrator = await people.register(role="administrator")
    place = f"{USERS}/{administrator.id}"
    tag = {"if-match": (await administrator.http.get(place)).headers["etag"]}
    for answer in (
        await administrator.http.post(f"{place}/suspend", json=WHY),
        await administrator.http.delete(place, headers=tag),
        await administrator.http.post(f"{place}/impersonate", json=WHY),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "identity.not_upon_yourself")
    assert (await administrator.http.get(ME)).status_code == 200


async def test_of_administrators_who_suspend_each_other_one_remains(people: People) -> None:
    pair = [await people.register(role="administrator") for _ in range(2)]
    for _ in range(3):
        answers = await asyncio.gather(
            pair[0].http.post(f"{USERS}/{pair[1].id}/suspend", json=WHY),
            pair[1].http.post(f"{USERS}/{pair[0].id}/suspend", json=WHY),
        )
        statuses = [one.status_code for one in answers]
        assert statuses.count(200) == 1, [one.text for one in answers]
        winner, loser = pair if statuses[0] == 200 else pair[::-1]
        assert (await winner.http.get(ME)).status_code == 200
        restored = await winner.http.post(f"{USERS}/{loser.id}/restore", json=WHY)
        assert restored.status_code == 200
        token = (await login(client_of(people.app), loser)).json()["access_token"]
        loser.http.headers["authorization"] = f"Bearer {token}"


@pytest.mark.parametrize(
    ("method", "what"),
    [
        ("POST", "/suspend"),
        ("POST", "/restore"),
        ("POST", "/reset-password"),
        ("POST", "/require-verification"),
        ("DELETE", "/sessions"),
        ("POST", "/impersonate"),
        ("DELETE", ""),
        ("PATCH", ""),
    ],
)
async def test_nobody_touches_who_may_do_more(people: People, method: str, what: str) -> None:
    administrator = await people.register(role="administrator")
    person = await clerk(people, READ, WRITE, IMPERSONATE)
    place = f"{USERS}/{administrator.id}"
    tag = {"if-match": (await person.http.get(place)).headers["etag"]}
    body = WHY if what in {"/suspend", "/restore", "/impersonate"} else {}
    answer = await person.http.request(method, place + what, json=body, headers=tag)
    assert (answer.status_code, answer.json()["code"]) == (403, "identity.beyond_own_rights")
    denied = await administrator.http.get(
        "/v1/audit/events", params={"actor_id": str(person.id), "action": "access.denied"}
    )
    assert [one["subject_id"] for one in denied.json()["items"]] == [str(administrator.id)]
    assert (await administrator.http.get(ME)).status_code == 200


async def test_a_closed_account_stays_closed(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    place = f"{USERS}/{person.id}"
    assert (await administrator.http.delete(place)).status_code == 428
    tag = {"if-match": (await administrator.http.get(place)).headers["etag"]}
    assert (await administrator.http.delete(place, headers=tag)).status_code == 204
    assert (await person.http.get(ME)).status_code == 401
    shown = await administrator.http.get(place)
    assert (shown.json()["status"], shown.json()["ways_in"]) == ("closed", [])
    newest = {"if-match": shown.headers["etag"]}
    for answer in (
        await administrator.http.post(f"{place}/restore", json=WHY),
        await administrator.http.post(f"{place}/suspend", json=WHY),
        await administrator.http.post(f"{place}/reset-password", json={}),
        await administrator.http.post(f"{place}/require-verification"),
        await administrator.http.patch(place, json={"locale": "de"}, headers=newest),
        await administrator.http.delete(place, headers=newest),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "identity.account_is_closed")
    assert len(await logged(administrator, person, "user_closed")) == 1


async def test_a_reset_is_mailed_and_the_owner_alone_chooses(
    people: People, mailbox: Mailbox
) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    place = f"{USERS}/{person.id}/reset-password"
    chosen = await administrator.http.post(place, json={"password": "of an administrator"})
    assert chosen.status_code == 422
    assert (await administrator.http.post(place, json={})).status_code == 202
    mail = await mailbox.next(person.email, subject="Choose a new password")
    assert (await person.http.get(ME)).status_code == 200
    assert (await login(client_of(people.app), person)).status_code == 200
    body = {"token": mail.token, "password": "quartz bramble ferry tundra"}
    async with client_of(people.app) as http:
        reset = await http.post("/v1/identity/reset-password", json=body)
        assert reset.status_code in {200, 204}, reset.text


async def test_with_a_reset_sessions_end_and_the_password_is_forgotten_if_asked(
    people: People, mailbox: Mailbox
) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    body = {"end_sessions": True, "forget_password": True}
    place = f"{USERS}/{person.id}/reset-password"
    assert (await administrator.http.post(place, json=body)).status_code == 202
    assert (await person.http.get(ME)).status_code == 401
    assert (await login(client_of(people.app), person)).status_code == 401
    assert await mailbox.next(person.email, subject="Choose a new password")
    (entry,) = await logged(administrator, person, "password_reset_sent")
    assert entry["detail"] == {"end_sessions": "true", "forget_password": "true"}


async def test_an_address_is_verified_anew(people: People, mailbox: Mailbox) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    first = await mailbox.next(person.email, subject="Confirm your address")
    async with client_of(people.app) as http:
        await http.post("/v1/identity/verify", json={"token": first.token})
        place = f"{USERS}/{person.id}"
        assert (await administrator.http.get(place)).json()["email_verified"] is True
        demanded = await administrator.http.post(f"{place}/require-verification")
        assert demanded.status_code == 202
        assert (await administrator.http.get(place)).json()["email_verified"] is False
        assert (await person.http.get(ME)).status_code == 401
        second = await mailbox.next(person.email, subject="Confirm your address")
        assert second.token != first.token
        await http.post("/v1/identity/verify", json={"token": second.token})
        assert (await administrator.http.get(place)).json()["email_verified"] is True
    assert len(await logged(administrator, person, "verification_required")) == 1


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


@pytest.mark.parametrize("reason", ["", " ", "two\nlines", "x" * 501, None, 7])
async def test_a_reason_is_one_line(people: People, reason: object) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    body = {"reason": reason}
    answer = await administrator.http.post(f"{USERS}/{person.id}/suspend", json=body)
    assert answer.status_code == 422
