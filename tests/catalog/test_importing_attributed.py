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
