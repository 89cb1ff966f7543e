"""Assignments over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from modules.access.public import RoleAssignments
from shared_kernel.module import Services
from tests.kit.people import People, Person

pytestmark = pytest.mark.usefixtures("own_roles")

ASSIGNMENTS = "/v1/access/assignments"


async def assign(by: Person, to: Person, role: str) -> httpx2.Response:
    return await by.http.post(ASSIGNMENTS, json={"account_id": str(to.id), "role": role})


async def held(by: Person, **where: object) -> list[dict[str, Any]]:
    answer = await by.http.get(ASSIGNMENTS, params={key: str(one) for key, one in where.items()})
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def may(person: Person, permission: str) -> bool:
    body = {"questions": [{"permission": permission}]}
    answer = await person.http.post("/v1/access/check", json=body)
    assert answer.status_code == 200, answer.text
    allowed: bool = answer.json()["answers"][0]["allowed"]
    return allowed


async def test_a_role_is_given_and_taken_and_counts_at_once(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    assert not await may(person, "access.roles.read")
    answer = await assign(administrator, person, "administrator")
    assert (answer.status_code, answer.json()["role"]) == (201, "administrator")
    assert answer.headers["location"] == f"{ASSIGNMENTS}/{answer.json()['id']}"
    assert await may(person, "access.roles.read")
    taken = await administrator.http.delete(answer.headers["location"])
    assert taken.status_code == 204
    assert not await may(person, "access.roles.read")
    again = await administrator.http.delete(answer.headers["location"])
    assert (again.status_code, again.json()["code"]) == (404, "access.no_such_assignment")


async def test_assigning_again_returns_the_same_assignment(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    first, second = [await assign(administrator, person, "editor") for _ in range(2)]
    assert first.json() == second.json()


async def test_the_same_role_given_many_times_at_once_is_one_assignment(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    answers = await asyncio.gather(*(assign(administrator, person, "editor") for _ in range(20)))
    assert {one.status_code for one in answers} == {201}
    assert len({one.json()["id"] for one in answers}) == 1
    assert len(await held(administrator, account_id=person.id)) == 1


async def test_assignments_are_listed_by_account_and_by_role(people: People) -> None:
    administrator = await people.register(role="administrator")
    others = [await people.register(role="editor") for _ in range(3)]
    assert [one["account_id"] for one in await held(administrator, role="editor")] == [
        str(one.id) for one in others
    ]
    (only,) = await held(administrator, account_id=administrator.id)
    assert only["role"] == "administrator"
    assert await held(administrator, account_id=others[0].id, role="administrator") == []
    assert await held(administrator, role="emperor") == []


async def test_the_list_is_read_page_by_page(people: People) -> None:
    administrator = await people.register(role="administrator")
    for _ in range(2):
        await people.register(role="editor")
    seen: list[str] = []
    params: dict[str, str] = {"limit": "1"}
    while True:
        page = (await administrator.http.get(ASSIGNMENTS, params=params)).json()
        seen += [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 3


async def test_an_unknown_role_cannot_be_assigned(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    answer = await assign(administrator, person, "emperor")
    assert (answer.status_code, answer.json()["code"]) == (404, "access.no_such_role")


async def test_a_role_is_given_to_open_accounts_only(people: People) -> None:
    administrator, leaver = await people.register(role="administrator"), await people.register()
    closing = {"password": leaver.password}
    assert (await leaver.http.request("DELETE", "/v1/identity/me", json=closing)).is_success
    for account_id in (uuid4(), leaver.id):
        wanted = {"account_id": str(account_id), "role": "administrator"}
        answer = await administrator.http.post(ASSIGNMENTS, json=wanted)
        assert (answer.status_code, answer.json()["code"]) == (422, "access.no_such_account")
    (crown,) = await held(administrator, role="administrator")
    answer = await administrator.http.delete(f"{ASSIGNMENTS}/{crown['id']}")
    assert answer.json()["code"] == "access.last_administrator"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"account_id": "me", "role": "editor"},
        {"account_id": str(uuid4()), "role": "eve, administrator"},
        {"account_id": str(uuid4()), "role": 1},
        {"account_id": str(uuid4()), "role": "editor", "id": str(uuid4())},
    ],
)
async def test_a_malformed_assignment_is_refused(people: People, body: dict[str, object]) -> None:
    administrator = await people.register(role="administrator")
    answer = await administrator.http.post(ASSIGNMENTS, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_who_may_assign_cannot_make_themselves_administrator(people: People) -> None:
    administrator = await people.register(role="administrator")
    permissions = ["access.assignments.read", "access.assignments.write"]
    body = {"name": "clerk", "permissions": permissions}
    assert (await administrator.http.post("/v1/access/roles", json=body)).status_code == 201
    clerk, friend = await people.register(role="clerk"), await people.register()
    for somebody in (clerk, friend):
        answer = await assign(clerk, somebody, "administrator")
        assert (answer.status_code, answer.json()["code"]) == (403, "access.beyond_own_rights")
    (crown,) = await held(clerk, role="administrator")
    answer = await clerk.http.delete(f"{ASSIGNMENTS}/{crown['id']}")
    assert answer.json()["code"] == "access.beyond_own_rights"
    assert not await may(clerk, "access.roles.write")
    assert (await assign(clerk, friend, "clerk")).status_code == 201


async def test_the_last_administrator_cannot_be_removed(people: People) -> None:
    administrator = await people.register(role="administrator")
    (own,) = await held(administrator, role="administrator")
    answer = await administrator.http.delete(f"{ASSIGNMENTS}/{own['id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "access.last_administrator")
    assert await may(administrator, "access.roles.write")


async def test_administrators_who_remove_each_other_at_once_leave_one(people: People) -> None:
    rivals = [await people.register(role="administrator") for _ in range(6)]
    crowns = await held(rivals[0], role="administrator")
    answers = await asyncio.gather(
        *(
            rival.http.delete(f"{ASSIGNMENTS}/{crown['id']}")
            for rival, crown in zip(rivals, [*crowns[1:], crowns[0]], strict=True)
        )
    )
    assert {one.status_code for one in answers} <= {204, 403, 409}
    still = [one for one in rivals if await may(one, "access.roles.write")]
    assert len(still) >= 1
    assert len(await held(still[0], role="administrator")) == len(still)


async def test_withdrawals_past_the_last_administrator_at_once_leave_one(people: People) -> None:
    rivals = [await people.register(role="administrator") for _ in range(6)]
    services: Services = people.app.state.services
    direct = services.get(RoleAssignments)
    ends = await asyncio.gather(
        *(direct.withdraw(one.id, "administrator") for one in rivals), return_exceptions=True
    )
    refused = [one for one in ends if one is not None]
    assert [getattr(one, "code", one) for one in refused] == ["access.last_administrator"]
    assert len([one for one in rivals if await may(one, "access.roles.write")]) == 1


@pytest.mark.parametrize("name", ["", "access.roles.write, x", "*", "nobody.declares.this"])
async def test_nobody_holds_a_permission_that_does_not_exist(people: People, name: str) -> None:
    administrator = await people.register(role="administrator")
    body = {"questions": [{"permission": name}]}
    answer = await administrator.http.post("/v1/access/check", json=body)
    if name:
        assert answer.json()["answers"] == [{"allowed": False}]
    else:
        assert answer.status_code == 422


async def test_a_closed_account_loses_every_role(
    people: People,
) -> None:
    administrator, closing = await people.register(role="administrator"), await people.register()
    for role in ("editor", "administrator"):
        assert (await assign(administrator, closing, role)).status_code == 201
    closed = await closing.http.request(
        "DELETE", "/v1/identity/me", json={"password": closing.password}
    )
    assert closed.status_code == 204, closed.text
    async with asyncio.timeout(5):
        while await held(administrator, account_id=closing.id):  # noqa: ASYNC110 - seen over HTTP only
            await asyncio.sleep(0.02)
    assert len(await held(administrator, role="administrator")) == 1
