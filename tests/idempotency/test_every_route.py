"""Every route marked `@idempotent` keeps its promise: noted with its change, answered again."""

from __future__ import annotations

from uuid import uuid4

import httpx2
from fastapi import FastAPI

from bootstrap.routes import Routes
from tests.catalog.shop import problem
from tests.idempotency.calls import CALLS
from tests.idempotency.rows import FORGET_ANSWERS, NOTED, run
from tests.idempotency.world import World
from tests.kit.cluster import TestDatabase
from tests.kit.people import Person

NOWHERE = {"adjust_stock", "change_products"}
"""What they made cannot be read by itself: that it was made is all that can be told."""

SAME = ("content-type", "etag", "location")


def marked(app: FastAPI) -> set[str]:
    """Return the names of the endpoints that take keys."""
    routes: Routes = app.state.routes
    return {route.name for _, route in routes.guarded if route.idempotent}


def shown(answer: httpx2.Response) -> tuple[int, dict[str, str], bytes]:
    """Return what is the same each time a request is answered."""
    stated = SAME if answer.content else SAME[1:]
    headers = {name: answer.headers[name] for name in stated if name in answer.headers}
    return answer.status_code, headers, answer.content


def test_every_marked_route_is_called_here(shop: FastAPI) -> None:
    assert marked(shop) == set(CALLS), "write in calls.py how the route is called"


async def test_what_is_sent_twice_is_noted_once_and_answered_the_same(
    shop: FastAPI, store: TestDatabase, admin: Person
) -> None:
    world = World(shop, store, admin)
    for name, making in CALLS.items():
        call, key = await making(world), uuid4().hex
        noted = await run(store, NOTED)
        first = await call.send(admin.http, key)
        assert first.status_code < 300, (name, first.text)
        assert "idempotency-replayed" not in first.headers, name
        assert await run(store, NOTED) == noted + 1, f"{name} opens no unit of work"
        again = await call.send(admin.http, key)
        assert again.headers["idempotency-replayed"] == "true", (name, again.text)
        assert shown(again) == shown(first), name


async def test_an_answer_that_was_lost_is_made_again_as_it_was(
    shop: FastAPI, store: TestDatabase, admin: Person
) -> None:
    world = World(shop, store, admin)
    for name, making in CALLS.items():
        call, key = await making(world), uuid4().hex
        first = await call.send(admin.http, key)
        await run(store, FORGET_ANSWERS)  # as if the process had been killed in between
        again = await call.send(admin.http, key)
        if name in NOWHERE:
            assert problem(again) == (409, "idempotency_answer_lost")
            continue
        assert again.headers.get("idempotency-replayed") == "true", (name, again.text)
        assert shown(again) == shown(first), name
