"""What a row says of a product beside its name and its price, on a catalog in memory."""

from __future__ import annotations

import pytest

from modules.catalog.application.importing.flows import Terms
from modules.catalog.application.importing.rows import Reading
from modules.catalog.domain.attributes import Attribute, AttributeKind, Definition
from modules.catalog.domain.product import Product, Status
from tests.catalog.test_importing import CHISEL, category, faults, product, take
from tests.kit.catalog import NOON, FakeCatalog, row

FULL: dict[str, object] = {
    **CHISEL,
    "slug": "point-chisel",
    "description": "Forged.",
    "category": "tools",
    "brand": "Ashlar",
    "tags": ["steel", "hand"],
    "attributes": {"width": 12, "hardened": True},
    "translations": {"de": {"name": "Meißel", "slug": "meissel", "description": "Hart."}},
}


async def tools() -> FakeCatalog:
    """Return a catalog in which a chisel says all it can."""
    store = FakeCatalog()
    await take(store, row(external_id="tools", name="Tools"))
    async with store.begin() as tx:
        for code, kind in (("width", AttributeKind.NUMBER), ("hardened", AttributeKind.FLAG)):
            definition = Definition(code, code, kind)
            tx.attributes.add(Attribute.define(definition, of=category(store, "tools").id, at=NOON))
    assert (await take(store, row(**FULL))).written
    return store


def said(one: Product) -> dict[str, object]:
    return {
        "name": one.name,
        "description": one.description,
        "category": one.category_id is not None,
        "brand": one.brand_id is not None,
        "slug": one.slug,
        "tags": [*one.tags],
        "attributes": dict(one.attributes),
        "translations": {into: words["name"] for into, words in one.translations.items()},
    }


SAID: dict[str, object] = {
    "name": "Chisel",
    "description": "Forged.",
    "category": True,
    "brand": True,
    "slug": "point-chisel",
    "tags": ["hand", "steel"],
    "attributes": {"width": 12, "hardened": True},
    "translations": {"de": "Meißel"},
}


@pytest.mark.parametrize(
    ("members", "changes"),
    [
        ({}, {}),
        ({"name": "Gouge"}, {"name": "Gouge"}),
        ({"description": None}, {"description": ""}),
        ({"brand": None}, {"brand": False}),
        ({"slug": None}, {}),
        ({"slug": "gouge"}, {"slug": "gouge"}),
        ({"tags": None}, {"tags": []}),
        ({"tags": "hand, Old"}, {"tags": ["hand", "old"]}),
        ({"attributes": {"width": 9}}, {"attributes": {"width": 9, "hardened": True}}),
        ({"attributes": {"width": None}}, {"attributes": {"hardened": True}}),
        ({"attributes": None}, {"attributes": {}}),
        ({"attributes": '{"width": 2.5}'}, {"attributes": {"width": 2.5, "hardened": True}}),
        ({"attributes.width": "-9.5"}, {"attributes": {"width": -9.5, "hardened": True}}),
        ({"attributes.hardened": "false"}, {"attributes": {"width": 12, "hardened": False}}),
        ({"attributes.hardened": ""}, {"attributes": {"width": 12}}),
        ({"attributes.unheard": ""}, {}),
        ({"category": None, "attributes": None}, {"category": False, "attributes": {}}),
        ({"translations": None}, {"translations": {}}),
        ({"translations": {"de": None}}, {"translations": {}}),
        ({"translations": {"de": {"description": "Neu."}}}, {}),
        ({"translations": {"fr": {"name": "X"}}}, {"translations": {"de": "Meißel", "fr": "X"}}),
        ({"name.de": "Spitzeisen", "description.fr": ""}, {"translations": {"de": "Spitzeisen"}}),
        ({"name.de": ""}, {"translations": {}}),
    ],
)  # fmt: skip
async def test_what_is_absent_stays_and_what_is_null_is_taken_away(
    members: dict[str, object], changes: dict[str, object]
) -> None:
    store = await tools()
    report = await take(store, row(sku="CHI-1", **members))
    assert faults(report) == []
    assert said(product(store)) == SAID | changes
    again = await take(store, row(sku="CHI-1", **members))
    assert again.products.unchanged == 1


@pytest.mark.parametrize("missing", ["name", "price"])
async def test_only_what_is_new_has_to_say_its_name_and_price(missing: str) -> None:
    members = {name: value for name, value in CHISEL.items() if name != missing}
    report = await take(FakeCatalog(), row(**members))
    assert faults(report) == [(1, f"{missing} is missing")]


@pytest.mark.parametrize("status", Status)
async def test_a_new_product_is_what_its_row_says_it_is(status: Status) -> None:
    store = FakeCatalog()
    terms = Terms(reading=Reading(status=Status.DRAFT))
    await take(store, row(**CHISEL, status=status.value), terms=terms)
    assert product(store).status is status


async def test_a_brand_is_known_by_name_or_slug_and_made_once() -> None:
    store = FakeCatalog()
    names = ("Ashlar & Sons", "ASHLAR & SONS", "ashlar-sons", "Ashlar, Sons")
    rows = [row(n, sku=f"S-{n}", name="S", price=1, brand=name) for n, name in enumerate(names)]
    for one in rows:
        await take(store, one)
    assert [(one.name, one.slug[:11]) for one in store.brands.values()] == [
        ("Ashlar & Sons", "ashlar-sons"),
        ("Ashlar, Sons", "ashlar-sons"),
    ]
    assert product(store, "S-0").brand_id == product(store, "S-2").brand_id


async def test_a_slug_that_an_earlier_row_chose_is_taken() -> None:
    rows = [
        row(n, sku=f"S-{n}", name="S", price=1, **({"slug": "sett"} if n in {1, 1_500} else {}))
        for n in range(1, 1_600)
    ]
    report = await take(FakeCatalog(), *rows)
    assert faults(report) == [(1_500, "slug another product has this slug")]
