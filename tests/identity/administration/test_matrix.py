"""Every route of administration against everybody who might call it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from modules.identity.adapters.http import impersonation, users
from tests.identity.administration.clerks import (
    IMPERSONATE,
    ME,
    READ,
    REMOVE,
    USERS,
    WHY,
    WRITE,
    clerk,
)
from tests.kit.people import People
from tests.kit.running import client_of

pytestmark = pytest.mark.usefixtures("own_roles")

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
    "POST /users/{user_id}/remove-second-factors": REMOVE,
    "GET /users/{user_id}/sessions": READ,
    "DELETE /users/{user_id}/sessions": WRITE,
    "DELETE /users/{user_id}/sessions/{session_id}": WRITE,
    "GET /users/{user_id}/sign-ins": READ,
    "POST /users/{user_id}/impersonate": IMPERSONATE,
}


def request(route: str) -> tuple[str, str]:
    method, path = route.split(" ")
    for name in ("{user_id}", "{session_id}"):
        path = path.replace(name, str(uuid4()))
    return method, f"/v1/identity{path}"


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


@pytest.mark.parametrize("held", [READ, WRITE, REMOVE, IMPERSONATE])
async def test_one_permission_opens_its_own_routes_and_no_others(people: People, held: str) -> None:
    person = await clerk(people, held)
    for route, permission in NEEDS.items():
        answer = await person.http.request(*request(route), json={})
        assert (answer.status_code == 403) is (permission != held), (route, answer.text)


async def test_an_api_key_changes_nobody(people: People) -> None:
    administrator = await people.register(role="administrator")
    body = {"name": "key", "scope": [READ, WRITE, REMOVE, IMPERSONATE]}
    key = (await administrator.http.post("/v1/identity/me/api-keys", json=body)).json()["key"]
    async with client_of(people.app, headers={"authorization": f"Bearer {key}"}) as http:
        for route, permission in NEEDS.items():
            method, path = request(route)
            answer = await http.request(method, path, json={})
            assert (answer.status_code == 403) is (permission != READ), route


@pytest.mark.parametrize(
    ("method", "what"),
    [
        ("POST", "/suspend"),
        ("POST", "/restore"),
        ("POST", "/reset-password"),
        ("POST", "/require-verification"),
        ("POST", "/remove-second-factors"),
        ("DELETE", "/sessions"),
        ("POST", "/impersonate"),
        ("DELETE", ""),
        ("PATCH", ""),
    ],
)
async def test_nobody_touches_who_may_do_more(people: People, method: str, what: str) -> None:
    administrator = await people.register(role="administrator")
    person = await clerk(people, READ, WRITE, REMOVE, IMPERSONATE)
    place = f"{USERS}/{administrator.id}"
    tag = {"if-match": (await person.http.get(place)).headers["etag"]}
    reasoned = {"/suspend", "/restore", "/impersonate", "/remove-second-factors"}
    body = WHY if what in reasoned else {}
    answer = await person.http.request(method, place + what, json=body, headers=tag)
    assert (answer.status_code, answer.json()["code"]) == (403, "identity.beyond_own_rights")
    denied = await administrator.http.get(
        "/v1/audit/events", params={"actor_id": str(person.id), "action": "access.denied"}
    )
    named = [one["subject_id"] for one in denied.json()["items"] if one["subject_id"]]
    assert named == [str(administrator.id)], "whom it was about is kept, once"
    assert (await administrator.http.get(ME)).status_code == 200
