"""What may I do: many questions at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from shared_kernel.application.conditions import Facts
from shared_kernel.application.resources import ResourceCatalogue
from shared_kernel.module import Services
from tests.catalog import shop
from tests.kit.people import People, Person
from tests.kit.ruling import GRANTS, made, make_policy, make_role
from tests.kit.running import client_of

pytestmark = pytest.mark.usefixtures("own_roles")

CHECK = "/v1/access/check"
READ, WRITE = "catalog.products.read", "catalog.products.write"
DECISIONS = "access.decisions.read"


def on(permission: str, id: str, kind: str = "catalog.products") -> dict[str, Any]:
    """Return a question about an object."""
    return {"permission": permission, "resource": {"type": kind, "id": id}}


async def answers(person: Person, *questions: dict[str, Any], **more: Any) -> list[bool]:
    """Ask, and return the answers."""
    answer = await person.http.post(CHECK, json={"questions": questions, **more})
    assert answer.status_code == 200, answer.text
    return [one["allowed"] for one in answer.json()["answers"]]


async def test_answers_come_in_the_order_of_the_questions(people: People) -> None:
    editor, other = [await people.register(role="editor") for _ in range(2)]
    mine = (await shop.draft(editor.http)).json()["id"]
    hidden = (await shop.draft(other.http)).json()["id"]
    shown = (await shop.publish(other.http)).json()["id"]
    asked = [
        on(READ, mine),
        on(READ, hidden),
        on(READ, shown),
        on(WRITE, shown),
        on(WRITE, mine),
        {"permission": WRITE},
        {"permission": "access.roles.write"},
    ]
    assert await answers(editor, *asked) == [True, False, True, False, True, True, False]
    assert await answers(editor, *reversed(asked)) == [False, True, True, False, True, False, True]


async def test_what_does_not_exist_is_not_allowed(people: People) -> None:
    administrator = await people.register(role="administrator")
    product = (await shop.draft(administrator.http)).json()["id"]
    asked = [
        on(READ, str(uuid4())),
        on("catalog.products.eat", product),
        on(READ, product, "catalog.unicorns"),
        on("access.roles.read", product),
        {"permission": "*"},
        {"permission": "catalog.products.manage, access.roles.read"},
    ]
    assert await answers(administrator, *asked) == [False] * len(asked)
    assert await answers(administrator, on(READ, product)) == [True]


async def test_objects_of_one_kind_are_read_at_once(
    app: FastAPI, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = await people.register(role="editor")
    products = [(await shop.draft(editor.http)).json()["id"] for _ in range(3)]
    services: Services = app.state.services
    objects = services.get(ResourceCatalogue).objects["catalog.products"]()
    reads: list[int] = []
    attributes = type(objects).attributes

    async def counted(self: Any, ids: Any) -> Mapping[UUID, Facts]:
        reads.append(len(ids))
        return await attributes(self, ids)

    monkeypatch.setattr(type(objects), "attributes", counted)
    asked = [on(action, one) for one in products for action in (READ, WRITE)]
    assert await answers(editor, *asked) == [True] * 6
    assert reads == [3]


@pytest.mark.parametrize("count", [0, 101])
async def test_one_to_a_hundred_questions_are_answered(people: People, count: int) -> None:
    person = await people.register()
    body = {"questions": [{"permission": READ}] * count}
    assert (await person.http.post(CHECK, json=body)).status_code == 422
    assert len(await answers(person, *[{"permission": READ}] * 100)) == 100


async def test_nobody_asks_about_others_without_the_permission(people: People) -> None:
    person, other = await people.register(), await people.register(role="administrator")
    body = {"questions": [{"permission": "access.roles.read"}], "account_id": str(other.id)}
    refused = await person.http.post(CHECK, json=body)
    assert refused.status_code == 403
    assert "access.roles.read" not in refused.text
    about_me = {"questions": [{"permission": "access.roles.read"}], "account_id": str(person.id)}
    assert (await person.http.post(CHECK, json=about_me)).json()["answers"] == [{"allowed": False}]


async def test_who_may_see_decisions_asks_about_others(people: People) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "helpdesk", DECISIONS)
    helpdesk, editor = await people.register(role="helpdesk"), await people.register(role="editor")
    draft = (await shop.draft(editor.http)).json()["id"]
    shown = (await shop.publish(editor.http)).json()["id"]
    asked = [{"permission": WRITE}, {"permission": DECISIONS}, on(WRITE, shown), on(WRITE, draft)]
    said = await answers(helpdesk, *asked, account_id=str(editor.id))
    assert said == [True, False, True, False], "a draft does not exist for the helpdesk"
    said = await answers(administrator, *asked, account_id=str(editor.id))
    assert said == [True, False, True, True]


async def test_an_unknown_account_is_refused(people: People) -> None:
    administrator = await people.register(role="administrator")
    body = {"questions": [{"permission": READ}], "account_id": str(uuid4())}
    answer = await administrator.http.post(CHECK, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "access.no_such_account")


async def test_it_is_assumed_how_others_ask(people: People) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "careful", "audit.events.read", requires_second_factor=True)
    office = {"not": {"attribute": "environment.address", "op": "within", "value": ["10.0.0.0/8"]}}
    await make_policy(administrator, "office", "deny", WRITE, when=office)
    editor = await people.register(role="editor")
    body: dict[str, object] = {"account_id": str(editor.id), "role": "careful"}
    await made(administrator, "/v1/access/assignments", body)
    asked = [{"permission": "audit.events.read"}, {"permission": WRITE}]
    about = {"account_id": str(editor.id)}
    assert await answers(administrator, *asked, **about) == [False, False]
    proved = {"second_factor": True, "address": "10.1.2.3"}
    assert await answers(administrator, *asked, **about, assuming=proved) == [True, True]
    mine = {"questions": asked, "assuming": {"second_factor": True}}
    answer = await editor.http.post(CHECK, json=mine)
    assert (answer.status_code, answer.json()["code"]) == (422, "access.nobody_else")
    nowhere = {"questions": asked, **about, "assuming": {"address": "here"}}
    answer = await administrator.http.post(CHECK, json=nowhere)
    assert (answer.status_code, answer.json()["code"]) == (422, "access.no_address")


async def test_what_is_shared_is_allowed(people: People) -> None:
    editor, other = await people.register(role="editor"), await people.register()
    draft = (await shop.draft(editor.http)).json()["id"]
    assert await answers(other, on(READ, draft)) == [False]
    body = {"resource": "catalog.products", "object_id": draft, "permission": READ}
    await made(editor, GRANTS, {**body, "account_id": str(other.id)})
    assert await answers(other, on(READ, draft), on(WRITE, draft)) == [True, False]


async def test_strangers_ask_nothing(app: FastAPI) -> None:
    async with client_of(app) as http:
        answer = await http.post(CHECK, json={"questions": [{"permission": READ}]})
    assert answer.status_code == 401
