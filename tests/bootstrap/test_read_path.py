"""A route with a plan answers exactly what the framework answers: status, headers and body."""

from __future__ import annotations

import random
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import httpx2
import pytest
import pytest_asyncio
from fastapi import Cookie, Depends, FastAPI, Header, HTTPException, Query, Request, Response

from bootstrap.routes import Routes
from shared_kernel.adapters.http import CurrentCaller, GuardedRoute, Router, public, signed_in
from tests.bootstrap.toy import toy
from tests.catalog.pictures import added, png
from tests.catalog.shop import category, draft, publish, tag
from tests.kit.cluster import TestDatabase
from tests.kit.passkey import a_passkey
from tests.kit.people import People
from tests.kit.running import client_of
from tests.kit.straight import Answer, Straight

# The edge refuses `%00` with 400 before any route sees it.
SENT = ("", "0", "1", "2", "-1", "1.5", "me", "true", "published", "name", "-price", "12.50", "EUR",
        "a" * 2000, "%00", "b", str(uuid4()))  # fmt: skip
HEADERS: Sequence[dict[str, str]] = (
    {},
    {"if-none-match": 'W/"v2", "v1"'},
    {"if-none-match": '"v7"'},
    {"authorization": "Bearer forged"},
    {"authorization": ""},
    {"x-number": "7"},
    {"x-number": "none"},
)
OWN = re.compile(r"x-request-id|traceparent")
NAMED = re.compile(rb'"(request_id|trace_id|instance)":"[^"]*"')

odd = Router(tags=["odd"], prefix="/odd")


class Shade(StrEnum):
    LIGHT = "light"
    DARK = "b"


@dataclass(frozen=True, slots=True)
class Seen:
    """What an endpoint was called with."""

    values: list[str]
    version: int = 2


async def calls(request: Request) -> list[str]:
    """Keep the order of the calls of one request."""
    made: list[str] = request.scope.setdefault("calls", [])
    made.append("calls")
    return made


async def counted(made: Annotated[list[str], Depends(calls)], a: int | None = None) -> int:
    made.append("counted")
    if a == 2:
        raise HTTPException(409, "two", {"x-two": "2"})
    return len(made)


@odd.get("/many/{one}")
@public
async def many(
    one: UUID,
    n: Annotated[int, Depends(counted)],
    again: Annotated[int, Depends(counted, use_cache=False)],
    *,
    a: Annotated[int, Query(ge=1)] = 1,
    b: Literal["a", "b"] = "a",
    shade: Shade | None = None,
    x_number: Annotated[int, Header()] = 3,
    x_other: Annotated[str | None, Header(alias="If-None-Match")] = None,
    flag: Annotated[bool, Query(alias="is.flag")] = False,
) -> Seen:
    return Seen([repr((one, n, again, a, b, shade, x_number, x_other, flag))])


@odd.get("/needed")
@public
async def needed(a: int, response: Response) -> Seen:
    response.headers["x-a"] = str(a)
    if a == 1:
        response.status_code = 202
    return Seen([])


@odd.get("/shapes")
@public
async def shapes(a: str = "0") -> list[Seen]:
    """Return what has to be made into the declared type, or cannot be."""
    return {"0": [], "1": [{"values": ["x"]}], "2": [{"nothing": 1}]}.get(a, [Seen([a])])  # type: ignore[return-value]  # on purpose


@odd.get("/own", response_model=Seen)
@public
async def own(a: str = "0") -> Response:
    return Response(a, 418, {"x-own": "1"})


@odd.get("/mine")
@signed_in
async def mine(caller: CurrentCaller, a: int = 0) -> Seen:
    return Seen([str(caller.id), str(a)], a)


@odd.get("/cookies")
@public
async def cookies(a: Annotated[str, Cookie()] = "0") -> Seen:
    return Seen([a])


@odd.get("/several")
@public
async def several(a: Annotated[list[int], Query()]) -> Seen:
    return Seen([str(a)])


@pytest.fixture
def odd_app() -> FastAPI:
    app = toy()
    app.include_router(odd)
    return app


@pytest_asyncio.fixture
async def oddities(odd_app: FastAPI) -> AsyncGenerator[httpx2.AsyncClient]:
    async with client_of(odd_app) as http:
        yield http


@dataclass(frozen=True, slots=True)
class Planning:
    """A route with a plan, and how it is asked for."""

    route: GuardedRoute
    method: str
    path: str
    names: Sequence[str]

    def urls(self, ids: Sequence[str], more: int) -> Iterator[str]:
        """Return addresses: each parameter with each value, and some of them together.

        Among the ids there may be whole paths, of what has more than one in its path.
        """
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", self.path)
        tried = [*ids, str(uuid4()), "none", "0", "%20"] if "{" in self.path else [""]
        paths = [one for one in tried if re.fullmatch(pattern, one)]
        single = [one for one in tried if "/" not in one]
        paths += [re.sub(r"\{[^}]+\}", one, self.path) for one in single]
        yield from paths
        path = paths[0]
        for name in self.names:
            yield from (f"{path}?{name}={value}" for value in SENT)
            yield f"{path}?{name}=1&{name}=2"
        dice = random.Random(7)  # noqa: S311 - the same choice at each run
        for _ in range(more if self.names else 0):
            sent = "&".join(f"{dice.choice(self.names)}={dice.choice(SENT)}" for _ in range(3))
            yield f"{path}?{sent}"


def planned(routes: Routes) -> list[Planning]:
    found: list[Planning] = []
    for context, route in routes.guarded:
        if route.planned is not None:
            names = sorted(_query_names(route.dependant))
            method = min(context.methods or ())
            found.append(Planning(route, method, str(context.path), names))
    return found


def _query_names(dependant: Any) -> set[str]:
    inner = (_query_names(one) for one in dependant.dependencies)
    return {one.alias for one in dependant.query_params}.union(*inner)


def what_was_sent(answer: Answer) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return the answer without what names the request."""
    headers = [(k, v) for k, v in answer.headers if not OWN.fullmatch(k)]
    return answer.status_code, headers, NAMED.sub(b"", answer.content)


def askers(one: Planning, url: str, people: Sequence[Straight]) -> Sequence[Straight]:
    """Return everybody; but strangers, who are refused whatever they send, with a few values."""
    known = people[:1]
    return people if one.route.access.public or "?" not in url or url.endswith("=1") else known


async def compare(
    one: Planning, people: Sequence[Straight], ids: Sequence[str], *, more: int = 20
) -> list[int]:
    """Ask both ways, with other headers each time; the odd ones with all. Returns the statuses.

    The first of the people is somebody who is known.
    """
    statuses: list[int] = []
    by_plan = one.route.planned
    sent = cycle(HEADERS)
    for url in one.urls(ids, more):
        bare = "?" not in url
        for http in askers(one, url, people):
            some: Sequence[dict[str, str]] = [{}, next(sent)] if bare else [next(sent)]
            every = HEADERS if bare else HEADERS[:2]
            for headers in some if ids else every:
                answered = await http.request(one.method, url, headers=headers)
                one.route.planned = None
                try:
                    plain = await http.request(one.method, url, headers=headers)
                finally:
                    one.route.planned = by_plan
                statuses.append(answered.status_code)
                if what_was_sent(answered) == what_was_sent(plain):
                    continue
                place = f"{one.method} {url[:80]} {headers}"
                again = await http.request(one.method, url, headers=headers)
                # Only what tells when it was asked, or how often, may differ, and each time.
                assert what_was_sent(again) != what_was_sent(answered), place
                assert answered.status_code == plain.status_code, place
                assert answered.names == plain.names, place
    return statuses


async def test_every_planned_route_answers_what_the_framework_answers(
    app: FastAPI, people: People, database: TestDatabase
) -> None:
    admin = await people.register("administrator")
    key = {"name": "backup", "scope": ["catalog.products.write"]}
    allowed = ["catalog.products.write"]
    policy: dict[str, Any] = {
        "name": "odd",
        "effect": "allow",
        "permissions": allowed,
        "roles": ["viewer"],
        "enabled": False,  # it stays in the memory of the worker's application
    }
    viewer = await people.register()
    made = [
        await publish(admin.http),
        await draft(admin.http),
        await category(admin.http),
        await admin.http.post("/v1/identity/me/api-keys", json=key),
        await admin.http.post("/v1/identity/service-accounts", json={"name": "robot"}),
        await admin.http.post("/v1/access/policies", json=policy),
        await admin.http.post("/v1/catalog/brands", json={"name": "Portland"}),
    ]
    share = {"resource": "catalog.products", "object_id": made[0].json()["id"]}
    share |= {"permission": allowed[0], "account_id": str(viewer.id)}
    made.append(await admin.http.post("/v1/access/grants", json=share))
    refused = (await viewer.http.get("/v1/access/roles")).json()
    roles = (await admin.http.get("/v1/access/roles")).json()["items"]
    ids = [str(one["id"]) for one in (*(answer.json() for answer in made), roles[0])]
    held = (await admin.http.get("/v1/access/assignments")).json()["items"]
    ids += [str(admin.id), str(held[0]["id"]), str(await a_passkey(database, admin.id)), "1"]
    ids.append(refused["decision_id"])
    place = f"/v1/catalog/products/{ids[0]}"
    variant = await admin.http.post(f"{place}/variants", json={"sku": "A"})
    color = f"{made[2].headers['location']}/attributes/color"
    await admin.http.put(color, json={"label": "Colour", "kind": "text"})
    ids.append(color)
    here = variant.headers["location"]
    taken = {"change": 5, "reason": "found"}
    assert (await admin.http.post(f"{here}/stock/adjustments", json=taken)).status_code == 201
    held = await admin.http.post(f"{here}/reservations", json={"quantity": 1})
    price = {"price": {"amount": "1.00", "currency": "EUR"}}
    ids.append((await admin.http.post(f"{place}/prices", json=price)).headers["location"])
    quader = f"{place}/translations/de"
    await admin.http.put(quader, json={"name": "Quader"}, headers=tag(made[0]))
    ids += [quader, "/v1/catalog/products/by-slug/limestone-ashlar"]
    ids.append((await added(admin.http, place, png())).headers["location"])
    ids += [here, f"{here}/stock", held.headers["location"], made[2].json()["slug"]]
    sent = await admin.http.post(
        "/v1/catalog/imports", content=b"", headers={"content-type": "text/csv"}
    )
    ids.append(sent.json()["operation_id"])
    routes = [one for one in planned(app.state.routes) if one.method == "GET"]
    assert len(routes) >= 10
    someone = Straight(app, {"authorization": admin.http.headers["authorization"]})
    for one in routes:
        statuses = await compare(one, (someone, Straight(app)), ids)
        assert {*statuses} - {401, 404, 422}, one.path  # its endpoint was reached


async def test_oddities_are_answered_as_the_framework_answers_them(odd_app: FastAPI) -> None:
    people = Straight(odd_app, {"authorization": f"Bearer {uuid4()}"}), Straight(odd_app)
    seen = {
        one.path: {*await compare(one, people, [], more=60)} - {400}
        for one in planned(odd_app.state.routes)
        if one.path.startswith("/odd/")
    }
    assert {"/odd/cookies", "/odd/several"}.isdisjoint(seen)  # no plan knows these
    assert seen["/odd/many/{one}"] == {200, 304, 409, 422}
    assert seen["/odd/needed"] == {200, 202, 304, 422}
    assert seen["/odd/shapes"] == {200, 500}
    assert seen["/odd/own"] == {418}
    assert seen["/odd/mine"] == {200, 304, 401, 422}


@pytest.mark.parametrize("query", ["", "?a=3"])
async def test_a_dependency_is_called_once_unless_it_asks_for_more(
    oddities: httpx2.AsyncClient, query: str
) -> None:
    answer = await oddities.get(f"/odd/many/{uuid4()}{query}")
    # calls, counted (1); then the one that is not shared: counted (2) on the same list.
    assert ", 2, 3, " in answer.json()["values"][0]
