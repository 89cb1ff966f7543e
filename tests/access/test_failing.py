"""When the engine or the store of policies fails, nobody is let through who was not before."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from fastapi import FastAPI

from modules.access.adapters.memory import InMemoryAuthorizer
from modules.access.adapters.sql import SqlPolicyStore
from modules.access.application.decision.in_force import PolicyInForce
from shared_kernel.domain import Unavailable
from shared_kernel.module import Services
from tests.catalog import shop
from tests.kit.cluster import TestDatabase, drop_database, new_database
from tests.kit.people import People
from tests.kit.running import running, settings_for

ROLES, CHECK = "/v1/access/roles", "/v1/access/check"
BROKEN = (
    'insert into access.policies values (gen_random_uuid(), 1, \'broken\', \'\', \'allow\', true, \
true, \'{"attribute": "resource.nothing", "op": "eq", "value": 1}\', now())'
)
ABOUT = "insert into access.policy_permissions select id, 'access.roles.read' from access.policies"
COUNT_UP = "update access.policy_version set version = version + 1"
WIPE = """
delete from access.assignments; delete from access.grants; delete from access.roles;
delete from access.seeded_grants;
"""


class Defect(Exception):
    """What nobody thought of. CANARY."""


def fails(*_: Any, **__: Any) -> Any:
    raise Defect("CANARY")


@pytest.fixture
def installation() -> Generator[TestDatabase]:
    """A database to break."""
    made = new_database(f"failing_{uuid4().hex}")
    yield made
    drop_database(made)


@pytest_asyncio.fixture
async def fragile(installation: TestDatabase) -> AsyncGenerator[FastAPI]:
    """An application over it."""
    async with running(settings_for(installation)) as started:
        yield started


async def execute(database: TestDatabase, *statements: str) -> None:
    connection = await asyncpg.connect(database.owner_url)
    try:
        for one in statements:
            await connection.execute(one)
    finally:
        await connection.close()


def authorizer_of(app: FastAPI) -> InMemoryAuthorizer:
    services: Services = app.state.services
    return services.get(InMemoryAuthorizer)


async def test_where_the_engine_fails_nobody_passes(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator = await people.register(role="administrator")
    product = (await shop.draft(administrator.http)).headers["location"]
    tag = {"if-match": '"v1"'}
    for name in ("permits", "could_permit", "allows", "condition"):
        monkeypatch.setattr(PolicyInForce, name, fails)
    question = {"questions": [{"permission": "access.roles.read"}]}
    requests: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
        ("GET", ROLES, None),
        ("POST", ROLES, {"name": "tested", "permissions": []}),
        ("GET", product, None),
        ("GET", shop.PRODUCTS, None),
        ("PATCH", product, {"name": "Slate"}),
        ("POST", f"{product}/archive", None),
        ("POST", CHECK, question),
    )
    for method, path, body in requests:
        answer = await administrator.http.request(method, path, json=body, headers=tag)
        assert answer.status_code == 503, (method, path, answer.text)
        assert "retry-after" in answer.headers
        assert "CANARY" not in answer.text


SUPPOSED: dict[str, Any] = {"policy": {"roles": {"tested": {"permissions": []}}}}
ASKED = {"permission": "access.roles.read"}


@pytest.mark.parametrize(
    ("part", "path", "body"),
    [
        ("places", "/v1/access/explain", ASKED),
        ("asking", "/v1/access/explain", ASKED),
        ("condition", "/v1/access/simulate", SUPPOSED),
        ("in_scope", CHECK, {}),
    ],
)
async def test_a_defect_of_a_question_about_decisions_is_no_answer(
    people: People, monkeypatch: pytest.MonkeyPatch, part: str, path: str, body: dict[str, Any]
) -> None:
    administrator, other = [await people.register(role=r) for r in ("administrator", "viewer")]
    if path == CHECK:
        product = (await shop.draft(administrator.http)).json()["id"]
        about = {"type": "catalog.products", "id": product}
        question = {"permission": "catalog.products.read", "resource": about}
        body = {"questions": [question], "account_id": str(other.id)}
        # A grant keeps the question from being answered at once.
        shared = {"resource": about["type"], "object_id": product, "account_id": str(other.id)}
        given = {**shared, "permission": "catalog.products.read"}
        assert (await administrator.http.post("/v1/access/grants", json=given)).status_code == 201
    monkeypatch.setattr(PolicyInForce, part, fails)
    answer = await administrator.http.post(path, json=body)
    assert answer.status_code == 503, answer.text
    assert "retry-after" in answer.headers
    assert "CANARY" not in answer.text


@pytest.mark.usefixtures("own_roles")
@pytest.mark.parametrize("part", ["under", "later"])
async def test_where_it_cannot_be_asked_what_a_change_gives_nothing_is_changed(
    people: People, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    administrator = await people.register(role="administrator")
    permissions = ["access.roles.write", "access.roles.read"]
    made = {"name": "warden", "permissions": permissions}
    assert (await administrator.http.post(ROLES, json=made)).status_code == 201
    warden = await people.register(role="warden")
    with monkeypatch.context() as broken:
        broken.setattr(PolicyInForce, part, fails)
        tried = {"name": "tested", "permissions": permissions}
        answer = await warden.http.post(ROLES, json=tried)
    assert answer.status_code == 503, answer.text
    assert "retry-after" in answer.headers
    listed = (await administrator.http.get(ROLES)).json()["items"]
    assert "tested" not in {one["name"] for one in listed}


async def test_without_its_store_an_application_does_not_start(
    installation: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(self: SqlPolicyStore) -> int:
        raise Unavailable("the database is away")

    monkeypatch.setattr(SqlPolicyStore, "version", away)
    with pytest.raises(Unavailable):
        async with running(settings_for(installation)):
            pass


async def test_without_a_database_an_application_does_not_start(database: TestDatabase) -> None:
    nowhere = "postgresql://somebody:something@127.0.0.1:1/nothing"
    with pytest.raises(Unavailable):
        async with running(settings_for(database, database_url=nowhere)):
            pass


async def test_without_its_store_it_decides_as_before_and_says_that_it_is_not_ready(
    fragile: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(self: SqlPolicyStore) -> int:
        raise Unavailable("the database is away")

    people = People(fragile)
    administrator, viewer = await people.register(role="administrator"), await people.register()
    monkeypatch.setattr(SqlPolicyStore, "version", away)
    monkeypatch.setattr("modules.access.adapters.memory.STALE_SECONDS", 0.0)
    assert (await administrator.http.get(ROLES)).status_code == 200
    assert (await viewer.http.get(ROLES)).status_code == 403
    ready = await viewer.http.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json()["checks"]["access.InMemoryAuthorizer"] == "failed"
    await people.close()


@pytest.mark.parametrize("harm", [(BROKEN, ABOUT), (WIPE,)], ids=["a broken policy", "no roles"])
async def test_a_policy_that_cannot_be_used_leaves_the_last_good_one_in_force(
    installation: TestDatabase, fragile: FastAPI, harm: tuple[str, ...]
) -> None:
    people = People(fragile)
    administrator, viewer = await people.register(role="administrator"), await people.register()
    before = authorizer_of(fragile).version
    await execute(installation, *harm, COUNT_UP)
    for _ in range(3):
        with suppress(Exception):  # whatever it says, it goes on as before
            await authorizer_of(fragile).changed()
        assert (await administrator.http.get(ROLES)).status_code == 200
        assert (await viewer.http.get(ROLES)).status_code == 403
    assert authorizer_of(fragile).version == before
    await people.close()


async def test_an_installation_that_lost_its_roles_starts_with_those_delivered(
    installation: TestDatabase,
) -> None:
    async with running(settings_for(installation)):
        pass
    await execute(installation, WIPE)
    async with running(settings_for(installation)) as started:
        viewer = await People(started).register()
        assert (await viewer.http.get(ROLES)).status_code == 403
        assert (await viewer.http.get(shop.PRODUCTS)).status_code == 200
        await viewer.http.aclose()
