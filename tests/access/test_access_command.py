"""`app access`: who holds which role, and what is shared with whom."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from fastapi import FastAPI

from modules.access.adapters import cli
from tests.access.test_http_assignments import held, may
from tests.catalog.shop import PRODUCTS, draft
from tests.kit.commands import Type, typing_over
from tests.kit.people import People

pytestmark = pytest.mark.usefixtures("settled", "own_roles")


@pytest_asyncio.fixture
async def type_in(app: FastAPI) -> Type:
    """Type a command."""
    return typing_over(app)


async def test_a_role_is_given_and_taken(type_in: Type, people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    given = await type_in(cli.access, "assign", person.email, "administrator")
    assert given.exit_code == 0, given.output
    assert await may(person, "access.roles.read")
    taken = await type_in(cli.access, "withdraw", str(person.id), "administrator")
    assert taken.exit_code == 0, taken.output
    assert not await may(person, "access.roles.read")
    assert await held(administrator, account_id=person.id) == []


async def test_a_role_is_given_within_a_scope_and_until_a_time(
    type_in: Type, people: People
) -> None:
    await people.register(role="administrator")
    person = await people.register()
    until = "2999-01-01T00:00:00+00:00"
    words = ("assign", person.email, "editor", "--scope", "north, *", "--until", until)
    assert (await type_in(cli.access, *words)).exit_code == 0
    listed = await type_in(cli.access, "assignments", "--account", person.email, "--json")
    (found,) = json.loads(listed.stdout)
    assert (found["role"], found["scope"], found["expires_at"]) == ("editor", "north, *", until)
    text = await type_in(cli.access, "assignments", "--scope", "north, *")
    assert text.stdout.strip() == f"{person.id}  editor  within north, *  until {until}"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("assign", "nobody@example.com", "editor"), 4, "no open account"),
        (("assign", str(uuid4()), "editor"), 4, "no open account"),
        (("assign", "PERSON", "emperor"), 4, "no such role"),
        (("assign", "PERSON", "editor", "--until", "tomorrow"), 2, "is written like"),
        (("assign", "PERSON", "editor", "--until", "2020-01-01T00:00:00Z"), 4, "over"),
        (("assign", "PERSON", "editor", "--scope", "x" * 201), 2, "scope"),
        (("assign", "PERSON", "editor", "--scope", "a\nb"), 2, "scope"),
        (("withdraw", "ADMINISTRATOR", "administrator"), 3, "somebody else"),
        (("unshare", str(uuid4())), 4, "no such"),
        (("share", "audit.events.read", str(uuid4()), "--role", "viewer"), 4, "no module"),
        (("share", "catalog.products.read", str(uuid4()), "--role", "viewer"), 4, "object"),
    ],
)
async def test_what_cannot_be_done_is_said_in_one_line(
    type_in: Type, people: People, words: tuple[str, ...], code: int, message: str
) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    named = {"PERSON": person.email, "ADMINISTRATOR": administrator.email}
    refused = await type_in(cli.access, *(named.get(one, one) for one in words))
    assert (refused.exit_code, message in refused.stderr) == (code, True), refused.output
    assert len(refused.stderr.splitlines()) == 1
    assert await held(administrator, account_id=person.id) == []


async def test_an_object_is_shared_and_taken_back(type_in: Type, people: People) -> None:
    owner, friend = await people.register(role="editor"), await people.register()
    thing: dict[str, Any] = (await draft(owner.http)).json()
    words = ("share", "catalog.products.read", thing["id"], "--account", friend.email, "--json")
    shared = await type_in(cli.access, *words)
    assert shared.exit_code == 0, shared.output
    place = f"{PRODUCTS}/{thing['id']}"
    assert (await friend.http.get(place)).status_code == 200
    listed = await type_in(cli.access, "grants", "catalog.products", thing["id"])
    grant_id = json.loads(shared.stdout)["id"]
    assert listed.stdout.strip() == f"{grant_id}  catalog.products.read  {friend.id}"
    assert (await type_in(cli.access, "unshare", grant_id)).exit_code == 0
    assert (await friend.http.get(place)).status_code == 404
