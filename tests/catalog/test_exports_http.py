"""Whole catalogues over HTTP: given out to those who may read them."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, cast

import httpx2
import pytest
from fastapi import FastAPI

from bootstrap.middleware.edge import BrokenOff
from bootstrap.settings import PlatformSettings
from shared_kernel.adapters.sql import Database
from shared_kernel.module import Services
from tests.catalog.sending import EXPORTS, lines, setts, taken_in
from tests.kit.people import People, Person
from tests.kit.running import running

SETTS: Sequence[Mapping[str, object]] = [
    {"sku": f"S-{n}", "name": f"Sett {n}", "price": "4.99", "category": "setts"}
    for n in range(1_100)
]


async def export(person: Person, file_format: str = "ndjson", **params: str) -> httpx2.Response:
    answer = await person.http.get(EXPORTS, params={"format": file_format, **params})
    assert answer.status_code == 200, answer.text
    return answer


async def test_what_is_given_out_can_be_taken_in_again(people: People) -> None:
    editor = await people.register("editor")
    await taken_in(
        editor,
        lines(
            {"external_id": "setts", "name": "Setts"},
            *(
                {"sku": f"S-{n}", "name": f"Sett {n}", "price": "4.99", "category": "setts"}
                for n in range(1_100)
            ),
        ),
    )
    for file_format, media_type in (
        ("ndjson", "application/x-ndjson"),
        ("json", "application/json"),
        ("csv", "text/csv; charset=utf-8"),
    ):
        answer = await export(editor, file_format)
        assert answer.headers["content-type"] == media_type
        assert (
            answer.headers["content-disposition"]
            == f'attachment; filename="products.{file_format}"'
        )
        again = await taken_in(editor, answer.content, headers={"content-type": media_type})
        assert again["result"]["products"] == {"created": 0, "changed": 0, "unchanged": 1_100}


async def test_one_is_given_what_one_may_read_and_no_more(people: People) -> None:
    editor, other = await people.register("editor"), await people.register("editor")
    await taken_in(editor, lines({"sku": "A", "name": "A", "price": 1}))
    await taken_in(editor, lines({"sku": "B", "name": "B", "price": 1, "status": "draft"}))
    assert skus(await export(editor)) == ["A", "B"]
    assert skus(await export(other)) == ["A"]
    assert skus(await export(editor, status="draft")) == ["B"]


def skus(answer: httpx2.Response) -> Sequence[str]:
    return [json.loads(line)["sku"] for line in answer.text.splitlines()]


async def test_nothing_is_given_out_in_every_format(people: People) -> None:
    editor = await people.register("editor")
    assert (await export(editor, "ndjson")).text == ""
    assert (await export(editor, "json")).json() == []
    assert (await export(editor, "csv")).text.count("\n") == 1


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\uff1d1", "'=1", "''+1"])
async def test_no_cell_is_a_formula(people: People, name: str) -> None:
    editor = await people.register("editor")
    await taken_in(editor, lines({"sku": "A", "name": name, "price": 1, "description": name}))
    ((cells),) = [*csv.DictReader(io.StringIO((await export(editor, "csv")).text))]
    assert (cells["name"], cells["description"]) == (f"'{name}", f"'{name}")
    assert json.loads((await export(editor, "ndjson")).text)["name"] == name
    content = (await export(editor, "csv")).content
    again = await taken_in(editor, content, headers={"content-type": "text/csv"})
    assert again["result"]["products"]["unchanged"] == 1


@pytest.mark.parametrize("file_format", ["json", "ndjson", "csv"])
async def test_an_export_that_fails_in_the_middle_is_seen_to_be_broken(
    settings: PlatformSettings, people: People, file_format: str
) -> None:
    editor = await people.register("editor")
    await taken_in(editor, setts(1_200))
    async with running(settings) as app:
        said = await broken_off(app, editor, file_format)
    assert said[0]["status"] == 200
    assert len(said) > 1
    assert all(one["more_body"] for one in said[1:])


async def broken_off(app: FastAPI, person: Person, file_format: str) -> list[dict[str, Any]]:
    """Return what was sent of an export, during which the database goes away."""
    database = cast("Services", app.state.services).get(Database)
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not asked:
            asked.append(True)
            return {"type": "http.request", "body": b"", "more_body": False}
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.body":
            await database.reads.close()
        said.append(dict(message))

    asked: list[bool] = []
    authorization = person.http.headers["authorization"].encode()
    scope = {
        "type": "http",
        "method": "GET",
        "http_version": "1.1",
        "scheme": "http",
        "path": EXPORTS,
        "raw_path": EXPORTS.encode(),
        "query_string": f"format={file_format}".encode(),
        "headers": [(b"host", b"127.0.0.1"), (b"authorization", authorization)],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
    with pytest.raises(BrokenOff):
        await app(scope, receive, send)
    return said
