"""Where attributes are kept: the fake and PostgreSQL behave alike."""

from __future__ import annotations

from uuid import UUID

import pytest

from modules.catalog.domain.attributes import (
    Attribute,
    AttributeCodeTaken,
    AttributeKind,
    Attributes,
    Definition,
)
from modules.catalog.domain.category import Category
from modules.catalog.domain.product import Product, Status
from modules.catalog.ports import Transaction
from tests.kit.catalog import NOON, details

COLOR = Definition("color", "Colour", AttributeKind.ENUM, options=("red", "blue"), position=2)
WEIGHT = Definition("weight", "Weight", AttributeKind.NUMBER, unit="kg", required=True)
FRAGILE = Definition("fragile", "Fragile", AttributeKind.FLAG)
NOTE = Definition("note", "Note", AttributeKind.TEXT, filterable=False, position=2)


async def shelf(begin: Transaction, *, under: UUID | None = None) -> UUID:
    async with begin() as tx:
        forest = await tx.categories.lock_forest()
        category = Category.create(name="Shelf", under=under, forest=forest, at=NOON)
        tx.categories.add(category)
    return category.id


async def defined(begin: Transaction, of: UUID, *definitions: Definition) -> None:
    async with begin() as tx:
        for one in definitions:
            tx.attributes.add(Attribute.define(one, of=of, at=NOON))


async def test_an_attribute_comes_back_as_it_was_defined(begin: Transaction) -> None:
    of = await shelf(begin)
    await defined(begin, of, COLOR, WEIGHT)
    async with begin() as tx:
        found = await tx.attributes.defined_by(of)
        assert {code: one.definition for code, one in found.items()} == {
            "color": COLOR,
            "weight": WEIGHT,
        }
        assert [one.version for one in found.values()] == [1, 1]
        found["color"].redefine(NOTE, at=NOON)
    async with begin() as tx:
        changed = (await tx.attributes.defined_by(of))["color"]
        assert (changed.version, changed.definition.kind) == (2, AttributeKind.TEXT)


async def test_what_is_inherited_is_effective_in_order(begin: Transaction) -> None:
    top = await shelf(begin)
    middle = await shelf(begin, under=top)
    low, beside = await shelf(begin, under=middle), await shelf(begin)
    await defined(begin, top, COLOR, NOTE)
    await defined(begin, low, WEIGHT)
    async with begin() as tx:
        found = await tx.attributes.effective([top, middle, low, beside])
        assert {id: [*definitions] for id, definitions in found.items()} == {
            top: [COLOR, NOTE],
            middle: [COLOR, NOTE],
            low: [WEIGHT, COLOR, NOTE],
            beside: [],
        }
        assert await tx.attributes.effective([]) == {}


async def test_it_is_known_which_codes_are_taken(begin: Transaction) -> None:
    top, beside = await shelf(begin), await shelf(begin)
    await defined(begin, top, COLOR, NOTE)
    async with begin() as tx:
        taken = tx.attributes.taken
        assert await taken(["note", "color", "size"], [top, beside]) == "color"
        assert await taken(["size"], [top]) is None
        assert await taken(["color"], [beside]) is None
        assert await taken([], [top]) is None


async def test_a_category_defines_a_code_once(begin: Transaction) -> None:
    top = await shelf(begin)
    await defined(begin, top, COLOR)
    with pytest.raises(AttributeCodeTaken):
        await defined(begin, top, COLOR)
    await defined(begin, await shelf(begin), COLOR)


async def test_attributes_go_one_by_one_or_with_their_category(begin: Transaction) -> None:
    top = await shelf(begin)
    await defined(begin, top, COLOR, NOTE)
    async with begin() as tx:
        await tx.attributes.remove((await tx.attributes.defined_by(top))["color"])
    async with begin() as tx:
        assert [*await tx.attributes.defined_by(top)] == ["note"]
        await tx.categories.remove(await tx.categories.get(top))
    async with begin() as tx:
        assert await tx.attributes.defined_by(top) == {}


async def test_it_is_known_where_attributes_are_defined(begin: Transaction) -> None:
    top, _ = await shelf(begin), await shelf(begin)
    async with begin() as tx:
        assert not await tx.attributes.homes()
    await defined(begin, top, COLOR, NOTE)
    async with begin() as tx:
        assert {*await tx.attributes.homes()} == {top}


ASKED: list[tuple[Attributes, Definition, bool]] = [
    ({"color": "red"}, COLOR, False),
    ({"color": "green"}, COLOR, True),
    ({"color": 7}, COLOR, True),
    ({}, COLOR, False),
    ({}, WEIGHT, True),
    ({"weight": 2.5}, WEIGHT, False),
    ({"weight": 0}, WEIGHT, False),
    ({"weight": "2.5"}, WEIGHT, True),
    ({"weight": True}, WEIGHT, True),
    ({"note": "red"}, NOTE, False),
    ({"note": 7}, NOTE, True),
    ({"fragile": False}, FRAGILE, False),
    ({"fragile": "false"}, FRAGILE, True),
    ({"other": 1}, NOTE, False),
]


@pytest.mark.parametrize(("values", "definition", "contradicts"), ASKED)
async def test_products_that_contradict_a_definition_are_found(
    begin: Transaction, values: Attributes, definition: Definition, contradicts: bool
) -> None:
    top, beside = await shelf(begin), await shelf(begin)
    async with begin() as tx:
        said = details(category_id=top, attributes=values)
        tx.products.add(Product.draft(said, owner_id=None, at=NOON))
        tx.products.add(Product.draft(details(attributes={"note": 7}), owner_id=None, at=NOON))
    async with begin() as tx:
        asked, code = tx.attributes.contradicted, definition.code
        found = await asked([top, beside], changed=[definition], gone=[])
        assert found == (code if contradicts else None)
        assert await asked([beside], changed=[definition], gone=[code]) is None
        assert await asked([top], changed=[], gone=["none", code]) == (
            code if code in values else None
        )


async def test_products_whose_life_is_over_contradict_nothing(begin: Transaction) -> None:
    top = await shelf(begin)
    for end in (Product.archive, Product.withdraw, Product.publish):
        product = Product.draft(
            details(category_id=top, attributes={"note": 7}), owner_id=None, at=NOON
        )
        end(product, at=NOON)
        async with begin() as tx:
            tx.products.add(product)
            await tx.flush()
            found = await tx.attributes.contradicted([top], changed=[NOTE], gone=[])
            assert found == ("note" if product.status is Status.PUBLISHED else None)
