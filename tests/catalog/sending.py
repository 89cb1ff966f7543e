"""What somebody does with whole catalogues over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

import httpx2

from tests.kit.people import Person

IMPORTS, EXPORTS = "/v1/catalog/imports", "/v1/catalog/exports"
NDJSON = {"content-type": "application/x-ndjson"}


def lines(*rows: Mapping[str, object]) -> bytes:
    return "\n".join(map(json.dumps, rows)).encode()


def setts(count: int, **members: object) -> bytes:
    rows = ({"sku": f"S-{n}", "name": f"Sett {n}", "price": "4.99"} for n in range(count))
    return lines(*({**one, **members} for one in rows))


async def sent(
    person: Person, content: bytes | AsyncIterator[bytes], **options: Any
) -> httpx2.Response:
    headers = {**NDJSON, **options.pop("headers", {})}
    return await person.http.post(IMPORTS, content=content, headers=headers, params=options)


async def taken_in(person: Person, content: bytes | AsyncIterator[bytes], **options: Any) -> Any:
    """Send a file, and return its operation once it is over."""
    answer = await sent(person, content, **options)
    assert answer.status_code == 202, answer.text
    place = answer.headers["location"]
    assert place == f"/v1/operations/{answer.json()['operation_id']}"
    async with asyncio.timeout(30):
        while (seen := (await person.http.get(place)).json())["finished_at"] is None:  # noqa: ASYNC110 - it is another task's to say
            await asyncio.sleep(0.05)
    return seen


async def results(person: Person, operation: Mapping[str, Any]) -> list[dict[str, Any]]:
    answer = await person.http.get(f"/v1/operations/{operation['id']}/results")
    return cast("list[dict[str, Any]]", answer.json()["items"])
