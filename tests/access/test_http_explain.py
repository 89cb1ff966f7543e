"""Why something is allowed or not, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.catalog import shop
from tests.kit.people import People, Person
from tests.kit.ruling import GRANTS, made, make_policy, make_role

pytestmark = pytest.mark.usefixtures("own_roles")

EXPLAIN, DECISIONS = "/v1/access/explain", "/v1/access/decisions"
READ, WRITE, PUBLISH = (f"catalog.products.{one}" for one in ("read", "write", "publish"))
MANAGE = "catalog.products.manage"
OWN = {"attribute": "resource.owner_id", "op": "eq", "other": "caller.id"}
DRAFT = {"attribute": "resource.status", "op": "eq", "value": "draft"}


def product(id: str) -> dict[str, Any]:
    return {"type": "catalog.products", "id": id}


async def explained(person: Person, permission: str, **more: Any) -> dict[str, Any]:
    """Ask, and return what was decided about the one who has to be allowed."""
    answer = await person.http.post(EXPLAIN, json={"permission": permission, **more})
    assert answer.status_code == 200, answer.text
    (party,) = answer.json()["parties"]
    assert party["allowed"] is answer.json()["allowed"]
    found: dict[str, Any] = party
    return found


def steps(party: dict[str, Any]) -> list[list[tuple[str, Any]]]:
    """Return what is nearest, each step by its kind and what it is about."""
    return [
        [(one["kind"], one["condition"] or one["name"]) for one in way] for way in party["nearest"]
    ]


async def test_a_rule_of_the_module_names_the_role_through_which_it_speaks(people: People) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "junior", inherits=["editor"])
    await make_role(administrator, "senior", inherits=["junior"])
    senior = await people.register(role="senior")
    mine = (await shop.draft(senior.http)).json()["id"]
    said = await explained(senior, WRITE, resource=product(mine))
    by = said["decided_by"]
    assert (by["source"], by["effect"], by["holding"]) == ("module", "allow", WRITE)
    assert by["through"] == ["senior", "junior", "editor"]
    assert by["when"] == OWN
    assert by["attributes"] == {
        "resource.owner_id": str(senior.id),
        "caller.id": str(senior.id),
    }
    assert said["nearest"] == []


async def test_a_refusal_names_what_is_nearest_the_least_first(people: People) -> None:
    editor, viewer = await people.register(role="editor"), await people.register()
    shown = (await shop.publish(editor.http)).json()["id"]
    said = await explained(viewer, WRITE, resource=product(shown))
    assert said["decided_by"] is None
    assert steps(said) == [
        [("permission", MANAGE)],
        [("grant", WRITE)],
        [("permission", WRITE), ("condition", OWN)],
    ]


async def test_a_policy_that_denies_is_named_with_what_it_read(people: People) -> None:
    administrator = await people.register(role="administrator")
    editor = await people.register(role="editor")
    mine = (await shop.draft(editor.http)).json()["id"]
    await make_policy(administrator, "no-drafts", "deny", WRITE, when=DRAFT)
    about = {"account_id": str(editor.id), "resource": product(mine)}
    said = await explained(administrator, WRITE, **about)
    by = said["decided_by"]
    assert (by["source"], by["effect"], by["policy"]) == ("policy", "deny", "no-drafts")
    assert (by["when"], by["attributes"]) == (DRAFT, {"resource.status": "draft"})
    assert steps(said) == [[("policy", "no-drafts")], [("condition", {"not": DRAFT})]]


async def test_who_may_not_read_policies_is_told_their_names_alone(people: People) -> None:
    administrator = await people.register(role="administrator")
    editor = await people.register(role="editor")
    mine = (await shop.draft(editor.http)).json()["id"]
    office = {"attribute": "environment.address", "op": "within", "value": ["10.0.0.0/8"]}
    await make_policy(administrator, "office", "deny", WRITE, when={"not": office})
    await make_policy(administrator, "at-home", "allow", PUBLISH, when=office)
    answer = await editor.http.post(EXPLAIN, json={"permission": WRITE, "resource": product(mine)})
    assert "10.0.0.0" not in answer.text
    said = await explained(editor, WRITE, resource=product(mine))
    by = said["decided_by"]
    assert (by["policy"], by["when"], by["attributes"]) == ("office", None, {})
    assert steps(said) == [[("policy", "office")]]
    sketch: dict[str, Any] = {"type": "catalog.products", "attributes": {}}
    said = await explained(editor, PUBLISH, resource=sketch)
    assert "10.0.0.0" not in str(said)


async def test_a_grant_is_named_by_its_id(people: People) -> None:
    editor, other = await people.register(role="editor"), await people.register()
    draft = (await shop.draft(editor.http)).json()["id"]
    body = {"resource": "catalog.products", "object_id": draft, "permission": READ}
    grant = await made(editor, GRANTS, {**body, "account_id": str(other.id)})
    by = (await explained(other, READ, resource=product(draft)))["decided_by"]
    assert (by["source"], by["grant_id"]) == ("grant", grant["id"])


async def test_a_second_factor_is_all_that_is_missing(people: People) -> None:
    administrator = await people.register(role="administrator")
    role = {"requires_second_factor": True}
    await make_role(administrator, "careful", "audit.events.read", **role)
    person = await people.register(role="careful")
    assert steps(await explained(person, "audit.events.read")) == [[("second_factor", None)]]


async def test_a_scope_is_named_where_the_role_counts_there(people: People) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "keeper", MANAGE)
    category = (await shop.category(administrator.http)).json()["id"]
    person = await people.register()
    body: dict[str, object] = {"account_id": str(person.id), "role": "keeper", "scope": category}
    await made(administrator, "/v1/access/assignments", body)
    here = (await shop.draft(administrator.http, category_id=category)).json()["id"]
    by = (await explained(person, WRITE, resource=product(here)))["decided_by"]
    assert (by["scope"], by["through"]) == (category, ["keeper"])
    elsewhere = (await shop.publish(administrator.http)).json()["id"]
    said = await explained(person, WRITE, resource=product(elsewhere))
    lies_there = {"attribute": "resource.category_id", "op": "eq", "value": category}
    assert [("condition", lies_there)] in steps(said)


async def test_without_an_object_it_is_about_holding_the_permission(people: People) -> None:
    editor, viewer = await people.register(role="editor"), await people.register()
    by = (await explained(editor, WRITE))["decided_by"]
    assert (by["source"], by["holding"], by["through"]) == ("role", WRITE, ["editor"])
    assert steps(await explained(viewer, WRITE)) == [[("permission", WRITE)]]


async def test_an_object_may_be_made_up(people: People) -> None:
    editor = await people.register(role="editor")
    owner = {"owner_id": str(editor.id)}
    sketch: dict[str, Any] = {"type": "catalog.products", "attributes": owner}
    assert (await explained(editor, WRITE, resource=sketch))["allowed"]
    sketch["attributes"] = {"owner_id": str(uuid4()), "amount": 12.5, "status": "published"}
    assert not (await explained(editor, WRITE, resource=sketch))["allowed"]
    assert (await explained(editor, READ, resource=sketch))["allowed"]


async def test_of_an_object_one_may_not_read_nothing_is_told(people: People) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "helpdesk", "access.decisions.read")
    editor, helpdesk = await people.register(role="editor"), await people.register(role="helpdesk")
    draft = (await shop.draft(editor.http)).json()["id"]
    told = list[dict[str, Any]]()
    for id in (draft, str(uuid4())):
        body = {"permission": WRITE, "resource": product(id), "account_id": str(editor.id)}
        answer = await helpdesk.http.post(EXPLAIN, json=body)
        assert answer.status_code == 404
        told.append({**answer.json(), "instance": "", "request_id": "", "trace_id": ""})
    assert told[0] == told[1]


async def test_others_are_explained_to_who_may_see_decisions(people: People) -> None:
    administrator, editor = await people.register(role="administrator"), await people.register()
    about = {"account_id": str(editor.id)}
    refused = await editor.http.post(
        EXPLAIN, json={"permission": WRITE, "account_id": str(administrator.id)}
    )
    assert refused.status_code == 403
    said = await explained(administrator, WRITE, **about)
    assert said["account_id"] == str(editor.id)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"permission": "nobody.declares.this"}, "access.unknown_permission"),
        (
            {"permission": READ, "resource": {"type": "catalog.unicorns", "attributes": {}}},
            "access.unknown_resource",
        ),
        (
            {"permission": MANAGE, "resource": {"type": "catalog.products", "attributes": {}}},
            "access.not_an_action",
        ),
        ({"permission": READ, "resource": {"type": "catalog.products"}}, "access.no_object"),
        (
            {
                "permission": READ,
                "resource": {"type": "catalog.products", "attributes": {"colour": "red"}},
            },
            "access.unknown_attribute",
        ),
        (
            {
                "permission": READ,
                "resource": {"type": "catalog.products", "attributes": {"amount": "much"}},
            },
            "access.wrong_type",
        ),
        (
            {
                "permission": READ,
                "resource": {"type": "catalog.products", "attributes": {"status": ["draft"]}},
            },
            "access.wrong_type",
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
async def test_bad_questions_are_refused(people: People, body: dict[str, Any], code: str) -> None:
    person = await people.register()
    answer = await person.http.post(EXPLAIN, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_every_refusal_can_be_looked_up_with_its_explanation(people: People) -> None:
    administrator, editor = [await people.register(role=r) for r in ("administrator", "editor")]
    person = await people.register(role="editor")
    shown = (await shop.publish(editor.http)).json()["id"]
    refused = await person.http.post(f"{shop.PRODUCTS}/{shown}/archive")
    assert refused.status_code == 403
    place = f"{DECISIONS}/{refused.json()['decision_id']}"
    found = (await administrator.http.get(place)).json()
    now = await explained(person, PUBLISH, resource=product(shown))
    (party,) = found["detail"]["explanation"]["parties"]
    assert party == now
    assert (await person.http.get(place)).status_code == 403


async def test_a_refusal_does_not_tell_of_objects_its_reader_may_not_read(people: People) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "helpdesk", "access.decisions.read")
    helpdesk = await people.register(role="helpdesk")
    editor, other = await people.register(role="editor"), await people.register()
    draft = (await shop.draft(editor.http)).json()["id"]
    body = {"resource": "catalog.products", "object_id": draft, "account_id": str(other.id)}
    for action in (READ, PUBLISH):
        await made(editor, GRANTS, {**body, "permission": action})
    await make_policy(administrator, "no-drafts", "deny", PUBLISH, when=DRAFT)
    refused = await other.http.post(f"{shop.PRODUCTS}/{draft}/publish")
    place = f"{DECISIONS}/{refused.json()['decision_id']}"
    whole = await administrator.http.get(place)
    assert '"resource.owner_id":"' in whole.text or '"resource.status":"' in whole.text
    part = await helpdesk.http.get(place)
    assert part.status_code == 200
    assert '"resource.owner_id":"' not in part.text
    assert '"resource.status":"' not in part.text
    assert '"no-drafts"' in part.text


async def test_who_acts_as_somebody_else_needs_both_allowed(people: People) -> None:
    administrator, editor = [await people.register(role=r) for r in ("administrator", "editor")]
    place = f"/v1/identity/users/{editor.id}/impersonate"
    answer = await administrator.http.post(place, json={"reason": "They asked me to look at it."})
    assert answer.status_code in {200, 201}, answer.text
    editor.http.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
    asked = await editor.http.post(EXPLAIN, json={"permission": "access.roles.read"})
    said = asked.json()
    assert not said["allowed"]
    by_account = {one["account_id"]: one["allowed"] for one in said["parties"]}
    assert by_account == {str(administrator.id): True, str(editor.id): False}
