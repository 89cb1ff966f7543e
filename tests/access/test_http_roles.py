"""Roles over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.kit.people import People, Person

pytestmark = pytest.mark.usefixtures("own_roles")

ROLES = "/v1/access/roles"
READ_ROLES, WRITE_ROLES = "access.roles.read", "access.roles.write"


async def make(person: Person, name: str, *permissions: str) -> dict[str, Any]:
    answer = await person.http.post(ROLES, json={"name": name, "permissions": permissions})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"{ROLES}/{made['id']}"
    return made


async def named(person: Person, name: str) -> dict[str, Any]:
    roles = (await person.http.get(ROLES, params={"limit": 200})).json()["items"]
    found: dict[str, Any] = next(one for one in roles if one["name"] == name)
    return found


async def test_the_catalogue_lists_what_every_module_declares(people: People) -> None:
    administrator = await people.register(role="administrator")
    listed = (await administrator.http.get("/v1/access/permissions")).json()
    names = [one["name"] for one in listed["items"]]
    assert names == sorted(names)
    assert {READ_ROLES, WRITE_ROLES, "audit.events.read"} <= set(names)
    assert (await named(administrator, "administrator"))["permissions"] == names


async def test_the_seeded_roles_are_listed_page_by_page(people: People) -> None:
    administrator = await people.register(role="administrator")
    first = await administrator.http.get(ROLES, params={"limit": 2})
    cursor = first.json()["next_cursor"]
    second = await administrator.http.get(ROLES, params={"limit": 2, "cursor": cursor})
    names = [one["name"] for page in (first, second) for one in page.json()["items"]]
    assert names[:3] == ["administrator", "editor", "viewer"]


async def test_a_role_is_made_read_changed_and_deleted(people: People) -> None:
    administrator = await people.register(role="administrator")
    made = await make(administrator, "auditor", WRITE_ROLES, READ_ROLES)
    assert made["permissions"] == [READ_ROLES, WRITE_ROLES]
    place = f"{ROLES}/{made['id']}"
    tag = (await administrator.http.get(place)).headers["etag"]
    changed = await administrator.http.patch(
        place, json={"permissions": [READ_ROLES]}, headers={"if-match": tag}
    )
    assert (changed.status_code, changed.json()["permissions"]) == (200, [READ_ROLES])
    assert changed.headers["etag"] != tag
    late = await administrator.http.delete(place, headers={"if-match": tag})
    assert (late.status_code, late.json()["code"]) == (412, "stale")
    newest = {"if-match": changed.headers["etag"]}
    assert (await administrator.http.delete(place, headers=newest)).status_code == 204
    assert (await administrator.http.get(place)).json()["code"] == "access.no_such_role"


async def test_a_change_needs_the_version_it_is_based_on(people: People) -> None:
    administrator = await people.register(role="administrator")
    place = f"{ROLES}/{(await make(administrator, 'auditor'))['id']}"
    assert (await administrator.http.patch(place, json={"permissions": []})).status_code == 428
    assert (await administrator.http.delete(place)).status_code == 428


@pytest.mark.parametrize(
    "name", ["", "a", "Admin", "eve, administrator", "admin\u0000", "*", "x" * 41, 7, None, ["a"]]
)
async def test_a_bad_name_is_refused(people: People, name: object) -> None:
    administrator = await people.register(role="administrator")
    answer = await administrator.http.post(ROLES, json={"name": name, "permissions": []})
    assert answer.status_code in {400, 422}, answer.text
    assert "eve" not in answer.text


async def test_a_name_is_taken_once(people: People) -> None:
    administrator = await people.register(role="administrator")
    await make(administrator, "auditor")
    body: dict[str, object] = {"name": "auditor", "permissions": []}
    answer = await administrator.http.post(ROLES, json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "access.role_name_taken")


async def test_an_unknown_permission_is_refused(people: People) -> None:
    administrator = await people.register(role="administrator")
    body = {"name": "auditor", "permissions": ["catalog.everything.*"]}
    answer = await administrator.http.post(ROLES, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "access.unknown_permission")


async def test_what_comes_with_the_system_is_kept(people: People) -> None:
    administrator = await people.register(role="administrator")
    viewer = await named(administrator, "viewer")
    tag = {"if-match": f'"v{viewer["version"]}"'}
    answer = await administrator.http.delete(f"{ROLES}/{viewer['id']}", headers=tag)
    assert (answer.status_code, answer.json()["code"]) == (409, "access.built_in_role")
    fixed = await named(administrator, "administrator")
    answer = await administrator.http.patch(
        f"{ROLES}/{fixed['id']}",
        json={"permissions": []},
        headers={"if-match": f'"v{fixed["version"]}"'},
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "access.administrator_is_fixed")


async def test_a_role_somebody_holds_is_kept(people: People) -> None:
    administrator = await people.register(role="administrator")
    made = await make(administrator, "auditor")
    await people.register(role="auditor")
    answer = await administrator.http.delete(f"{ROLES}/{made['id']}", headers={"if-match": '"v1"'})
    assert (answer.status_code, answer.json()["code"]) == (409, "access.role_in_use")


async def test_a_change_of_a_role_takes_effect_at_once(people: People) -> None:
    administrator = await people.register(role="administrator")
    made = await make(administrator, "auditor", READ_ROLES)
    auditor = await people.register(role="auditor")
    assert (await auditor.http.get(ROLES)).status_code == 200
    answer = await administrator.http.patch(
        f"{ROLES}/{made['id']}", json={"permissions": []}, headers={"if-match": '"v1"'}
    )
    assert answer.status_code == 200
    assert (await auditor.http.get(ROLES)).status_code == 403


async def test_who_may_write_roles_cannot_write_themselves_more_than_they_hold(
    people: People,
) -> None:
    administrator = await people.register(role="administrator")
    made = await make(administrator, "clerk", READ_ROLES, WRITE_ROLES)
    clerk = await people.register(role="clerk")
    more = [READ_ROLES, WRITE_ROLES, "audit.events.read"]
    tag = {"if-match": '"v1"'}
    attempts = [
        await clerk.http.post(ROLES, json={"name": "mine", "permissions": more}),
        await clerk.http.patch(f"{ROLES}/{made['id']}", json={"permissions": more}, headers=tag),
    ]
    for answer in attempts:
        assert (answer.status_code, answer.json()["code"]) == (403, "access.beyond_own_rights")
    assert (await named(administrator, "clerk"))["permissions"] == [READ_ROLES, WRITE_ROLES]
    log = await administrator.http.get(
        "/v1/audit/events", params={"actor_id": str(clerk.id), "outcome": "refused"}
    )
    assert len(log.json()["items"]) == 2


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_an_unknown_role_is_not_found(people: People, method: str) -> None:
    administrator = await people.register(role="administrator")
    answer = await administrator.http.request(
        method, f"{ROLES}/{uuid4()}", json={"permissions": []}, headers={"if-match": '"v1"'}
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "access.no_such_role")


async def test_a_change_is_in_the_audit_log_with_who_and_what(people: People) -> None:
    administrator = await people.register(role="administrator")
    made = await make(administrator, "auditor", READ_ROLES)
    log = await administrator.http.get("/v1/audit/events", params={"subject_id": made["id"]})
    (entry,) = log.json()["items"]
    assert (entry["action"], entry["actor_id"]) == ("access.RoleCreated", str(administrator.id))
    assert entry["detail"] == {
        "role": "auditor",
        "permissions": READ_ROLES,
        "inherits": "",
        "requires_second_factor": "false",
        "version": entry["detail"]["version"],
    }
