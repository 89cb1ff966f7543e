"""Imports into a tree whose categories define attributes, on a catalog in memory."""

from __future__ import annotations

from modules.catalog.domain.attributes import Attribute, AttributeKind, Definition
from tests.catalog.test_importing import category, faults, take
from tests.kit.catalog import NOON, FakeCatalog, row


async def test_what_would_change_the_attributes_of_products_is_not_moved() -> None:
    store = FakeCatalog()
    rows = [row(n, external_id=name, name=name) for n, name in enumerate("abc", 1)]
    await take(store, *rows)
    definition = Definition("color", "Colour", AttributeKind.TEXT)
    async with store.begin() as tx:
        tx.attributes.add(Attribute.define(definition, of=category(store, "a").id, at=NOON))
    for one, under in (("b", "a"), ("a", "b")):
        report = await take(store, row(1, external_id=one, name=one, parent=under))
        assert faults(report) == [(1, "attributes are defined above or below; move it by itself")]
    report = await take(store, row(1, external_id="b", name="b", parent="c"))
    assert report.written


async def test_a_product_comes_only_into_a_category_that_takes_what_it_says() -> None:
    store = FakeCatalog()
    stone: dict[str, object] = {"sku": "S-1", "name": "Stone", "price": "1"}
    shelves = [row(n, external_id=name, name=name) for n, name in enumerate("ab", 1)]
    await take(store, *shelves, row(3, **stone, category="a"))
    color = Definition("color", "Colour", AttributeKind.TEXT)
    size = Definition("size", "Size", AttributeKind.TEXT, required=True)
    async with store.begin() as tx:
        for name, one in (("a", color), ("b", size)):
            tx.attributes.add(Attribute.define(one, of=category(store, name).id, at=NOON))
        (found,) = tx.products.rows.values()
        found.attributes = {"color": "red"}
    for sku, where, fault in (
        ("S-1", "b", "attributes one is no attribute of the category"),
        ("S-1", None, "attributes one is no attribute of the category"),
        ("S-2", "b", "attributes/size is required by the category"),
    ):
        report = await take(store, row(1, **stone | {"sku": sku}, category=where))
        assert faults(report) == [(1, fault)]
    report = await take(store, row(1, **stone | {"name": "Rock"}, category="a"))
    assert report.products.changed == 1
