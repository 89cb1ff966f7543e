"""What a change would do, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.catalog import shop
from tests.kit.people import People, Person
from tests.kit.ruling import GRANTS, POLICIES, VERSIONS, made, make_policy, make_role

pytestmark = pytest.mark.usefixtures("own_roles")

SIMULATE = "/v1/access/simulate"
READ, WRITE, MANAGE = (f"catalog.products.{one}" for one in ("read", "write", "manage"))


async def simulated(by: Person, **change: Any) -> dict[str, Any]:
    """Suppose a change, and return what it would do."""
    answer = await by.http.post(SIMULATE, json=change)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found["complete"], found["left_out"]
    return found


async def test_a_permission_put_into_a_role_is_gained_by_all_who_hold_it(people: People) -> None:
    administrator = await people.register(role="administrator")
    editors = [await people.register(role="editor") for _ in range(2)]
    held = (await administrator.http.get("/v1/access/roles")).json()["items"]
    (now,) = [one["permissions"] for one in held if one["name"] == "editor"]
    roles = {"editor": {"permissions": [*now, "audit.events.read"]}}
    said = await simulated(administrator, policy={"roles": roles})
    ids = sorted(str(one.id) for one in editors)
    assert said["permissions"] == [
        {
            "permission": "audit.events.read",
            "gained": {"count": 2, "account_ids": ids},
            "lost": {"count": 0, "account_ids": []},
        }
    ]
    assert said["objects"] == []


async def test_nothing_is_changed_by_it(people: People) -> None:
    administrator = await people.register(role="administrator")
    before = (await administrator.http.get(VERSIONS)).json()
    policy = {"effect": "deny", "anyone": True, "permissions": [READ]}
    said = await simulated(administrator, policy={"policies": {"nobody-reads": policy}})
    assert said["permissions"]
    assert (await administrator.http.get(VERSIONS)).json() == before
    assert (await administrator.http.get(POLICIES)).json()["items"] == []
    assert (await administrator.http.get(shop.PRODUCTS)).status_code == 200


async def test_objects_are_counted_for_strangers_groups_and_owners(people: People) -> None:
    administrator, editor = [await people.register(role=r) for r in ("administrator", "editor")]
    viewer = await people.register()
    draft = (await shop.draft(editor.http)).json()["id"]
    shown = [(await shop.publish(editor.http)).json()["id"] for _ in range(2)]
    published = {"attribute": "resource.status", "op": "eq", "value": "published"}
    policy = {"effect": "deny", "anyone": True, "permissions": [READ], "when": published}
    said = await simulated(administrator, policy={"policies": {"hidden": policy}})
    rows = {
        "a stranger" if one["strangers"] else one["accounts"]["account_ids"][0]: one["lost"]
        for one in said["objects"]
    }
    lost = {"count": 2, "capped": False, "examples": sorted(shown)}
    assert rows == {
        "a stranger": lost,
        str(viewer.id): lost,
        str(editor.id): lost,
        str(administrator.id): lost,
    }
    assert draft not in str(said)


async def test_objects_the_asker_may_not_read_are_counted_and_not_named(people: People) -> None:
    administrator, editor = [await people.register(role=r) for r in ("administrator", "editor")]
    draft = (await shop.draft(editor.http)).json()["id"]
    needed = ["access.policies.read", "access.assignments.read"]
    await make_role(administrator, "planner", *needed)
    planner, viewer = await people.register(role="planner"), await people.register()
    change = {"assign": [{"account_id": str(viewer.id), "role": "administrator"}]}
    for asker, shown in ((administrator, [draft]), (planner, [])):
        rows = (await simulated(asker, **change))["objects"]
        assert {one["permission"].rpartition(".")[2] for one in rows} == {
            "read", "write", "publish", "share", "stock", "reserve"
        }  # fmt: skip
        for row in rows:
            assert row["accounts"] == {"count": 1, "account_ids": [str(viewer.id)]}
            assert row["gained"] == {"count": 1, "capped": False, "examples": shown}


async def test_what_was_shared_counts_again_where_nothing_denies_it_any_more(
    people: People,
) -> None:
    administrator, editor = [await people.register(role=r) for r in ("administrator", "editor")]
    viewer, _ = await people.register(), await people.register()
    draft = (await shop.draft(editor.http)).json()["id"]
    body: dict[str, object] = {"resource": "catalog.products", "object_id": draft}
    await made(editor, GRANTS, {**body, "permission": WRITE, "account_id": str(viewer.id)})
    await make_policy(administrator, "quiet", "deny", WRITE, roles=["viewer"])
    said = await simulated(administrator, policy={"policies": {"quiet": None}})
    gained = {
        account: row["gained"]["count"]
        for row in said["objects"]
        for account in row["accounts"]["account_ids"]
    }
    assert gained == {str(one.id): 1 for one in (administrator, editor, viewer)}


async def test_it_is_assumed_that_nobody_proved_a_second_factor_unless_said(
    people: People,
) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "auditor", "audit.events.read")
    auditor = await people.register(role="auditor")
    guarded = {"roles": {"auditor": {"requires_second_factor": True}}}
    said = await simulated(administrator, policy=guarded)
    assert [one["lost"]["account_ids"] for one in said["permissions"]] == [[str(auditor.id)]]
    said = await simulated(administrator, policy=guarded, assuming={"second_factor": True})
    assert said["permissions"] == []


async def test_it_needs_the_permission_to_see_policies_and_who_holds_what(people: People) -> None:
    administrator = await people.register(role="administrator")
    for held in ("access.policies.read", "access.assignments.read"):
        await make_role(administrator, "half", held)
        person = await people.register(role="half")
        answer = await person.http.post(SIMULATE, json={})
        assert answer.status_code == 403
        assert "decision_id" in answer.json()
        role = (await administrator.http.get("/v1/access/roles")).json()["items"]
        (half,) = [one for one in role if one["name"] == "half"]
        for one in (await administrator.http.get("/v1/access/assignments?role=half")).json()[
            "items"
        ]:
            await administrator.http.delete(f"/v1/access/assignments/{one['id']}")
        tag = {"if-match": f'"v{half["version"]}"'}
        gone = await administrator.http.delete(f"/v1/access/roles/{half['id']}", headers=tag)
        assert gone.status_code == 204, gone.text


NOBODY = str(uuid4())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"policy": {"roles": {"aa": {"permissions": ["x.y.z"]}}}}, "access.unknown_permission"),
        ({"policy": {"roles": {"aa": {"inherits": ["nobody"]}}}}, "access.unknown_role"),
        ({"policy": {"nonsense": {}}}, "access.bad_rulebook"),
        ({"policy": {"policies": {"aa": {"effect": "perhaps"}}}}, "access.policy_for_nobody"),
        ({"assign": [{"account_id": NOBODY, "role": "unheard-of"}]}, "access.unknown_role"),
        (
            {
                "share": [
                    {
                        "resource": "catalog.products",
                        "object_id": NOBODY,
                        "permission": MANAGE,
                        "role": "viewer",
                    }
                ]
            },
            "access.not_an_action",
        ),
        ({"assuming": {"address": "home"}}, "access.no_address"),
    ],
    ids=["permission", "parent", "member", "policy", "role", "share", "address"],
)
async def test_a_change_that_could_not_be_made_is_refused(
    people: People, change: dict[str, Any], code: str
) -> None:
    administrator = await people.register(role="administrator")
    answer = await administrator.http.post(SIMULATE, json=change)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    if "policy" in change:
        assert answer.json()["errors"][0]["pointer"].startswith("/body/policy")


async def test_a_circle_of_roles_is_refused(people: People) -> None:
    administrator = await people.register(role="administrator")
    roles = {"editor": {"inherits": ["viewer"]}, "viewer": {"inherits": ["editor"]}}
    answer = await administrator.http.post(SIMULATE, json={"policy": {"roles": roles}})
    assert (answer.status_code, answer.json()["code"]) == (409, "access.inheritance_cycle")
