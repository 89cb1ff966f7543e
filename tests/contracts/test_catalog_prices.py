"""Where price lists are kept: the fake and PostgreSQL behave alike."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from modules.catalog.domain.money import Money
from modules.catalog.domain.prices import ListedPrice, NoSuchPrice, Period, PricesOverlap
from modules.catalog.domain.product import Product
from modules.catalog.domain.variants import Variant
from modules.catalog.ports import Transaction
from tests.kit.catalog import NOON, details, somebody
from tests.kit.catalog_variants import variant_details

ONE, TWO, THREE = (NOON + timedelta(hours=hours) for hours in (1, 2, 3))


async def a_product(begin: Transaction) -> tuple[UUID, UUID]:
    """Make a product with a variant, and return their ids."""
    product = Product.draft(details(), owner_id=somebody(), at=NOON)
    variant = Variant.add(variant_details(), to=product, others=0, at=NOON)
    async with begin() as tx:
        tx.products.add(product)
        await tx.flush()
        tx.variants.add(variant)
    return product.id, variant.id


async def stored(
    begin: Transaction,
    product_id: UUID,
    starts_at: datetime,
    ends_at: datetime | None,
    *,
    variant_id: UUID | None = None,
    currency: str = "EUR",
) -> UUID:
    listed = ListedPrice.set(
        Money(Decimal("1.50"), currency),
        Period(starts_at, ends_at),
        product_id=product_id,
        variant_id=variant_id,
        others=0,
        at=NOON,
    )
    async with begin() as tx:
        tx.prices.add(listed)
    return listed.id


async def test_a_price_comes_back_as_it_was_stored(begin: Transaction) -> None:
    product_id, variant_id = await a_product(begin)
    id = await stored(begin, product_id, ONE, TWO, variant_id=variant_id)
    async with begin() as tx:
        found = await tx.prices.of(product_id, id)
        assert (found.price, found.starts_at, found.ends_at) == (
            Money(Decimal("1.50"), "EUR"),
            ONE,
            TWO,
        )
        assert (found.variant_id, found.version) == (variant_id, 1)
        assert await tx.prices.living_of(product_id, at=ONE) == 1
        assert await tx.prices.living_of(product_id, at=TWO) == 0
        with pytest.raises(NoSuchPrice):
            await tx.prices.of(uuid4(), id)


async def test_prices_of_the_same_do_not_overlap_and_may_touch(begin: Transaction) -> None:
    product_id, variant_id = await a_product(begin)
    await stored(begin, product_id, ONE, TWO)
    for starts_at, ends_at in ((ONE, None), (NOON, THREE), (NOON, None)):
        with pytest.raises(PricesOverlap):
            await stored(begin, product_id, starts_at, ends_at)
    await stored(begin, product_id, NOON, ONE)
    await stored(begin, product_id, TWO, None)
    await stored(begin, product_id, ONE, TWO, currency="USD")
    await stored(begin, product_id, ONE, TWO, variant_id=variant_id)
    with pytest.raises(PricesOverlap):
        await stored(begin, product_id, ONE, None, variant_id=variant_id)


async def test_prices_go_with_what_they_are_of(begin: Transaction) -> None:
    product_id, variant_id = await a_product(begin)
    of_product = await stored(begin, product_id, ONE, TWO)
    of_variant = await stored(begin, product_id, ONE, TWO, variant_id=variant_id)
    async with begin() as tx:
        await tx.variants.remove(await tx.variants.of(product_id, variant_id))
    async with begin() as tx:
        assert (await tx.prices.of(product_id, of_product)).ends_at == TWO
        with pytest.raises(NoSuchPrice):
            await tx.prices.of(product_id, of_variant)
