"""Calls every route that can be called plainly, and counts what each runs on the database."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI

from bootstrap.matrix import STRANGER, Ownership, matrix_of
from bootstrap.routes import Routes
from modules.access.public import ADMINISTRATOR
from tests.access.everybody import Everybody, is_about_one
from tests.catalog.shop import CATEGORIES, PRODUCTS, category, define, draft, tag
from tests.idempotency.calls import CALLS
from tests.idempotency.world import World
from tests.kit.cluster import TestDatabase
from tests.kit.people import People, Person
from tests.kit.running import client_of
from tests.kit.statements import Served, Statements, listening
from tests.kit.straight import Straight

VALUES = ("1", "true", "me", "EUR", "published", "a", "allowed_actions", "name")


@dataclass(slots=True)
class Census:
    """The most statements that a successful request of each route has run, and which they were."""

    app: FastAPI
    most: dict[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])

    def take(self, served: Served) -> None:
        """Count a request that succeeded."""
        routes: Routes = self.app.state.routes
        template = routes.template(served.scope)
        if template is None or not 200 <= served.status < 400 or not _is_counted(template):
            return
        name = f"{served.scope['method']} {template}"
        if len(served.statements) >= len(self.most.get(name, ())):
            self.most[name] = served.statements

    @property
    def counts(self) -> dict[str, int]:
        """How many they were."""
        return {name: len(run) for name, run in self.most.items()}


@asynccontextmanager
async def counting(app: FastAPI, heard: Callable[[Served], None]) -> AsyncGenerator[None]:
    """Hear of each request that the application is sent, with what it ran."""
    plain = app.middleware_stack
    app.middleware_stack = Statements(app.build_middleware_stack(), heard)
    with listening():
        yield
    app.middleware_stack = plain


def served(app: FastAPI) -> list[str]:
    """Return every route: method and path."""
    routes: Routes = app.state.routes
    return sorted(
        f"{method} {context.path}"
        for context, _ in routes.guarded
        for method in (context.methods or set()) - {"HEAD"}
        if _is_counted(str(context.path))
    )


def _is_counted(template: str) -> bool:
    """Whether it is counted here: identity, whose routes need more to succeed, counts its own."""
    return not template.startswith("/v1/identity")


async def change_things(app: FastAPI, database: TestDatabase, key: str | None = None) -> list[str]:
    """Call each route that makes or changes something, once. Returns the addresses of all."""
    people, made = People(app), list[str]()
    admin = await people.register(ADMINISTRATOR)
    world = World(app, database, admin)
    # What restores an earlier version of the policy would take back what others made.
    for name in sorted(CALLS, key=lambda name: name != "restore_version"):
        making = CALLS[name]
        call = await making(world)
        answer = await call.send(admin.http, None if key is None else f"{key}-{name}")
        assert answer.status_code < 300, (name, answer.text)
        made.append(answer.headers.get("location", call.path))
    await people.close()
    return made


async def call_of_objects(app: FastAPI) -> None:
    """Call each route about an object, and about a part of one, that there is a recipe for."""
    people = People(app)
    async with client_of(app) as stranger:
        everybody = Everybody(app, people, stranger)
        for line in await matrix_of(app):
            if is_about_one(line) and line.ownership in {Ownership.FOREIGN, Ownership.PUBLIC}:
                for role in (ADMINISTRATOR, STRANGER):
                    await everybody.call(line, role)
    await people.close()


async def read_all(app: FastAPI, database: TestDatabase, made: Sequence[str]) -> None:
    """Call each GET route as an administrator and as a stranger, with whatever it takes."""
    people = People(app)
    admin = await people.register(ADMINISTRATOR)
    known = Straight(app, {"authorization": admin.http.headers["authorization"]})
    for path, is_public in [*((one, True) for one in made), *_addresses(app, _ids(made, admin))]:
        for one in (known, Straight(app)) if is_public else (known,):
            answer = await one.request("GET", path, {})
            assert answer.status_code < 500, (path, answer.content)
    await people.close()


async def delete_all(app: FastAPI, made: Sequence[str]) -> None:
    """Delete what was made, as far as that goes."""
    people = People(app)
    admin = await people.register(ADMINISTRATOR)
    for path in reversed(made):
        seen = await admin.http.get(path)
        await admin.http.delete(path, headers={"If-Match": seen.headers.get("etag", '"v1"')})
    await people.close()


async def define_attributes(app: FastAPI) -> None:
    """Find things by their slugs; define an attribute of a category, show it, and take it away."""
    people = People(app)
    http = (await people.register(ADMINISTRATOR)).http
    color = {"label": "Color", "kind": "text"}
    shelf = await category(http)
    await http.get(f"{CATEGORIES}/by-slug/{shelf.json()['slug']}")
    product = await draft(http)
    await http.get(f"{PRODUCTS}/by-slug/{product.json()['slug']}")
    defined = await define(http, shelf, "color", **color)
    path = str(defined.request.url)
    seen = await http.get(path)
    changed = await http.put(path, json=color | {"position": 2}, headers=tag(seen))
    await http.delete(path, headers=tag(changed))
    await people.close()


async def ask_about_rights(app: FastAPI, made: Sequence[str]) -> None:
    """Ask who may do what, and why, and what if."""
    people = People(app)
    http = (await people.register(ADMINISTRATOR)).http
    asked = {"permission": "catalog.products.read"}
    await http.post("/v1/access/check", json={"questions": [asked]})
    await http.post("/v1/access/explain", json=asked)
    await http.post(
        "/v1/access/simulate", json={"policy": {"roles": {"editor": {"permissions": []}}}}
    )
    product = next(one for one in made if "/products/" in one).split("/")[4]
    await http.get(f"/v1/access/grants?resource=catalog.products&object_id={product}")
    await people.close()


def _ids(made: Sequence[str], admin: Person) -> list[str]:
    found = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", " ".join(made))
    return [*dict.fromkeys(found), str(admin.id), "1"]


def _addresses(app: FastAPI, ids: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield addresses of all GET routes, and whether everybody may ask there."""
    routes: Routes = app.state.routes
    for context, route in routes.guarded:
        if "GET" in (context.methods or ()):
            filled = [re.sub(r"{\w+}", one, str(context.path)) for one in ids]
            for path in dict.fromkeys(filled):
                yield path, route.access.public
            for name in sorted(_query_names(route.dependant)):
                for value in (*VALUES, *ids[:1]):
                    yield f"{filled[0]}?{name}={value}", route.access.public


def _query_names(dependant: Any) -> set[str]:
    inner = (_query_names(one) for one in dependant.dependencies)
    return {one.alias for one in dependant.query_params}.union(*inner)
