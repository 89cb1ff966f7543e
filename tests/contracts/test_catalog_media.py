"""Where it is kept what is said of media: the fake and PostgreSQL behave alike."""

from __future__ import annotations

from uuid import UUID

import pytest

from modules.catalog.domain.media import Media, MediaTwice, Picture
from modules.catalog.domain.product import Product
from modules.catalog.ports import Transaction
from tests.catalog.pictures import png
from tests.contracts.test_catalog_variants import a_product
from tests.kit.catalog import NOON


async def stored(begin: Transaction, product: Product, number: int) -> UUID:
    picture = Picture.of(png(number))
    media = Media.add(picture, "A wall", to=product, others=number, at=NOON)
    async with begin() as tx:
        tx.media.add(media)
    return media.id


async def test_media_come_back_as_they_were_stored_at_their_own_product(begin: Transaction) -> None:
    product, other = await a_product(begin), await a_product(begin)
    id = await stored(begin, product, 0)
    picture = Picture.of(png(0))
    async with begin() as tx:
        (found,) = await tx.media.of(product.id)
        told = (found.alt_text, found.content_type, found.sha256, found.size, found.version)
        assert told == ("A wall", "image/png", picture.sha256, picture.size, 1)
        assert found.id == id
        assert not await tx.media.of(other.id)


async def test_they_stand_in_their_order_and_those_that_are_arranged_have_new_versions(
    begin: Transaction,
) -> None:
    product = await a_product(begin)
    first, second, third = [await stored(begin, product, number) for number in range(3)]
    async with begin() as tx:
        assert [one.id for one in await tx.media.of(product.id)] == [first, second, third]
        await tx.media.arrange({first: 1, second: 0})
    async with begin() as tx:
        arranged = [(one.id, one.version) for one in await tx.media.of(product.id)]
        assert arranged == [(second, 2), (first, 2), (third, 1)]


async def test_a_product_has_a_picture_once_and_others_may_have_it_too(begin: Transaction) -> None:
    product, other = await a_product(begin), await a_product(begin)
    await stored(begin, product, 0)
    with pytest.raises(MediaTwice):
        await stored(begin, product, 0)
    await stored(begin, other, 0)


async def test_contents_are_named_until_their_products_are_gone(begin: Transaction) -> None:
    product = await a_product(begin)
    await stored(begin, product, 0)
    named, unnamed = Picture.of(png(0)).sha256, Picture.of(png(1)).sha256
    async with begin() as tx:
        assert await tx.media.named([named, unnamed]) == {named}
        await tx.products.remove(await tx.products.get_locked(product.id))
    async with begin() as tx:
        assert await tx.media.named([named, unnamed]) == set()
