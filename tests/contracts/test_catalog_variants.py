"""Where variants are kept: the fake and PostgreSQL behave alike."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from modules.catalog.domain.money import Money
from modules.catalog.domain.product import Product
from modules.catalog.domain.variants import NoSuchVariant, OptionsTaken, Variant, VariantSkuTaken
from modules.catalog.ports import Transaction
from tests.kit.catalog import NOON, details, somebody
from tests.kit.catalog_variants import variant_details


async def a_product(begin: Transaction) -> Product:
    product = Product.draft(details(), owner_id=somebody(), at=NOON)
    async with begin() as tx:
        tx.products.add(product)
    return product


async def stored(begin: Transaction, product: Product, **changes: object) -> UUID:
    variant = Variant.add(variant_details(**changes), to=product, others=0, at=NOON)
    async with begin() as tx:
        tx.variants.add(variant)
    return variant.id


@pytest.mark.parametrize("price", [None, Money(Decimal("1.234"), "KWD")])
async def test_a_variant_comes_back_as_it_was_stored(
    begin: Transaction, price: Money | None
) -> None:
    product = await a_product(begin)
    said = variant_details(
        options={"size": "M", "color": "grey"}, barcode="4006381333931", price=price, position=7
    )
    variant = Variant.add(said, to=product, others=0, at=NOON)
    async with begin() as tx:
        tx.variants.add(variant)
    async with begin() as tx:
        found = await tx.variants.of(product.id, variant.id)
        assert (found.details, found.product_id, found.version) == (said, product.id, 1)
        assert await tx.variants.count_of(product.id) == 1
        assert await tx.variants.count_of(uuid4()) == 0


async def test_it_is_found_at_its_own_product_only(begin: Transaction) -> None:
    one, other = await a_product(begin), await a_product(begin)
    id = await stored(begin, one)
    async with begin() as tx:
        with pytest.raises(NoSuchVariant):
            await tx.variants.of(other.id, id)
        with pytest.raises(NoSuchVariant):
            await tx.variants.of(one.id, uuid4())


async def test_a_change_is_a_new_version(begin: Transaction) -> None:
    product = await a_product(begin)
    id = await stored(begin, product, price=Money(Decimal("3.00"), "EUR"))
    async with begin() as tx:
        variant = await tx.variants.of(product.id, id)
        variant.change(variant_details(sku=variant.sku, price=None), of=product, at=NOON)
    async with begin() as tx:
        variant = await tx.variants.of(product.id, id)
        assert (variant.price, variant.version) == (None, 2)


async def test_no_two_variants_share_a_sku_and_no_two_of_a_product_their_options(
    begin: Transaction,
) -> None:
    one, other = await a_product(begin), await a_product(begin)
    await stored(begin, one, sku="A", options={"a": "1", "b": "2"})
    with pytest.raises(VariantSkuTaken):
        await stored(begin, other, sku="A")
    with pytest.raises(OptionsTaken):
        await stored(begin, one, sku="B", options={"b": "2", "a": "1"})
    await stored(begin, other, sku="B", options={"a": "1", "b": "2"})
    await stored(begin, one, sku="C", options={"a": "1"})


async def test_a_deleted_variant_is_missing_and_its_sku_free(begin: Transaction) -> None:
    product = await a_product(begin)
    id = await stored(begin, product, sku="A")
    async with begin() as tx:
        await tx.variants.remove(await tx.variants.of(product.id, id))
    async with begin() as tx:
        with pytest.raises(NoSuchVariant):
            await tx.variants.of(product.id, id)
    await stored(begin, product, sku="A")


async def test_variants_go_with_their_product(begin: Transaction) -> None:
    product = await a_product(begin)
    id = await stored(begin, product, sku="A")
    async with begin() as tx:
        await tx.products.remove(await tx.products.get_locked(product.id))
    async with begin() as tx:
        with pytest.raises(NoSuchVariant):
            await tx.variants.of(product.id, id)
    await stored(begin, await a_product(begin), sku="A")


async def test_a_sku_is_free_while_the_product_of_its_variant_lies_in_the_trash(
    begin: Transaction,
) -> None:
    one, other = await a_product(begin), await a_product(begin)
    await stored(begin, one, sku="V-1")
    async with begin() as tx:
        (await tx.products.get_locked(one.id)).delete(at=NOON)
    taken = await stored(begin, other, sku="V-1")
    with pytest.raises(VariantSkuTaken):
        async with begin() as tx:
            (await tx.products.get_locked(one.id, even_deleted=True)).restore(at=NOON)
    async with begin() as tx:
        await tx.variants.remove(await tx.variants.of(other.id, taken))
    async with begin() as tx:
        (await tx.products.get_locked(one.id, even_deleted=True)).restore(at=NOON)
    with pytest.raises(VariantSkuTaken):
        await stored(begin, other, sku="V-1")
