"""Roles that inherit from others, over HTTP."""

from __future__ import annotations

import asyncio

import pytest

from tests.kit.people import People
from tests.kit.ruling import (
    AUDIT,
    READ_ROLES,
    ROLES,
    WRITE_ROLES,
    change,
    delete,
    make_role,
    refusal,
    role_named,
)

pytestmark = pytest.mark.usefixtures("settled", "own_roles")


async def test_a_role_holds_what_it_inherits_near_and_far(people: People) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "grandparent", AUDIT)
    await make_role(administrator, "parent", READ_ROLES, inherits=["grandparent"])
    child = await make_role(administrator, "child", inherits=["parent"])
    assert (child["permissions"], child["inherits"]) == ([], ["parent"])
    assert child["effective_permissions"] == [READ_ROLES, AUDIT]
    person = await people.register(role="child")
    assert (await person.http.get(ROLES)).status_code == 200
    assert (await person.http.get("/v1/audit/events")).status_code == 200


async def test_what_a_parent_loses_its_heirs_lose_at_once(people: People) -> None:
    administrator = await people.register(role="administrator")
    parent = await make_role(administrator, "parent", READ_ROLES)
    await make_role(administrator, "child", inherits=["parent"])
    person = await people.register(role="child")
    assert (await change(administrator, ROLES, parent, permissions=[])).status_code == 200
    assert (await person.http.get(ROLES)).status_code == 403


async def test_a_role_may_inherit_from_others_later_and_no_more(people: People) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "parent", READ_ROLES)
    child = await make_role(administrator, "child")
    changed = await change(administrator, ROLES, child, inherits=["parent"])
    assert changed.json()["effective_permissions"] == [READ_ROLES]
    back = await change(administrator, ROLES, changed.json(), inherits=[])
    assert (back.json()["inherits"], back.json()["effective_permissions"]) == ([], [])
    unchanged = await change(administrator, ROLES, back.json(), permissions=[AUDIT])
    assert unchanged.json()["inherits"] == []


async def test_no_role_inherits_from_itself(people: People) -> None:
    administrator = await people.register(role="administrator")
    top = await make_role(administrator, "top")
    await make_role(administrator, "middle", inherits=["top"])
    await make_role(administrator, "bottom", inherits=["middle"])
    for parents in (["top"], ["middle"], ["bottom"], ["bottom", "viewer"]):
        answer = await change(administrator, ROLES, top, inherits=parents)
        assert refusal(answer) == (409, "access.inheritance_cycle")
    assert (await role_named(administrator, "top"))["version"] == top["version"]


async def test_no_role_inherits_from_nobody_or_from_the_administrator(people: People) -> None:
    administrator = await people.register(role="administrator")
    body = {"name": "heir", "permissions": [], "inherits": ["emperor"]}
    answer = await administrator.http.post(ROLES, json=body)
    assert refusal(answer) == (422, "access.unknown_role")
    assert answer.json()["errors"][0]["pointer"] == "/body/inherits"
    body["inherits"] = ["administrator"]
    answer = await administrator.http.post(ROLES, json=body)
    assert refusal(answer) == (409, "access.administrator_is_fixed")
    answer = await change(
        administrator, ROLES, await role_named(administrator, "administrator"), inherits=["viewer"]
    )
    assert refusal(answer) == (409, "access.administrator_is_fixed")


async def test_a_role_others_inherit_from_is_kept(people: People) -> None:
    administrator = await people.register(role="administrator")
    parent = await make_role(administrator, "parent")
    child = await make_role(administrator, "child", inherits=["parent"])
    answer = await delete(administrator, ROLES, parent)
    assert refusal(answer) == (409, "access.role_in_use")
    assert (await delete(administrator, ROLES, child)).status_code == 204
    assert (await delete(administrator, ROLES, parent)).status_code == 204


async def test_nobody_inherits_into_a_role_what_they_lack(people: People) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "auditors", AUDIT)
    clerk_role = await make_role(administrator, "clerk", READ_ROLES, WRITE_ROLES)
    clerk = await people.register(role="clerk")
    body = {"name": "mine", "permissions": [], "inherits": ["auditors"]}
    attempts = [
        await clerk.http.post(ROLES, json=body),
        await change(clerk, ROLES, clerk_role, inherits=["auditors"]),
    ]
    assert [refusal(one) for one in attempts] == [(403, "access.beyond_own_rights")] * 2
    assert (await role_named(administrator, "clerk"))["inherits"] == []


async def test_what_is_inherited_through_a_role_with_a_second_factor_needs_it(
    people: People,
) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "guarded", READ_ROLES, requires_second_factor=True)
    await make_role(administrator, "child", inherits=["guarded"])
    person = await people.register(role="child")
    assert (await person.http.get(ROLES)).status_code == 401


async def test_parallel_changes_make_no_cycle(people: People) -> None:
    administrator = await people.register(role="administrator")
    for attempt in range(5):
        one = await make_role(administrator, f"one-{attempt}")
        two = await make_role(administrator, f"two-{attempt}")
        answers = await asyncio.gather(
            change(administrator, ROLES, one, inherits=[two["name"]]),
            change(administrator, ROLES, two, inherits=[one["name"]]),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_of_two_who_change_a_role_at_once_one_is_told(people: People) -> None:
    first, second = [await people.register(role="administrator") for _ in range(2)]
    role = await make_role(first, "contested")
    answers = await asyncio.gather(
        change(first, ROLES, role, permissions=[READ_ROLES]),
        change(second, ROLES, role, permissions=[AUDIT]),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]


@pytest.mark.parametrize(
    "inherits", ["viewer", [["viewer"]], [None], [""], ["viewer\n"], ["x" * 10_000], {"viewer": 1}]
)
async def test_parents_that_are_no_names_are_refused(people: People, inherits: object) -> None:
    administrator = await people.register(role="administrator")
    body: dict[str, object] = {"name": "heir", "permissions": [], "inherits": inherits}
    answer = await administrator.http.post(ROLES, json=body)
    assert answer.status_code == 422, answer.text
