"""There is always an administrator who can take a change back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.kit.people import People, Person
from tests.kit.ruling import (
    ASSIGNMENTS,
    POLICIES,
    READ_POLICIES,
    READ_ROLES,
    ROLES,
    WRITE_POLICIES,
    WRITE_ROLES,
    change,
    make_role,
    refusal,
    role_named,
)

pytestmark = pytest.mark.usefixtures("settled", "own_roles")

ASSIGN = "access.assignments.write"
WAYS_BACK = (WRITE_ROLES, ASSIGN, WRITE_POLICIES)
LOCKED_OUT = (409, "access.would_lock_you_out")
LAST = (409, "access.last_administrator")


async def crown_of(person: Person) -> dict[str, Any]:
    """Return the assignment by which somebody is administrator."""
    where = {"account_id": str(person.id), "role": "administrator"}
    items = (await person.http.get(ASSIGNMENTS, params=where)).json()["items"]
    found: dict[str, Any] = items[0]
    return found


@pytest.mark.parametrize("permission", WAYS_BACK)
@pytest.mark.parametrize("force", [False, True])
async def test_nobody_but_an_administrator_locks_the_administrators_out(
    people: People, permission: str, force: bool
) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "clerk", WRITE_POLICIES, READ_POLICIES, permission)
    clerk = await people.register(role="clerk")
    body: dict[str, object] = {
        "name": "coup",
        "effect": "deny",
        "permissions": [permission],
        "roles": ["administrator"],
        "force": force,
    }
    assert refusal(await clerk.http.post(POLICIES, json=body)) == LOCKED_OUT
    assert (await administrator.http.get(POLICIES)).json()["items"] == []


async def test_an_administrator_who_is_suspended_does_not_count_as_the_last(
    people: People,
) -> None:
    administrator = await people.register(role="administrator")
    other = await people.register(role="administrator")
    place = f"/v1/identity/users/{other.id}/suspend"
    suspended = await administrator.http.post(place, json={"reason": "Gone fishing."})
    assert suspended.status_code in {200, 204}, suspended.text
    own = await crown_of(administrator)
    away = await administrator.http.delete(f"{ASSIGNMENTS}/{own['id']}", params={"force": "true"})
    assert refusal(away) == LAST
    body = {
        "account_id": str(administrator.id),
        "role": "administrator",
        "expires_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
    }
    assert refusal(await administrator.http.post(ASSIGNMENTS, json=body)) == LAST


async def test_who_would_end_their_own_administration_is_warned(people: People) -> None:
    administrator = await people.register(role="administrator")
    await people.register(role="administrator")
    body: dict[str, object] = {
        "account_id": str(administrator.id),
        "role": "administrator",
        "expires_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
    }
    assert refusal(await administrator.http.post(ASSIGNMENTS, json=body)) == LOCKED_OUT
    forced = await administrator.http.post(ASSIGNMENTS, json={**body, "force": True})
    assert forced.status_code == 201
    assert forced.json()["expires_at"] is not None


async def test_a_role_that_ends_is_no_way_back(people: People) -> None:
    administrator = await people.register(role="administrator")
    await people.register(role="administrator")
    await make_role(administrator, "regent", *WAYS_BACK)
    place = f"{ASSIGNMENTS}/{(await crown_of(administrator))['id']}"
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    body: dict[str, object] = {"account_id": str(administrator.id), "role": "regent"}
    for end, answer in ((soon, 409), (None, 204)):
        given = await administrator.http.post(ASSIGNMENTS, json={**body, "expires_at": end})
        assert given.status_code == 201
        assert (await administrator.http.delete(place)).status_code == answer


async def test_a_second_factor_nobody_has_is_not_demanded_of_administrators(
    people: People,
) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "clerk", WRITE_ROLES, READ_ROLES)
    clerk = await people.register(role="clerk")
    crown = await role_named(administrator, "administrator")
    by_clerk = await change(clerk, ROLES, crown, requires_second_factor=True, force=True)
    assert by_clerk.status_code == 403
    own = await change(administrator, ROLES, crown, requires_second_factor=True, force=True)
    assert refusal(own) == (409, "access.second_factor_not_proved")
    assert (await administrator.http.get(ROLES)).status_code == 200


async def test_two_administrators_who_end_each_other_at_once_leave_one(people: People) -> None:
    rivals = [await people.register(role="administrator") for _ in range(4)]
    crowns = [await crown_of(one) for one in rivals]
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    await asyncio.gather(
        *(
            rival.http.post(
                ASSIGNMENTS,
                json={"account_id": crown["account_id"], "role": "administrator",
                      "expires_at": soon, "force": True},
            )
            for rival in rivals
            for crown in crowns
        )
    )  # fmt: skip
    items = (await rivals[0].http.get(ASSIGNMENTS, params={"role": "administrator"})).json()
    lasting = [one for one in items["items"] if one["expires_at"] is None]
    assert len(lasting) >= 1
