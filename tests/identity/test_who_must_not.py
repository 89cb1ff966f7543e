"""Programs, and people who act as others, at every route of identity that is none of theirs.

The routes are found, not listed: a new one is tried without being named here.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from bootstrap.routes import Routes
from shared_kernel.adapters.http import GuardedRoute
from tests.kit.people import People
from tests.kit.programs import a_program, bearer
from tests.kit.running import client_of

pytestmark = pytest.mark.usefixtures("as_stored")

IDENTITY = "/v1/identity"

# What somebody may change who acts as a user: nothing that outlasts it but what the user is shown.
ALLOWED = {"PATCH /me", "POST /logout"}


def routes_of(app: FastAPI) -> dict[str, GuardedRoute]:
    """Return the routes of identity, by method and path, that are not for everybody."""
    routes: Routes = app.state.routes
    return {
        f"{method} {str(context.path).removeprefix(IDENTITY)}": route
        for context, route in routes.guarded
        for method in (context.methods or set()) - {"HEAD"}
        if str(context.path).startswith(f"{IDENTITY}/") and not route.access.public
    }


async def call(http: httpx2.AsyncClient, route: str) -> httpx2.Response:
    """Send a request. It is refused before its body is read."""
    method, path = route.split(" ")
    while "{" in path:
        head, _, rest = path.partition("{")
        path = f"{head}{uuid4()}{rest.partition('}')[2]}"
    return await http.request(method, IDENTITY + path, json={}, headers={"if-match": '"v1"'})


@pytest_asyncio.fixture
async def program(app: FastAPI, people: People) -> AsyncGenerator[httpx2.AsyncClient]:
    """A service account that may do everything, with an access token of its own."""
    made = await a_program(await people.register("administrator"), "robot", role="administrator")
    async with client_of(app) as http:
        token = (await made.token(http)).json()["access_token"]
        http.headers.update(bearer(token))
        yield http


@pytest_asyncio.fixture
async def acting(app: FastAPI, people: People) -> AsyncGenerator[httpx2.AsyncClient]:
    """An administrator who acts as another one."""
    admin, user = [await people.register("administrator") for _ in range(2)]
    place, why = f"{IDENTITY}/users/{user.id}/impersonate", {"reason": "a complaint"}
    begun = await admin.http.post(place, json=why)
    headers = bearer(begun.json()["access_token"])
    async with client_of(app, headers=headers) as http:
        yield http


async def test_a_programs_token_is_refused_wherever_a_person_is_needed(
    app: FastAPI, program: httpx2.AsyncClient
) -> None:
    needed = {
        route
        for route, found in routes_of(app).items()
        if found.access.permission is None or found.access.fresh
    }
    assert len(needed) > 30
    for route in sorted(needed):
        answer = await call(program, route)
        assert (answer.status_code, answer.json()["code"]) == (403, "api_key_not_accepted"), route


async def test_who_acts_as_a_user_changes_nothing_of_theirs(
    app: FastAPI, acting: httpx2.AsyncClient
) -> None:
    changing = {one for one in routes_of(app) if not one.startswith("GET ")}
    assert changing > ALLOWED
    for route in sorted(changing - ALLOWED):
        answer = await call(acting, route)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_while_impersonating"), (
            route
        )
