"""Every route of the application against everybody who might call it.

No route is named here: what a new module serves is called like the rest.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI

from bootstrap.matrix import Line, matrix_of, written
from bootstrap.routes import Routes
from modules.access.public import ADMINISTRATOR
from shared_kernel.adapters.http import GuardedRoute
from tests.access.everybody import Everybody, filled, is_refused_at_the_gate
from tests.kit.people import People
from tests.kit.running import client_of

pytestmark = pytest.mark.usefixtures("own_roles")

PAGE = Path(__file__).parents[2] / "docs" / "access-matrix.md"
ROLES = "/v1/access/roles"


@pytest_asyncio.fixture
async def matrix(app: FastAPI) -> Sequence[Line]:
    """Return what should become of every request."""
    return await matrix_of(app)


@pytest_asyncio.fixture
async def everybody(app: FastAPI, people: People) -> AsyncGenerator[Everybody]:
    """Return whoever might call."""
    async with client_of(app) as stranger:
        yield Everybody(app, people, stranger)


def test_the_page_says_what_the_code_says(matrix: Sequence[Line]) -> None:
    assert PAGE.read_text("utf-8") == written(matrix), "write it anew with: app matrix"


def test_every_route_is_in_the_matrix(app: FastAPI, matrix: Sequence[Line]) -> None:
    routes: Routes = app.state.routes
    served = {
        (method, context.path)
        for context in routes.all
        if isinstance(context.original_route, GuardedRoute)
        for method in (context.methods or set()) - {"HEAD"}
    }
    assert {(one.method, one.path) for one in matrix} == served
    assert len(served) > 100


async def test_every_route_answers_every_role_as_the_matrix_says(
    matrix: Sequence[Line], everybody: Everybody
) -> None:
    wrong = [
        f"{line.method} {line.path} {line.ownership or ''} by {role}: {got}, not {expected}"
        for line in matrix
        for role, expected in line.outcomes.items()
        if (got := await everybody.call(line, role)) != expected
    ]
    assert not wrong, "\n".join(wrong)


async def test_one_permission_opens_its_own_routes_and_no_others(
    matrix: Sequence[Line], people: People
) -> None:
    doors: dict[str, list[Line]] = {}
    for line in matrix:
        if line.access.permission and not line.access.of_object:
            doors.setdefault(line.access.permission.name, []).append(line)
    administrator = await people.register(role=ADMINISTRATOR)
    body: dict[str, Any] = {"name": "tested", "permissions": []}
    role = (await administrator.http.post(ROLES, json=body)).headers["location"]
    person = await people.register(role="tested")
    wrong = list[str]()
    for held, own in doors.items():
        version = {"if-match": (await administrator.http.get(role)).headers["etag"]}
        await administrator.http.patch(role, json={"permissions": [held]}, headers=version)
        for line in [*own, *(others[0] for name, others in doors.items() if name != held)]:
            answer = await person.http.request(line.method, filled(line.path))
            if is_refused_at_the_gate(answer) is (line in own):
                wrong.append(f"{held}: {line.method} {line.path} {answer.status_code}")
    assert not wrong, "\n".join(wrong)


async def test_a_refusal_says_what_is_missing_and_is_kept_in_the_audit_log(
    people: People,
) -> None:
    person = await people.register()
    answer = await person.http.get(ROLES)
    assert answer.json()["code"] == "permission_denied"
    assert "access.roles.read" in answer.json()["detail"]
    administrator = await people.register(role=ADMINISTRATOR)
    log = await administrator.http.get(
        "/v1/audit/events", params={"actor_id": str(person.id), "action": "access.denied"}
    )
    assert [one["detail"]["permission"] for one in log.json()["items"]] == ["access.roles.read"]
