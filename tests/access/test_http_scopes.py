"""Assignments within a scope and until a time, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.access.test_http_assignments import held, may
from tests.catalog.shop import CATEGORIES, PRODUCTS, draft
from tests.kit.access import until
from tests.kit.people import People, Person
from tests.kit.ruling import ASSIGNMENTS, make_policy, make_role, refusal

pytestmark = pytest.mark.usefixtures("settled", "own_roles")

MANAGE = "catalog.products.manage"
ODD = ["a, b", "[x]", '"quoted"', "it's", "*", "p, role, *", " ", "\u0441\u0430t", "\U0001f9ea"]


def soon(**later: float) -> str:
    return (datetime.now(UTC) + timedelta(**later)).isoformat()


async def assign(by: Person, to: Person, role: str, **more: object) -> dict[str, Any]:
    body = {"account_id": str(to.id), "role": role, **more}
    answer = await by.http.post(ASSIGNMENTS, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert (await by.http.get(answer.headers["location"])).json() == found
    return found


async def test_a_role_within_a_scope_counts_for_what_lies_in_it(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    await make_role(administrator, "managers", MANAGE)
    made = await administrator.http.post(CATEGORIES, json={"name": "Tools"})
    category = made.json()["id"]
    inside = (await draft(administrator.http, category_id=category)).headers["location"]
    outside = (await draft(administrator.http)).headers["location"]
    given = await assign(administrator, person, "managers", scope=category)
    assert given["scope"] == category
    assert (await person.http.get(inside)).status_code == 200
    assert (await person.http.get(outside)).status_code == 404
    assert not await may(person, MANAGE)


@pytest.mark.parametrize("scope", ODD)
async def test_a_scope_is_kept_exactly_and_gives_no_wider_right(people: People, scope: str) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    given = await assign(administrator, person, "administrator", scope=scope)
    assert given["scope"] == scope
    assert await held(administrator, scope=scope) == [given]
    assert not await may(person, "access.roles.read")
    assert (await person.http.get("/v1/audit/events")).status_code == 403


@pytest.mark.parametrize("scope", ["x" * 201, "x" * 10_000, "a\nb", "a\tb", 7, None, ["a"]])
async def test_a_scope_that_is_no_plain_text_is_refused(people: People, scope: object) -> None:
    administrator = await people.register(role="administrator")
    body = {"account_id": str(administrator.id), "role": "viewer", "scope": scope}
    answer = await administrator.http.post(ASSIGNMENTS, json=body)
    assert answer.status_code == 422, answer.text


async def test_one_role_is_held_in_several_scopes(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    for scope in ("", "north", "south"):
        await assign(administrator, person, "editor", scope=scope)
        await assign(administrator, person, "editor", scope=scope)
    found = await held(administrator, account_id=person.id)
    assert [one["scope"] for one in found] == ["", "north", "south"]
    assert [one["scope"] for one in await held(administrator, scope="north")] == ["north"]
    everywhere = await administrator.http.get(f"{ASSIGNMENTS}?{urlencode({'scope': ''})}")
    assert {one["scope"] for one in everywhere.json()["items"]} == {""}


async def test_a_role_ends_when_it_was_said_to(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    await assign(administrator, person, "administrator")
    assert await may(person, "access.roles.read")
    given = await assign(administrator, person, "administrator", expires_at=soon(seconds=1))
    end = datetime.fromisoformat(given["expires_at"])
    await until(lambda: datetime.now(UTC) > end, seconds=30)
    assert not await may(person, "access.roles.read")


async def test_giving_a_role_again_sets_when_it_ends(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    lasting = await assign(administrator, person, "editor")
    ending = await assign(administrator, person, "editor", expires_at=soon(days=1))
    assert (ending["id"], lasting["expires_at"]) == (lasting["id"], None)
    assert ending["expires_at"] is not None
    assert (await assign(administrator, person, "editor")) == lasting


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("2020-01-01T00:00:00Z", "access.already_expired"),
        ("2999-01-01T00:00:00", None),
        ("9999-12-31T23:59:59-23:59", None),
        ("tomorrow", None),
        (4102444800, None),
        (True, None),
        ("", None),
    ],
)
async def test_an_end_that_is_over_or_no_time_is_refused(
    people: People, end: object, code: str | None
) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    body = {"account_id": str(person.id), "role": "editor", "expires_at": end}
    answer = await administrator.http.post(ASSIGNMENTS, json=body)
    assert answer.status_code == 422, answer.text
    if code is not None:
        assert answer.json()["code"] == code
    assert await held(administrator, account_id=person.id) == []


async def test_administrators_who_end_or_lie_in_a_scope_do_not_count_as_the_last(
    people: People,
) -> None:
    administrator, other = await people.register(role="administrator"), await people.register()
    (own,) = await held(administrator, account_id=administrator.id)
    await assign(administrator, other, "administrator", expires_at=soon(days=1))
    await assign(administrator, other, "administrator", scope="north")
    answer = await administrator.http.delete(f"{ASSIGNMENTS}/{own['id']}")
    assert refusal(answer) == (409, "access.last_administrator")
    body = {
        "account_id": str(administrator.id),
        "role": "administrator",
        "expires_at": soon(days=1),
    }
    answer = await administrator.http.post(ASSIGNMENTS, json=body)
    assert refusal(answer) == (409, "access.last_administrator")


async def test_administrators_who_end_or_lie_in_a_scope_go_while_one_stays(
    people: People,
) -> None:
    administrator, other = await people.register(role="administrator"), await people.register()
    ending = await assign(administrator, other, "administrator", expires_at=soon(days=1))
    scoped = await assign(administrator, other, "administrator", scope="north")
    for one in (ending, scoped):
        answer = await administrator.http.delete(f"{ASSIGNMENTS}/{one['id']}")
        assert answer.status_code == 204, answer.text


async def test_who_takes_their_own_administration_away_is_warned(people: People) -> None:
    administrator = await people.register(role="administrator")
    await people.register(role="administrator")
    (own,) = await held(administrator, account_id=administrator.id)
    place = f"{ASSIGNMENTS}/{own['id']}"
    assert refusal(await administrator.http.delete(place)) == (409, "access.would_lock_you_out")
    forced = await administrator.http.delete(place, params={"force": "true"})
    assert forced.status_code == 204


async def test_nobody_gives_a_role_to_which_a_policy_allows_more_than_they_hold(
    people: People,
) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "clerk", "access.assignments.write")
    await make_role(administrator, "empty")
    await make_policy(administrator, "log", "allow", "audit.events.read", roles=["empty"])
    clerk = await people.register(role="clerk")
    body = {"account_id": str(clerk.id), "role": "empty"}
    answer = await clerk.http.post(ASSIGNMENTS, json=body)
    assert refusal(answer) == (403, "access.beyond_own_rights")


async def test_a_service_account_holds_roles_like_anybody(people: People) -> None:
    administrator = await people.register(role="administrator")
    made = await administrator.http.post(
        "/v1/identity/service-accounts", json={"name": "importer", "description": "Imports."}
    )
    assert made.status_code == 201, made.text
    body = {"account_id": made.json()["id"], "role": "editor", "scope": "north"}
    answer = await administrator.http.post(ASSIGNMENTS, json=body)
    assert (answer.status_code, answer.json()["scope"]) == (201, "north")


async def test_products_are_listed_as_the_scope_allows(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    await make_role(administrator, "managers", MANAGE)
    category = (await administrator.http.post(CATEGORIES, json={"name": "Tools"})).json()["id"]
    inside = await draft(administrator.http, category_id=category)
    await draft(administrator.http)
    await assign(administrator, person, "managers", scope=category)
    listed = (await person.http.get(PRODUCTS)).json()["items"]
    assert [one["id"] for one in listed] == [inside.json()["id"]]
