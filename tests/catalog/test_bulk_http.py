"""Whole catalogues over HTTP: sent, taken in by right, watched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bootstrap.middleware import MAX_BODY
from bootstrap.settings import PlatformSettings
from modules.catalog.adapters.settings import CatalogSettings
from tests.catalog.sending import IMPORTS, NDJSON, lines, results, sent, setts, taken_in
from tests.catalog.shop import PRODUCTS, listed
from tests.kit.people import People
from tests.kit.running import client_of, running


async def test_a_file_that_is_sent_is_taken_in_for_its_sender(people: People) -> None:
    editor = await people.register("editor")
    content = lines(
        {"external_id": "setts", "name": "Setts"},
        {"sku": "S-1", "name": "Sett", "price": "4.99", "category": "setts"},
    )
    seen = await taken_in(editor, content)
    assert seen["state"] == "succeeded"
    assert seen["result"] == {
        "written": True,
        "categories": {"created": 1, "changed": 0, "unchanged": 0},
        "products": {"created": 1, "changed": 0, "unchanged": 0},
        "error_count": 0,
        "warning_count": 0,
    }
    assert seen["progress"] == {"done": 2, "total": 2}
    (mine,) = await listed(editor.http, PRODUCTS, owner="me")
    assert (mine["sku"], mine["status"]) == ("S-1", "published")
    again = await taken_in(editor, content)
    assert again["result"]["products"] == {"created": 0, "changed": 0, "unchanged": 1}


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("application/json", b'[{"sku": "A", "name": "A", "price": 1}]'),
        ("text/csv; charset=utf-8", b"sku,name,price\nA,A,1\n"),
        ("application/x-ndjson", b'{"sku": "A", "name": "A", "price": 1}'),
    ],
)
async def test_the_content_type_says_how_rows_are_written(
    people: People, media_type: str, content: bytes
) -> None:
    editor = await people.register("editor")
    seen = await taken_in(editor, content, headers={"content-type": media_type}, draft=True)
    assert seen["result"]["products"]["created"] == 1
    (mine,) = await listed(editor.http, PRODUCTS, owner="me")
    assert mine["status"] == "draft"


async def test_refused_rows_keep_all_out_and_are_told_with_line_and_code(people: People) -> None:
    editor = await people.register("editor")
    content = b'{"sku": "A", "name": "A", "price": 1}\n\n{"sku": "B", "name": "B"}\n{"x"\n'
    seen = await taken_in(editor, content)
    assert (seen["state"], seen["error"]["code"]) == ("failed", "catalog.rows_refused")
    told = [
        (one["row"], one["line"], one["code"], one["pointer"])
        for one in await results(editor, seen)
    ]
    assert sorted(told) == [
        (2, 3, "catalog.row_refused", "/price"),
        (3, 4, "catalog.row_unreadable", None),
    ]
    assert await listed(editor.http, PRODUCTS, owner="me") == []
    kept = await taken_in(editor, content, skip_invalid=True)
    assert (kept["result"]["written"], kept["result"]["error_count"]) == (True, 2)
    assert len(await listed(editor.http, PRODUCTS, owner="me")) == 1


async def test_a_dry_run_says_what_would_be(people: People) -> None:
    editor = await people.register("editor")
    seen = await taken_in(editor, setts(3), dry_run=True)
    assert (seen["result"]["written"], seen["result"]["products"]["created"]) == (False, 3)
    assert await listed(editor.http, PRODUCTS, owner="me") == []


async def test_nobody_changes_by_a_file_what_they_may_not_change(people: People) -> None:
    editor, other = await people.register("editor"), await people.register("editor")
    await taken_in(editor, setts(1))
    await taken_in(editor, lines({"sku": "D-1", "name": "Draft", "price": 1, "status": "draft"}))
    seen = await taken_in(
        other,
        lines(
            {"sku": "S-0", "name": "Mine now", "price": 1},
            {"sku": "D-1", "name": "Mine now", "price": 1},
        ),
    )
    assert seen["state"] == "failed"
    assert {one["row"]: one["code"] for one in await results(other, seen)} == {
        1: "permission_denied",
        2: "catalog.no_such_product",
    }


async def test_who_may_not_write_products_may_not_send_files(people: People) -> None:
    viewer = await people.register()
    assert (await sent(viewer, setts(1))).status_code == 403


async def test_categories_and_publishing_need_their_own_rights(people: People) -> None:
    administrator = await people.register("administrator")
    role = {"name": "drafter", "permissions": ["catalog.products.write"]}
    answer = await administrator.http.post("/v1/access/roles", json=role)
    assert answer.status_code == 201, answer.text
    drafter = await people.register("drafter")
    seen = await taken_in(
        drafter,
        lines(
            {"external_id": "setts", "name": "Setts"},
            {"sku": "A", "name": "A", "price": 1, "category": "new-one", "status": "draft"},
            {"sku": "B", "name": "B", "price": 1, "status": "published"},
            {"sku": "C", "name": "C", "price": 1, "status": "draft"},
        ),
        skip_invalid=True,
    )
    assert seen["result"]["products"]["created"] == 1
    assert sorted((one["row"], one["code"]) for one in await results(drafter, seen)) == [
        (1, "permission_denied"),
        (2, "permission_denied"),
        (3, "permission_denied"),
    ]


@pytest.mark.parametrize(
    "media_type", ["application/xml", "text/plain", "text/csv; charset=latin-1"]
)
async def test_other_types_are_refused(people: People, media_type: str) -> None:
    editor = await people.register("editor")
    answer = await sent(editor, b"x", headers={"content-type": media_type})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


async def test_a_file_that_is_no_text_fails_and_says_no_path(people: People) -> None:
    editor = await people.register("editor")
    seen = await taken_in(editor, '{"sku": "A"}'.encode("utf-16"))
    assert seen["error"] == {"code": "catalog.file_refused", "message": "line 1 is not UTF-8"}


async def test_a_file_may_be_larger_than_any_other_body_and_none_stays(
    settings: PlatformSettings, tmp_path: Path, people: People
) -> None:
    editor = await people.register("editor")
    large = setts(2_000, description="x" * 1_000)
    assert len(large) > 2 * MAX_BODY

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(large), 100_000):
            yield large[at : at + 100_000]

    spool = CatalogSettings(
        locale="en", spool_dir=tmp_path, trash_days=30, media_dir=tmp_path / "media"
    )
    small = settings.model_copy(update={"upload_mib": 3})
    async with (
        running(small, replace={CatalogSettings: spool}) as app,
        client_of(app, headers=editor.http.headers) as http,
    ):
        answer = await http.post(IMPORTS, content=pieces(), headers=NDJSON)
        assert answer.status_code == 202, answer.text
        for content in (b" " * (3 * MAX_BODY + 1), pieces_of(b" " * MAX_BODY, 4)):
            refused = await http.post(IMPORTS, content=content, headers=NDJSON)
            assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
        other = await http.post(PRODUCTS, content=b" " * (MAX_BODY + 1))
        assert other.status_code == 413
        async with asyncio.timeout(30):
            while [*tmp_path.iterdir()]:  # noqa: ASYNC110, ASYNC240 - it is another task's to remove
                await asyncio.sleep(0.05)
    assert len(await listed(editor.http, PRODUCTS, owner="me", limit=200)) == 2_000


async def pieces_of(piece: bytes, count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield piece
