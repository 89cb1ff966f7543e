"""Health, the OpenAPI document and its pages, over the real application."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any, cast

import httpx2
import pytest
from fastapi import FastAPI

from bootstrap.compatibility import breaking_changes
from bootstrap.health import Health
from bootstrap.settings import PlatformSettings
from shared_kernel.adapters.sql import Database
from tests.kit.cluster import TestDatabase
from tests.kit.running import client_of, running, settings_for

PEOPLE: list[dict[str, list[str]]] = [{"bearer": []}, {"cookie": []}]
OAUTH = "/v1/identity/oauth/token"  # RFC 6749 has a form of its own for errors


class Part:
    def __init__(self, *, works: bool) -> None:
        self.works, self.asked = works, 0

    async def ping(self) -> None:
        await self.check()

    async def check(self) -> None:
        self.asked += 1
        if not self.works:
            raise OSError("CANARY postgresql://user:secret@host")


async def until_ready(client: httpx2.AsyncClient) -> httpx2.Response:
    """Ask until the parts have looked again: a test that is not asynchronous keeps them from it."""
    for _ in range(100):
        answer = await client.get("/health/ready")
        if answer.status_code == 200:
            return answer
        await asyncio.sleep(0.05)
    raise AssertionError("not ready within five seconds")


async def test_ready_names_what_works(client: httpx2.AsyncClient) -> None:
    answer = await until_ready(client)
    assert answer.json()["status"] == "ready"
    assert answer.json()["checks"]["database"] == "ok"
    assert answer.headers["cache-control"] == "no-store"


async def test_live_never_asks_anything(app: FastAPI) -> None:
    health: Health = app.state.health
    part = Part(works=False)
    health.watch("part", part)
    async with client_of(app) as client:
        assert (await client.get("/health/live")).json() == {"status": "live"}
        assert part.asked == 0
        unready = await client.get("/health/ready")
        part.works = True
        await until_ready(client)
    assert unready.status_code == 503
    assert int(unready.headers["retry-after"]) >= 1
    assert unready.json()["checks"]["part"] == "failed"
    assert "CANARY" not in unready.text


@pytest.mark.parametrize(
    ("started", "stopping", "works", "status"),
    [
        (True, False, True, "ready"),
        (True, False, False, "unready"),
        (False, False, True, "unready"),
        (True, True, True, "stopping"),
    ],
)
async def test_readiness(started: bool, stopping: bool, works: bool, status: str) -> None:
    health = Health(cast("Database", Part(works=works)))
    health.started, health.stopping = started, stopping
    assert (await health.ready()).status == status


async def test_the_document_describes_every_operation(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/openapi.json")
    document = answer.json()
    operations = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    names = [operation["operationId"] for *_, operation in operations]
    assert len(names) == len(set(names)) > 30
    assert "catalog_list_products" in names
    for path, method, operation in operations:
        place = f"{method} {path}"
        assert operation["description"], place
        assert "security" in operation, place
        assert [*operation["security"]] in ([], PEOPLE, [*PEOPLE, {"api_key": []}]), place
        if "x-permission" not in operation:
            assert {"api_key": []} not in operation["security"], place
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                by_oauth = path == OAUTH and status in {"400", "401"}
                expected = "application/json" if by_oauth else "application/problem+json"
                assert list(response["content"]) == [expected], place
    assert "HTTPValidationError" not in answer.text
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert document["servers"]
    assert document["info"]["license"]["identifier"] == "MIT"


async def test_who_has_the_document_need_not_load_it_again(client: httpx2.AsyncClient) -> None:
    tag = (await client.get("/openapi.json")).headers["etag"]
    again = await client.get("/openapi.json", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
async def test_pages_run_only_scripts_of_ours(client: httpx2.AsyncClient, page: str) -> None:
    answer = await client.get(page)
    parts = answer.headers["content-security-policy"].split("; ")
    policy = {part.partition(" ")[0]: part.partition(" ")[2] for part in parts}
    assert policy["script-src"] == "'self'"
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert re.search(r"<script(?! src=)|onload=|javascript:", answer.text) is None
    loaded = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    for path in loaded:
        if path != "data:,":
            assert path.startswith("/docs/assets/")
            assert (await client.get(path)).status_code == 200, path
    assert (await client.get("/docs/assets/../../pyproject.toml")).status_code == 404


async def test_production_serves_neither_document_nor_pages(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_WITHOUT_MAIL", "true")
    settings: PlatformSettings = settings_for(database, environment="production")
    async with running(settings) as app, client_of(app) as client:
        for path in ("/openapi.json", "/docs", "/redoc", "/docs/assets/swagger-ui.css"):
            answer = await client.get(path)
            assert answer.status_code == 404, path
            assert "strict-transport-security" in answer.headers


async def test_breaking_changes_are_named(document: Mapping[str, Any]) -> None:
    old: dict[str, Any] = json.loads(json.dumps(document))
    new: dict[str, Any] = json.loads(json.dumps(old))
    assert breaking_changes(old, new) == []
    del new["paths"]["/v1/identity/me"]["get"]
    new["components"]["schemas"]["SignIn"]["required"].append("captcha")
    del new["components"]["schemas"]["ProductView"]["properties"]["sku"]
    lines = breaking_changes(old, new)
    assert "GET /v1/identity/me: is gone" in lines
    assert any("captcha is required now" in line for line in lines)
    assert any("sku is gone" in line for line in lines)
    assert breaking_changes(new, old) == []
