"""Odd conditions decide a list as they decide its objects one by one, and never break it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio

from tests.catalog.shop import CATEGORIES, PRODUCTS, draft, listed
from tests.kit.people import People, Person
from tests.kit.ruling import POLICIES, change, make_policy, make_role

pytestmark = pytest.mark.usefixtures("settled", "own_roles", "clean")

READ = "catalog.products.read"
FIRST = "2026-01-01T00:00:00+00:00"


def compare(name: str, op: str, value: object) -> dict[str, Any]:
    return {"attribute": f"resource.{name}", "op": op, "value": value}


def other(name: str, op: str, of: str) -> dict[str, Any]:
    return {"attribute": f"resource.{name}", "op": op, "other": of}


IN_ORDER = ("lt", "le", "gt", "ge", "eq", "ne")

ODD: list[dict[str, Any]] = [
    *(
        compare("amount", op, value)
        for op in ("lt", "ge", "eq")
        for value in (0.3, -1, 999999999999999)
    ),
    *(compare("amount", op, value) for op in ("lt", "gt") for value in (1e-15, 1e15, -1e15)),
    *(compare("published_at", op, FIRST) for op in IN_ORDER),
    *(
        compare("created_at", op, moment)
        for op in ("lt", "gt", "ne")
        for moment in (
            "0001-01-01T00:00:00-14:00",
            "9999-12-31T23:59:59.999999+14:00",
        )
    ),
    *(
        compare("status", op, value)
        for op in ("eq", "ne")
        for value in ("burnt", "DRAFT", "draft ")
    ),
    compare("status", "in", []),
    compare("status", "in", ["burnt", "draft", "draft"]),
    compare("status", "in", ["burnt"]),
    compare("status", "in", ["draft", "published"] * 50),
    {"not": compare("status", "in", [])},
    *(
        compare("sku", op, value)
        for op in ("eq", "ne")
        for value in ("A", "\uff21", "%", "' or 1=1 --")
    ),
    *(compare("currency", op, value) for op in ("eq", "ne") for value in ("EUR", "EUR ", "eur")),
    *(compare("owner_id", op, str(uuid4())) for op in ("eq", "ne")),
    compare("owner_id", "eq", str(uuid4()).upper()),
    compare(
        "category_id", "in", ["urn:uuid:" + str(uuid4()), "{" + str(uuid4()) + "}", uuid4().hex]
    ),
    {"not": compare("category_id", "eq", str(uuid4()))},
    {"not": {"not": compare("published_at", "lt", FIRST)}},
    {"not": {"all": [compare("published_at", "lt", FIRST), compare("amount", "gt", 1)]}},
    {
        "not": {
            "any": [
                compare("published_at", "lt", FIRST),
                compare("category_id", "eq", str(uuid4())),
            ]
        }
    },
    {"any": [compare("status", "in", []), compare("sku", "in", [])]},
    {"any": [compare("status", "eq", "draft"), {"any": []}]},
    {"all": [{"all": []}, {"not": {"any": []}}]},
    *(other("published_at", op, "resource.created_at") for op in IN_ORDER),
    *(other("status", op, "resource.sku") for op in ("eq", "ne")),
    *(other("currency", op, "resource.status") for op in ("eq", "ne")),
    *(other("owner_id", op, "resource.category_id") for op in ("eq", "ne")),
    *(other("category_id", op, "resource.category_id") for op in ("eq", "ne")),
    *(other("amount", op, "caller.authentication_age") for op in ("lt", "ne")),
    *(other("amount", op, "environment.hour") for op in ("ge", "eq")),
    *(other("created_at", op, "environment.time") for op in ("lt", "ge")),
    *(other("status", op, "caller.means") for op in ("eq", "ne")),
    other("status", "in", "caller.roles"),
    other("sku", "in", "caller.methods"),
]


@pytest_asyncio.fixture
async def shelf(people: People) -> tuple[Person, list[str]]:
    """Return an administrator, and products that differ in every attribute."""
    administrator = await people.register(role="administrator")
    category = (await administrator.http.post(CATEGORIES, json={"name": "Odd"})).json()["id"]
    bodies: list[dict[str, Any]] = [
        {"sku": "a", "price": {"amount": "0.30", "currency": "EUR"}},
        {"sku": "A", "price": {"amount": "38.50", "currency": "USD"}, "category_id": category},
        {"sku": "VIEWER", "price": {"amount": "0.00", "currency": "EUR"}},
        {"sku": "pwd", "price": {"amount": "99999999.99", "currency": "EUR"}},
    ]
    made: list[httpx2.Response] = []
    for body in bodies:
        made.append(await draft(administrator.http, **body))
        if body["sku"] != "a":
            await administrator.http.post(f"{made[-1].headers['location']}/publish")
    return administrator, [one.json()["id"] for one in made]


async def sees(person: Person, product: str) -> bool:
    """Say whether somebody may read one product."""
    answer = await person.http.get(f"{PRODUCTS}/{product}")
    assert answer.status_code in {200, 404}, answer.text
    return answer.status_code == 200


async def test_every_odd_condition_says_the_same_of_a_list_as_of_its_objects(
    people: People, shelf: tuple[Person, list[str]]
) -> None:
    administrator, products = shelf
    await make_role(administrator, "odd")
    person = await people.register(role="odd")
    await make_policy(administrator, "all", "allow", READ, roles=["odd"])
    policy = await make_policy(administrator, "odd", "deny", READ, roles=["odd"])
    faults: list[object] = []
    for when in ODD:
        changed = await change(administrator, POLICIES, policy, when=when)
        assert changed.status_code == 200, (when, changed.text)
        policy = changed.json()
        found = await person.http.get(PRODUCTS, params={"include_total": "true"})
        if found.status_code != 200:
            faults.append((when, found.status_code, found.text))
            continue
        shown = {one["id"] for one in found.json()["items"]}
        single = {one for one in products if await sees(person, one)}
        if shown != single or found.json()["total"] != len(single):
            faults.append((when, shown, single, found.json()["total"]))
    assert faults == []
    assert await listed(administrator.http, PRODUCTS)
