"""Policies over HTTP: allowing and denying under conditions."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.kit.people import People
from tests.kit.ruling import (
    ALWAYS,
    AUDIT,
    POLICIES,
    READ_POLICIES,
    READ_ROLES,
    ROLES,
    WRITE_POLICIES,
    WRITE_ROLES,
    change,
    delete,
    make_policy,
    make_role,
    refusal,
)

pytestmark = pytest.mark.usefixtures("settled", "own_roles")

EVENTS = "/v1/audit/events"
READ_PRODUCTS, WRITE_PRODUCTS = "catalog.products.read", "catalog.products.write"

DRAFTS: dict[str, object] = {"attribute": "resource.status", "op": "eq", "value": "draft"}
IMPERSONATED: dict[str, object] = {"attribute": "caller.impersonated", "op": "eq", "value": True}


async def test_a_policy_is_made_shown_changed_and_deleted(people: People) -> None:
    administrator = await people.register(role="administrator")
    made = await make_policy(
        administrator, "drafts", "allow", READ_PRODUCTS, roles=["viewer"], when=DRAFTS
    )
    place = f"{POLICIES}/{made['id']}"
    shown = await administrator.http.get(place)
    assert shown.json() == made
    assert (made["when"], made["roles"], made["anyone"]) == (DRAFTS, ["viewer"], False)
    listed = (await administrator.http.get(POLICIES)).json()["items"]
    assert listed == [made]
    changed = await change(administrator, POLICIES, made, description="Everybody helps.")
    assert (changed.status_code, changed.json()["description"]) == (200, "Everybody helps.")
    assert refusal(await change(administrator, POLICIES, made, enabled=False)) == (412, "stale")
    assert refusal(await delete(administrator, POLICIES, made)) == (412, "stale")
    assert (await delete(administrator, POLICIES, changed.json())).status_code == 204
    assert refusal(await administrator.http.get(place)) == (404, "access.no_such_policy")


async def test_an_allow_gives_at_once_and_its_end_takes_at_once(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    assert (await person.http.get(EVENTS)).status_code == 403
    made = await make_policy(administrator, "open-log", "allow", AUDIT, roles=["viewer"])
    assert (await person.http.get(EVENTS)).status_code == 200
    disabled = await change(administrator, POLICIES, made, enabled=False)
    assert (await person.http.get(EVENTS)).status_code == 403
    enabled = await change(administrator, POLICIES, disabled.json(), enabled=True)
    assert (await person.http.get(EVENTS)).status_code == 200
    assert (await delete(administrator, POLICIES, enabled.json())).status_code == 204
    assert (await person.http.get(EVENTS)).status_code == 403


async def test_a_deny_wins_over_every_role_and_an_administrator_takes_it_back(
    people: People,
) -> None:
    administrator = await people.register(role="administrator")
    await make_policy(administrator, "open-log", "allow", AUDIT)
    made = await make_policy(administrator, "closed-log", "deny", AUDIT)
    assert (await administrator.http.get(EVENTS)).status_code == 403
    assert (await delete(administrator, POLICIES, made)).status_code == 204
    assert (await administrator.http.get(EVENTS)).status_code == 200


async def test_a_condition_on_who_asks_decides_at_the_gate(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    with_factor = {"attribute": "caller.second_factor", "op": "eq", "value": True}
    not_so = {"not": with_factor}
    made = await make_policy(administrator, "log", "allow", AUDIT, when=with_factor)
    assert (await person.http.get(EVENTS)).status_code in {401, 403}
    changed = await change(administrator, POLICIES, made, when=not_so)
    assert changed.json()["when"] == not_so
    assert (await person.http.get(EVENTS)).status_code == 200


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"when": {"attribute": "resource.colour", "op": "eq", "value": "red"}}, "unknown"),
        ({"when": {"attribute": "caller.password", "op": "eq", "value": "x"}}, "unknown"),
        ({"when": {"attribute": "resource.amount", "op": "lt", "value": "ten"}}, "wrong_type"),
        ({"when": {"attribute": "resource.status", "op": "lt", "value": "draft"}}, "wrong_type"),
        ({"when": {"attribute": "resource.status", "op": "eq"}}, "bad_condition"),
        ({"when": {"all": DRAFTS}}, "bad_condition"),
        ({"when": {"attribute": "resource.status", "op": "eq", "value": "a\u0000"}}, "control"),
        ({"when": {"attribute": "resource.status", "op": "eq", "value": "x" * 10_000}}, "wrong"),
        ({"when": {"any": [DRAFTS] * 101}}, "condition_too_large"),
        ({"when": {"python": "__import__('os')"}}, "bad_condition"),
        ({"permissions": ["catalog.products.*"]}, "unknown_permission"),
        ({"roles": ["emperor"]}, "unknown_role"),
        ({"roles": [], "anyone": False}, "policy_for_nobody"),
        ({"roles": ["viewer"], "anyone": True}, "policy_for_nobody"),
    ],
)
async def test_what_cannot_be_understood_is_refused(
    people: People, members: dict[str, object], code: str
) -> None:
    administrator = await people.register(role="administrator")
    body = {
        "name": "odd", "effect": "allow", "permissions": [READ_PRODUCTS], "roles": ["viewer"]
    }  # fmt: skip
    answer = await administrator.http.post(POLICIES, json={**body, **members})
    assert answer.status_code == (400 if code == "control" else 422), answer.text
    assert code in answer.json()["code"]
    assert (await administrator.http.get(POLICIES)).json()["items"] == []


async def test_a_condition_a_hundred_deep_is_refused(people: People) -> None:
    administrator = await people.register(role="administrator")
    deep: dict[str, Any] = DRAFTS
    for _ in range(20):
        deep = {"not": deep}
    body = {"name": "deep", "effect": "deny", "permissions": [READ_PRODUCTS], "anyone": True}
    answer = await administrator.http.post(POLICIES, json={**body, "when": deep})
    assert refusal(answer) == (422, "access.condition_too_large")
    for _ in range(80):
        deep = {"not": deep}
    answer = await administrator.http.post(POLICIES, json={**body, "when": deep})
    assert answer.status_code in {400, 422}


@pytest.mark.parametrize(
    "name", ["", "a", "Drafts", "a, b", "a(b)", 'a"b', "a\nb", "*", "x" * 10_000, "dr\u0430fts", 7]
)
async def test_a_bad_name_is_refused(people: People, name: object) -> None:
    administrator = await people.register(role="administrator")
    body = {"name": name, "effect": "deny", "permissions": [READ_PRODUCTS], "anyone": True}
    assert (await administrator.http.post(POLICIES, json=body)).status_code == 422


async def test_a_name_is_taken_once(people: People) -> None:
    administrator = await people.register(role="administrator")
    await make_policy(administrator, "drafts", "allow", READ_PRODUCTS, when=DRAFTS)
    body = {"name": "drafts", "effect": "deny", "permissions": [READ_PRODUCTS], "anyone": True}
    answer = await administrator.http.post(POLICIES, json=body)
    assert refusal(answer) == (409, "access.policy_name_taken")


async def test_other_permissions_may_know_other_attributes(people: People) -> None:
    administrator = await people.register(role="administrator")
    made = await make_policy(administrator, "drafts", "allow", READ_PRODUCTS, when=DRAFTS)
    answer = await change(administrator, POLICIES, made, permissions=[READ_PRODUCTS, AUDIT])
    assert refusal(answer) == (422, "access.unknown_attribute")
    both = await change(administrator, POLICIES, made, permissions=[READ_PRODUCTS, WRITE_PRODUCTS])
    assert both.status_code == 200, both.text


async def test_nobody_allows_or_takes_back_what_they_lack(people: People) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "clerk", READ_POLICIES, WRITE_POLICIES)
    clerk = await people.register(role="clerk")
    denied = await make_policy(administrator, "closed-log", "deny", AUDIT, roles=["clerk"])
    body = {"name": "mine", "effect": "allow", "permissions": [AUDIT], "roles": ["clerk"]}
    attempts = [
        await clerk.http.post(POLICIES, json=body),
        await clerk.http.post(POLICIES, json={**body, "effect": "deny"}),
        await change(clerk, POLICIES, denied, enabled=False),
        await change(clerk, POLICIES, denied, when=IMPERSONATED),
        await change(clerk, POLICIES, denied, effect="allow"),
        await delete(clerk, POLICIES, denied),
    ]
    assert [refusal(one) for one in attempts] == [(403, "access.beyond_own_rights")] * 6
    assert (await administrator.http.get(POLICIES)).json()["items"] == [denied]
    assert (await change(clerk, POLICIES, denied, description="Why?")).status_code == 200


async def test_nobody_gets_rid_of_a_deny_by_inheriting_around_it(people: People) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "held", AUDIT)
    await make_role(administrator, "denied")
    clerk_role = await make_role(
        administrator, "clerk", READ_ROLES, WRITE_ROLES, inherits=["held", "denied"]
    )
    await make_policy(administrator, "closed-log", "deny", AUDIT, roles=["denied"])
    clerk = await people.register(role="clerk")
    answer = await change(clerk, ROLES, clerk_role, inherits=["held"])
    assert refusal(answer) == (403, "access.beyond_own_rights")
    assert (await clerk.http.get(EVENTS)).status_code == 403


@pytest.mark.parametrize("permission", [WRITE_ROLES, WRITE_POLICIES, "access.assignments.write"])
async def test_who_would_lock_themselves_out_is_warned(people: People, permission: str) -> None:
    administrator = await people.register(role="administrator")
    body: dict[str, object] = {
        "name": "lock", "effect": "deny", "permissions": [permission], "anyone": True
    }  # fmt: skip
    answer = await administrator.http.post(POLICIES, json=body)
    assert refusal(answer) == (409, "access.would_lock_you_out")
    assert (await administrator.http.get(POLICIES)).json()["items"] == []
    forced = await administrator.http.post(POLICIES, json={**body, "force": True})
    assert forced.status_code == 201, forced.text
    check = {"permission": permission}
    answer = await administrator.http.post("/v1/access/check", json=check)
    assert '"allowed":true' not in answer.text.replace(" ", "")


async def test_a_deny_that_does_not_meet_its_author_needs_no_force(people: People) -> None:
    administrator = await people.register(role="administrator")
    await make_policy(administrator, "in-person", "deny", WRITE_ROLES, when=IMPERSONATED)
    await make_policy(administrator, "not-viewers", "allow", READ_ROLES, roles=["viewer"])


async def test_who_takes_their_own_permission_away_is_warned(people: People) -> None:
    administrator = await people.register(role="administrator")
    clerk_role = await make_role(administrator, "clerk", READ_ROLES, WRITE_ROLES)
    clerk = await people.register(role="clerk")
    answer = await change(clerk, ROLES, clerk_role, permissions=[READ_ROLES])
    assert refusal(answer) == (409, "access.would_lock_you_out")
    forced = await change(clerk, ROLES, clerk_role, permissions=[READ_ROLES], force=True)
    assert forced.status_code == 200


async def test_a_role_that_a_policy_names_is_kept(people: People) -> None:
    administrator = await people.register(role="administrator")
    role = await make_role(administrator, "clerk")
    await make_policy(administrator, "drafts", "deny", READ_PRODUCTS, roles=["clerk"])
    answer = await delete(administrator, ROLES, role)
    assert refusal(answer) == (409, "access.role_in_use")


async def test_of_two_who_change_a_policy_at_once_one_is_told(people: People) -> None:
    first, second = [await people.register(role="administrator") for _ in range(2)]
    policy = await make_policy(first, "contested", "deny", READ_PRODUCTS, roles=["viewer"])
    answers = await asyncio.gather(
        change(first, POLICIES, policy, roles=["editor"]),
        change(second, POLICIES, policy, enabled=False),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]


async def test_every_change_is_in_the_audit_log_with_who_what_and_why(people: People) -> None:
    administrator = await people.register(role="administrator")
    made = await make_policy(
        administrator, "drafts", "deny", READ_PRODUCTS, roles=["viewer"], reason="Tidying up."
    )
    await delete(administrator, POLICIES, made, reason="Tidy.")
    log = await administrator.http.get(EVENTS, params={"subject_id": made["id"]})
    entries = log.json()["items"]
    assert [one["action"] for one in entries] == ["access.PolicyDeleted", "access.PolicyCreated"]
    assert [one["detail"]["reason"] for one in entries] == ["Tidy.", "Tidying up."]
    assert {one["actor_id"] for one in entries} == {str(administrator.id)}
    assert entries[1]["detail"]["for"] == "viewer"


async def test_policies_are_for_who_may_read_and_write_them(people: People) -> None:
    person = await people.register(role="editor")
    place = f"{POLICIES}/{uuid4()}"
    tag = {"if-match": '"v1"'}
    answers = [
        await person.http.get(POLICIES),
        await person.http.get(place),
        await person.http.post(POLICIES, json={}),
        await person.http.patch(place, json={}, headers=tag),
        await person.http.delete(place, headers=tag),
    ]
    assert {answer.status_code for answer in answers} == {403}


async def test_what_policies_can_be_made_of_is_listed(people: People) -> None:
    administrator = await people.register(role="administrator")
    resources = (await administrator.http.get("/v1/access/resources")).json()["items"]
    products = next(one for one in resources if one["name"] == "catalog.products")
    assert products["attributes"]["resource.status"] == "text"
    assert products["attributes"]["resource.id"] == "id"
    assert {products["read"], products["share"]} <= {*products["actions"]}
    attributes = (await administrator.http.get("/v1/access/attributes")).json()["items"]
    assert {"attribute": "environment.hour", "kind": "number"} in attributes


async def test_the_shortest_policy_always_applies(people: People) -> None:
    administrator = await people.register(role="administrator")
    made = await make_policy(administrator, "short", "allow", READ_PRODUCTS)
    assert (made["when"], made["enabled"], made["undeclared"]) == (ALWAYS, True, [])
