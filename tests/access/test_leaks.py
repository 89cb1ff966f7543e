"""What somebody may not see answers like what is not there."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.catalog.shop import PRODUCTS, draft, publish
from tests.kit.people import People, Person
from tests.kit.ruling import ASSIGNMENTS, GRANTS, make_policy, make_role, refusal

pytestmark = pytest.mark.usefixtures("settled", "own_roles")

RESOURCE = "catalog.products"
READ, WRITE = f"{RESOURCE}.read", f"{RESOURCE}.write"
CHECK, EXPLAIN = "/v1/access/check", "/v1/access/explain"
OWN = {"instance", "request_id", "trace_id", "decision_id"}


def told(answer: httpx2.Response, *ids: str) -> tuple[int, dict[str, Any], list[str]]:
    """Return an answer without what differs between any two. It names none of these ids."""
    assert not any(one in answer.text for one in ids), answer.text
    body = {name: value for name, value in answer.json().items() if name not in OWN}
    return answer.status_code, body, sorted(name for name in answer.headers if name != "date")


async def both(
    by: Person, method: str, path: str, known: str, **more: Any
) -> list[tuple[int, dict[str, Any], list[str]]]:
    """Ask the same about what is there and about what is not."""
    answers: list[tuple[int, dict[str, Any], list[str]]] = []
    for one in (known, str(uuid4())):
        body = {name: (one if value == "ID" else value) for name, value in more.items()}
        answer = await by.http.request(method, path.replace("ID", one), json=body or None)
        answers.append(told(answer, one))
    return answers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{PRODUCTS}/ID"),
        ("DELETE", f"{PRODUCTS}/ID"),
        ("POST", f"{PRODUCTS}/ID/publish"),
        ("GET", f"{GRANTS}?resource={RESOURCE}&object_id=ID"),
    ],
)
async def test_somebody_elses_object_answers_like_none(
    people: People, method: str, path: str
) -> None:
    owner, other = await people.register(role="editor"), await people.register(role="editor")
    thing = (await draft(owner.http)).json()["id"]
    there, not_there = await both(other, method, path, thing)
    assert there == not_there
    assert there[0] in {404, 428}


async def test_to_share_or_change_somebody_elses_object_answers_like_none(
    people: People,
) -> None:
    owner, other = await people.register(role="editor"), await people.register(role="editor")
    thing = (await draft(owner.http)).json()["id"]
    share = {"resource": RESOURCE, "object_id": "ID", "permission": READ}
    there, not_there = await both(other, "POST", GRANTS, thing, **share, account_id=str(owner.id))
    assert there == not_there
    answers = [
        told(
            await other.http.patch(
                f"{PRODUCTS}/{one}", json={"name": "Mine"}, headers={"if-match": '"v1"'}
            ),
            one,
        )
        for one in (thing, str(uuid4()))
    ]
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


async def test_a_grant_one_has_no_part_in_answers_like_none(people: People) -> None:
    owner, friend = await people.register(role="editor"), await people.register()
    other = await people.register(role="editor")
    seen = (await publish(owner.http)).json()
    given = await owner.http.post(
        GRANTS,
        json={
            "resource": RESOURCE,
            "object_id": seen["id"],
            "permission": WRITE,
            "account_id": str(friend.id),
        },
    )
    assert given.status_code == 201
    for method in ("GET", "DELETE"):
        there, not_there = await both(other, method, f"{GRANTS}/ID", given.json()["id"])
        assert there == not_there
        assert there[0] == 404
    assert (await owner.http.get(given.headers["location"])).status_code == 200


async def test_what_one_may_change_and_not_read_is_not_there(people: People) -> None:
    administrator = await people.register(role="administrator")
    person = await people.register()
    thing = (await draft(administrator.http)).json()["id"]
    await make_policy(administrator, "blind", "allow", WRITE, roles=["viewer"])
    question = {"permission": WRITE, "resource": {"type": RESOURCE, "id": thing}}
    answer = await person.http.post(CHECK, json={"questions": [question]})
    assert answer.json()["answers"] == [{"allowed": False}]
    told_of = await person.http.post(EXPLAIN, json=question)
    assert refusal(told_of) == (404, "access.no_such_object")


async def test_to_ask_about_somebody_unknown_or_not_is_refused_alike(people: People) -> None:
    person, other = await people.register(), await people.register()
    for path, more in (
        (CHECK, {"questions": [{"permission": READ}]}),
        (EXPLAIN, {"permission": READ}),
    ):
        there, not_there = await both(person, "POST", path, str(other.id), account_id="ID", **more)
        assert there == not_there
        assert there[0] == 403


async def test_others_assignments_are_not_told_to_who_may_not_read_them(people: People) -> None:
    administrator = await people.register(role="administrator")
    person = await people.register()
    await make_role(administrator, "empty")
    given = await administrator.http.post(
        ASSIGNMENTS, json={"account_id": str(person.id), "role": "empty"}
    )
    there, not_there = await both(person, "GET", f"{ASSIGNMENTS}/ID", given.json()["id"])
    assert there == not_there
    assert there[0] == 403


async def test_what_would_be_shared_is_counted_and_not_named(people: People) -> None:
    administrator = await people.register(role="administrator")
    permissions = ("access.policies.read", "access.assignments.read")
    await make_role(administrator, "planner", *permissions)
    planner, friend = await people.register(role="planner"), await people.register()
    thing = (await draft(administrator.http)).json()["id"]
    share = {
        "resource": RESOURCE,
        "object_id": thing,
        "permission": READ,
        "account_id": str(friend.id),
    }
    answer = await planner.http.post("/v1/access/simulate", json={"share": [share]})
    assert answer.status_code == 200, answer.text
    (effect,) = answer.json()["objects"]
    assert effect["accounts"]["account_ids"] == [str(friend.id)]
    assert (effect["gained"]["count"], effect["gained"]["examples"]) == (1, [])
    assert thing not in answer.text


async def test_what_owners_would_lose_is_counted_and_not_named(people: People) -> None:
    administrator = await people.register(role="administrator")
    permissions = ("access.policies.read", "access.assignments.read")
    await make_role(administrator, "planner", *permissions)
    planner = await people.register(role="planner")
    owner, _ = [await people.register(role="editor") for _ in range(2)]
    thing = (await draft(owner.http)).json()["id"]
    closed = {
        "effect": "deny",
        "roles": ["editor"],
        "permissions": [WRITE],
        "when": {"attribute": "resource.status", "op": "eq", "value": "draft"},
    }
    body = {"policy": {"policies": {"closed": closed}}}
    for asker, named in ((administrator, True), (planner, False)):
        answer = await asker.http.post("/v1/access/simulate", json=body)
        assert answer.status_code == 200, answer.text
        (row,) = [
            one
            for one in answer.json()["objects"]
            if one["accounts"]["account_ids"] == [str(owner.id)]
        ]
        assert row["lost"]["count"] == 1
        assert (thing in answer.text) is named
