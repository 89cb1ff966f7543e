"""What somebody does in the shop over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx2

PRODUCTS = "/v1/catalog/products"
CATEGORIES = "/v1/catalog/categories"


def product_body(**changes: Any) -> dict[str, Any]:
    """Return the body of a new product."""
    body: dict[str, Any] = {
        "sku": f"SKU-{uuid4().hex[:12]}",
        "name": "Limestone ashlar",
        "price": {"amount": "38.50", "currency": "EUR"},
    }
    return body | changes


async def draft(http: httpx2.AsyncClient, **changes: Any) -> httpx2.Response:
    """Draft a product, and return the answer."""
    answer = await http.post(PRODUCTS, json=product_body(**changes))
    assert answer.status_code == 201, answer.text
    return answer


async def publish(http: httpx2.AsyncClient, **changes: Any) -> httpx2.Response:
    """Draft a product and publish it, and return the answer."""
    place = (await draft(http, **changes)).headers["location"]
    answer = await http.post(f"{place}/publish")
    assert answer.status_code == 200, answer.text
    return answer


async def category(http: httpx2.AsyncClient, **changes: Any) -> httpx2.Response:
    """Make a category, and return the answer."""
    answer = await http.post(CATEGORIES, json={"name": "Tools", **changes})
    assert answer.status_code == 201, answer.text
    return answer


async def define(
    http: httpx2.AsyncClient, of: httpx2.Response, code: str, **said: Any
) -> httpx2.Response:
    """Define an attribute of a category that was answered, and return the answer."""
    answer = await http.put(f"{of.headers['location']}/attributes/{code}", json=said)
    assert answer.status_code == 201, answer.text
    return answer


async def listed(http: httpx2.AsyncClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """Return every item of a list, page by page."""
    items: list[dict[str, Any]] = []
    while True:
        answer = await http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        query["cursor"] = page["next_cursor"]


def tag(answer: httpx2.Response) -> dict[str, str]:
    """Return the header that bases a change on what was answered."""
    return {"If-Match": answer.headers["etag"]}


def problem(answer: httpx2.Response) -> tuple[int, str]:
    """Return status and code of a refusal."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def pointers(answer: httpx2.Response) -> set[str]:
    """Return what a refusal points at."""
    return {one["pointer"] for one in answer.json()["errors"]}
