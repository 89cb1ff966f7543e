"""Every route of access against everybody who might call it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from modules.access.adapters.http import router
from tests.kit.people import People
from tests.kit.running import client_of

pytestmark = pytest.mark.usefixtures("own_roles")

READ_ROLES, WRITE_ROLES = "access.roles.read", "access.roles.write"
READ_ASSIGNMENTS, WRITE_ASSIGNMENTS = "access.assignments.read", "access.assignments.write"
ANYBODY_SIGNED_IN = ""

# Route -> the permission it needs, written down here a second time on purpose.
NEEDS = {
    "GET /permissions": READ_ROLES,
    "GET /roles": READ_ROLES,
    "POST /roles": WRITE_ROLES,
    "GET /roles/{role_id}": READ_ROLES,
    "PATCH /roles/{role_id}": WRITE_ROLES,
    "DELETE /roles/{role_id}": WRITE_ROLES,
    "GET /assignments": READ_ASSIGNMENTS,
    "POST /assignments": WRITE_ASSIGNMENTS,
    "DELETE /assignments/{assignment_id}": WRITE_ASSIGNMENTS,
    "POST /check": ANYBODY_SIGNED_IN,
}


def test_the_matrix_names_every_route() -> None:
    routes = [one for one in router.routes if isinstance(one, APIRoute)]
    assert {f"{m} {one.path}" for one in routes for m in one.methods or ()} == set(NEEDS)


async def test_nobody_passes_without_signing_in(app: FastAPI) -> None:
    async with client_of(app) as http:
        for route in NEEDS:
            answer = await http.request(*_request(route), json={})
            assert answer.status_code == 401, route
            assert answer.headers["www-authenticate"].startswith("Bearer"), route


@pytest.mark.parametrize("role", [None, "viewer", "editor", "administrator"])
async def test_each_role_passes_where_it_should_and_nowhere_else(
    people: People, role: str | None
) -> None:
    person = await people.register(role=role)
    for route, permission in NEEDS.items():
        passes = role == "administrator" or permission == ANYBODY_SIGNED_IN
        answer = await person.http.request(*_request(route), json={})
        assert (answer.status_code != 403) is passes, (route, answer.text)
        assert answer.status_code != 401, route


@pytest.mark.parametrize("held", [READ_ROLES, WRITE_ROLES, READ_ASSIGNMENTS, WRITE_ASSIGNMENTS])
async def test_one_permission_opens_its_own_routes_and_no_others(people: People, held: str) -> None:
    administrator = await people.register(role="administrator")
    body = {"name": "tested", "permissions": [held]}
    assert (await administrator.http.post("/v1/access/roles", json=body)).status_code == 201
    person = await people.register(role="tested")
    for route, permission in NEEDS.items():
        answer = await person.http.request(*_request(route), json={})
        refused = permission not in {held, ANYBODY_SIGNED_IN}
        assert (answer.status_code == 403) is refused, (route, answer.text)


async def test_a_refusal_says_what_is_missing_and_is_kept_in_the_audit_log(
    people: People,
) -> None:
    person = await people.register()
    answer = await person.http.get("/v1/access/roles")
    assert answer.json()["code"] == "permission_denied"
    assert READ_ROLES in answer.json()["detail"]
    administrator = await people.register(role="administrator")
    log = await administrator.http.get(
        "/v1/audit/events", params={"actor_id": str(person.id), "action": "access.denied"}
    )
    assert [one["detail"]["permission"] for one in log.json()["items"]] == [READ_ROLES]


def _request(route: str) -> tuple[str, str]:
    method, path = route.split(" ")
    for name in ("{role_id}", "{assignment_id}"):
        path = path.replace(name, str(uuid4()))
    return method, f"/v1/access{path}"
