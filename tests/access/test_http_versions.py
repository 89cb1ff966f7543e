"""Versions of roles and policies, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kit.people import People, Person
from tests.kit.ruling import (
    AUDIT,
    POLICIES,
    READ_POLICIES,
    READ_ROLES,
    ROLES,
    VERSIONS,
    WRITE_POLICIES,
    WRITE_ROLES,
    change,
    delete,
    make_policy,
    make_role,
    refusal,
    role_named,
)

pytestmark = pytest.mark.usefixtures("settled", "own_roles")


async def versions(by: Person) -> list[dict[str, Any]]:
    answer = await by.http.get(VERSIONS, params={"limit": 200})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def document(by: Person, version: int) -> dict[str, Any]:
    answer = await by.http.get(f"{VERSIONS}/{version}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["document"]
    return found


async def restore(by: Person, version: int, **members: object) -> Any:
    return await by.http.post(f"{VERSIONS}/{version}/restore", json=members)


async def test_each_change_is_a_version_with_author_and_reason(people: People) -> None:
    administrator = await people.register(role="administrator")
    role = await make_role(administrator, "clerk", READ_ROLES, reason="We hired somebody.")
    await change(administrator, ROLES, role, permissions=[])
    policy = await make_policy(administrator, "closed-log", "deny", AUDIT, roles=["clerk"])
    await delete(administrator, POLICIES, policy, reason="They are nice.")
    latest = (await versions(administrator))[:4]
    assert [one["reason"] for one in latest] == ["They are nice.", None, None, "We hired somebody."]
    assert {one["author_id"] for one in latest} == {str(administrator.id)}
    numbers = [one["version"] for one in latest]
    assert numbers == sorted(numbers, reverse=True)
    kept = [await document(administrator, one) for one in reversed(numbers)]
    assert [one["roles"]["clerk"]["permissions"] for one in kept] == [[READ_ROLES], [], [], []]
    assert [list(one["policies"]) for one in kept] == [[], [], ["closed-log"], []]


async def test_what_changes_nothing_is_no_version(people: People) -> None:
    administrator = await people.register(role="administrator")
    role = await make_role(administrator, "clerk", READ_ROLES)
    before = await versions(administrator)
    assert (await change(administrator, ROLES, role, permissions=[READ_ROLES])).status_code == 200
    assert await versions(administrator) == before


async def test_an_earlier_version_comes_back_as_a_new_one(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    await make_role(administrator, "parent", READ_ROLES)
    role = await make_role(administrator, "clerk", AUDIT, inherits=["parent"])
    policy = await make_policy(administrator, "log", "allow", AUDIT, roles=["viewer"])
    good = (await versions(administrator))[0]["version"]
    await change(administrator, ROLES, role, permissions=[], inherits=[])
    await delete(administrator, POLICIES, policy)
    await make_policy(administrator, "other", "deny", READ_ROLES, roles=["viewer"])
    assert (await person.http.get("/v1/audit/events")).status_code == 403
    answer = await restore(administrator, good, reason="That was better.")
    assert answer.status_code == 204, answer.text
    assert (await person.http.get("/v1/audit/events")).status_code == 200
    newest = (await versions(administrator))[0]
    assert (newest["reason"], newest["version"] > good) == ("That was better.", True)
    assert await document(administrator, newest["version"]) == await document(administrator, good)
    clerk = await role_named(administrator, "clerk")
    assert (clerk["permissions"], clerk["inherits"]) == ([AUDIT], ["parent"])


async def test_roles_made_since_go_unless_somebody_holds_them(people: People) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "old")
    good = (await versions(administrator))[0]["version"]
    await make_role(administrator, "parent")
    await make_role(administrator, "child", inherits=["parent"])
    assert (await restore(administrator, good)).status_code == 204
    names = [one["name"] for one in (await administrator.http.get(ROLES)).json()["items"]]
    assert {"parent", "child"}.isdisjoint(names)
    await make_role(administrator, "held")
    await people.register(role="held")
    assert refusal(await restore(administrator, good)) == (409, "access.role_in_use")


async def test_nobody_restores_what_they_lack_or_may_not_write(people: People) -> None:
    administrator = await people.register(role="administrator")
    clerk_role = await make_role(administrator, "clerk", READ_POLICIES, WRITE_POLICIES)
    clerk = await people.register(role="clerk")
    role = await make_role(administrator, "auditors", AUDIT)
    with_audit = (await versions(administrator))[0]["version"]
    await change(administrator, ROLES, role, permissions=[])
    assert refusal(await restore(clerk, with_audit)) == (403, "permission_denied")
    more = [READ_POLICIES, WRITE_POLICIES, WRITE_ROLES]
    await change(administrator, ROLES, clerk_role, permissions=more)
    assert refusal(await restore(clerk, with_audit)) == (403, "access.beyond_own_rights")
    assert (await role_named(administrator, "auditors"))["permissions"] == []


async def test_what_would_lock_its_author_out_is_not_restored_without_force(
    people: People,
) -> None:
    administrator = await people.register(role="administrator")
    policy = await make_policy(administrator, "lock", "deny", WRITE_ROLES, force=True)
    locked = (await versions(administrator))[0]["version"]
    await delete(administrator, POLICIES, policy)
    assert refusal(await restore(administrator, locked)) == (409, "access.would_lock_you_out")
    assert (await restore(administrator, locked, force=True)).status_code == 204


@pytest.mark.parametrize("version", ["999999999", "0", "-1", "x", "99999999999999999999999"])
async def test_a_version_that_never_was_is_not_found(people: People, version: str) -> None:
    administrator = await people.register(role="administrator")
    shown = await administrator.http.get(f"{VERSIONS}/{version}")
    restored = await administrator.http.post(f"{VERSIONS}/{version}/restore", json={})
    expected = 404 if version == "999999999" else 422
    assert (shown.status_code, restored.status_code) == (expected, expected)


async def test_versions_are_read_page_by_page(people: People) -> None:
    administrator = await people.register(role="administrator")
    for number in range(5):
        await make_role(administrator, f"role-{number}")
    everything = await versions(administrator)
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        params: dict[str, str] = (
            {"limit": "2"} if cursor is None else {"limit": "2", "cursor": cursor}
        )
        page = (await administrator.http.get(VERSIONS, params=params)).json()
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == everything


async def test_versions_are_for_who_may_read_policies(people: People) -> None:
    editor = await people.register(role="editor")
    answers = [
        await editor.http.get(VERSIONS),
        await editor.http.get(f"{VERSIONS}/1"),
        await editor.http.post(f"{VERSIONS}/1/restore", json={}),
    ]
    assert {one.status_code for one in answers} == {403}
