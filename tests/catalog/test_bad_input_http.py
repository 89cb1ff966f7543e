"""What cannot be right is refused with a stable code, and nothing of it is repeated."""

from __future__ import annotations

import json
from uuid import uuid4

import httpx2
import pytest

from tests.catalog.shop import CATEGORIES, PRODUCTS, draft, problem, product_body
from tests.kit.people import People

SECRET = "never-to-be-repeated"
MERGE_PATCH = "application/merge-patch+json"


def raw(**changes: object) -> bytes:
    return json.dumps(product_body(**changes)).encode()


HOSTILE = [
    b"",
    b"null",
    b"[]",
    b'"' + SECRET.encode() + b'"',
    b'{"sku": "' + SECRET.encode(),
    raw(name=SECRET + "\x00"),
    raw(name=SECRET + "\ud800"),
    raw(name=SECRET.encode().decode()).replace(b'"name": "', b'"name": "\xff\xfe'),
    raw().decode().encode("utf-16"),
    raw(name=2**70),
    raw(name=True),
    raw(price={"amount": 10**30, "currency": "EUR"}),
    raw(price={"amount": "1" * 30, "currency": "EUR"}),
    raw(price={"amount": float("nan"), "currency": "EUR"}),
    raw(price={"amount": "1", "currency": "EUR", f"{SECRET}!": 1}),
    raw(price=["1", "EUR"]),
    raw(**{f"{SECRET}!": SECRET}),
    raw(category_id=SECRET),
    raw(category_id=2**64),
    b'{"name": ' + b"[" * 200 + b"]" * 200 + b"}",
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
async def test_a_hostile_body_is_refused(people: People, body: bytes) -> None:
    editor = await people.register("editor")
    made = await draft(editor.http)
    place = made.headers["location"]
    headers = {"content-type": "application/json", "if-match": made.headers["etag"]}
    for method, path in (("POST", PRODUCTS), ("PATCH", place), ("POST", CATEGORIES)):
        answer = await editor.http.request(method, path, content=body, headers=headers)
        assert problem(answer)[0] in {400, 422}, answer.text
        assert SECRET not in answer.text
    assert (await editor.http.get(place)).json() == made.json()


async def test_a_body_of_five_megabytes_is_too_large(people: People) -> None:
    editor = await people.register("editor")
    answer = await editor.http.post(PRODUCTS, json=product_body(description="x" * 5_000_000))
    assert problem(answer)[0] == 413


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data"])
async def test_a_body_of_another_type_is_refused(people: People, kind: str) -> None:
    editor = await people.register("editor")
    headers = {"content-type": kind}
    answer = await editor.http.post(PRODUCTS, content=raw(), headers=headers)
    assert problem(answer)[0] in {415, 422}


async def test_a_merge_patch_may_say_so(people: People) -> None:
    editor = await people.register("editor")
    made = await draft(editor.http)
    answer = await editor.http.patch(
        made.headers["location"],
        content=b'{"name": "Quoin"}',
        headers={"content-type": MERGE_PATCH, "if-match": made.headers["etag"]},
    )
    assert (answer.status_code, answer.json()["name"]) == (200, "Quoin")


@pytest.mark.parametrize(
    "id", ["1", "x", str(2**64), "null", "0190a6e2-7d3e-7cc1-8f0a-3b5d2c4e6f700", "%00", "..%2f"]
)
async def test_what_is_no_id_is_refused(people: People, id: str) -> None:
    editor = await people.register("editor")
    for collection in (PRODUCTS, CATEGORIES):
        assert problem(await editor.http.get(f"{collection}/{id}"))[0] in {400, 404, 422}


@pytest.mark.parametrize("token", [b"x", b"a.b.c", b"\xe9", b""])
async def test_who_sends_a_token_that_does_not_hold_is_no_stranger(
    client: httpx2.AsyncClient, token: bytes
) -> None:
    for path in (PRODUCTS, f"{PRODUCTS}/{uuid4()}"):
        answer = await client.get(path, headers=[(b"authorization", b"Bearer " + token)])
        assert (problem(answer)[0], "www-authenticate" in answer.headers) == (401, True)
