"""The catalog's store: the fake and PostgreSQL behave alike."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from modules.catalog.domain.brand import Brand, BrandInUse, BrandNameTaken, NoSuchBrand
from modules.catalog.domain.category import (
    Category,
    CategoryInUse,
    ExternalIdTaken,
    Forest,
    NoSuchCategory,
)
from modules.catalog.domain.money import Money
from modules.catalog.domain.product import (
    BrandUnknown,
    CategoryUnknown,
    NoSuchProduct,
    Product,
    SkuTaken,
    SlugTaken,
    Status,
)
from modules.catalog.ports import Transaction
from tests.kit.catalog import NOON, details, somebody


async def stored(begin: Transaction, **changes: object) -> UUID:
    product = Product.draft(details(**changes), owner_id=somebody(), at=NOON)
    async with begin() as tx:
        tx.products.add(product)
    return product.id


async def shelf(begin: Transaction, *, under: UUID | None = None, code: str | None = None) -> UUID:
    async with begin() as tx:
        forest = await tx.categories.lock_forest()
        category = Category.create(
            name="Shelf", under=under, forest=forest, external_id=code, at=NOON
        )
        tx.categories.add(category)
    return category.id


async def fail_to_publish(begin: Transaction, id: UUID) -> None:
    async with begin() as tx:
        (await tx.products.get_locked(id)).publish(at=NOON)
        await tx.flush()
        raise RuntimeError


async def test_a_product_comes_back_as_it_was_stored(begin: Transaction) -> None:
    said = details(price=Money(Decimal("1.234"), "KWD"), description="two\nlines", tags=["b", "a"])
    product = Product.draft(said, owner_id=somebody(), at=NOON)
    async with begin() as tx:
        tx.products.add(product)
    async with begin() as tx:
        found = await tx.products.get_locked(product.id)
        assert (found.details, found.owner_id, found.status) == (
            said.tidied(),
            product.owner_id,
            Status.DRAFT,
        )
        assert (found.version, found.created_at, found.published_at) == (1, NOON, None)


async def test_each_change_is_a_version_and_no_change_is_none(begin: Transaction) -> None:
    id = await stored(begin)
    async with begin() as tx:
        product = await tx.products.get_locked(id)
        product.change(product.details, at=NOON)
    async with begin() as tx:
        product = await tx.products.get_locked(id)
        assert product.version == 1
        product.publish(at=NOON)
    async with begin() as tx:
        assert (await tx.products.get_locked(id)).version == 2


async def test_what_fails_leaves_nothing(begin: Transaction) -> None:
    id = await stored(begin)
    with pytest.raises(RuntimeError):
        await fail_to_publish(begin, id)
    async with begin() as tx:
        assert (await tx.products.get_locked(id)).status is Status.DRAFT


async def test_two_products_cannot_share_a_sku(begin: Transaction) -> None:
    await stored(begin, sku="A")
    with pytest.raises(SkuTaken):
        await stored(begin, sku="A")
    await stored(begin, sku="a", slug="another")


async def test_two_products_cannot_share_a_slug(begin: Transaction) -> None:
    await stored(begin, slug="ashlar")
    with pytest.raises(SlugTaken):
        await stored(begin, slug="ashlar")


async def test_a_product_needs_a_brand_that_exists(begin: Transaction) -> None:
    with pytest.raises(BrandUnknown):
        await stored(begin, brand_id=uuid4())


async def brand(begin: Transaction, **changes: str) -> UUID:
    said = {"name": "Portland", "slug": f"brand-{uuid4().hex[:8]}", "description": ""}
    made = Brand.create(**said | changes, at=NOON)
    async with begin() as tx:
        tx.brands.add(made)
    return made.id


async def test_two_brands_share_neither_name_nor_slug(begin: Transaction) -> None:
    await brand(begin, slug="portland")
    with pytest.raises(BrandNameTaken):
        await brand(begin, name="PORTLAND")
    with pytest.raises(SlugTaken):
        await brand(begin, name="Bath", slug="portland")


async def test_a_brand_that_stands_on_a_product_cannot_go(begin: Transaction) -> None:
    id = await brand(begin)
    product_id = await stored(begin, brand_id=id)
    with pytest.raises(BrandInUse):
        async with begin() as tx:
            await tx.brands.remove(await tx.brands.get_locked(id))
    async with begin() as tx:
        (await tx.products.get_locked(product_id)).delete(at=NOON)
    async with begin() as tx:
        await tx.brands.remove(await tx.brands.get_locked(id))
    async with begin() as tx:
        with pytest.raises(NoSuchBrand):
            await tx.brands.get_locked(id)
        product = await tx.products.get_locked(product_id, even_deleted=True)
        assert product.brand_id is None


async def test_what_lies_in_the_trash_is_missing_unless_it_is_asked_for(
    begin: Transaction,
) -> None:
    id, other = await stored(begin, sku="A", slug="a"), await stored(begin)
    async with begin() as tx:
        (await tx.products.get_locked(id)).delete(at=NOON)
    async with begin() as tx:
        with pytest.raises(NoSuchProduct):
            await tx.products.get_locked(id)
        assert (await tx.products.get_locked(id, even_deleted=True)).deleted_at == NOON
        assert (await tx.products.get_locked(other, even_deleted=True)).deleted_at is None
        assert await tx.products.deleted_before(NOON, limit=9) == []
        late = await tx.products.deleted_before(NOON + timedelta(seconds=1), limit=9)
        assert [one.id for one in late] == [id]
    await stored(begin, sku="A", slug="a")
    with pytest.raises((SkuTaken, SlugTaken)):
        async with begin() as tx:
            (await tx.products.get_locked(id, even_deleted=True)).restore(at=NOON)


async def test_a_deleted_product_is_missing_and_its_sku_free(begin: Transaction) -> None:
    id = await stored(begin, sku="A")
    async with begin() as tx:
        await tx.products.remove(await tx.products.get_locked(id))
    async with begin() as tx:
        with pytest.raises(NoSuchProduct):
            await tx.products.get_locked(id)
    await stored(begin, sku="A")


async def test_products_are_found_by_sku(begin: Transaction) -> None:
    a, b = await stored(begin, sku="A"), await stored(begin, sku="B")
    async with begin() as tx:
        found = await tx.bulk.of_skus(["A", "B", "C"])
        assert {sku: one.id for sku, one in found.items()} == {"A": a, "B": b}
        assert await tx.bulk.of_skus([]) == {}


async def test_the_living_products_of_an_owner_come_in_parts(begin: Transaction) -> None:
    owner = somebody()
    mine = [Product.draft(details(), owner_id=owner, at=NOON) for _ in range(4)]
    mine[0].archive(at=NOON)
    mine[1].publish(at=NOON)
    async with begin() as tx:
        for product in [*mine, Product.draft(details(), owner_id=somebody(), at=NOON)]:
            tx.products.add(product)
    async with begin() as tx:
        assert len(await tx.products.living_of(owner, limit=2)) == 2
        living = await tx.products.living_of(owner, limit=9)
        assert {one.id for one in living} == {one.id for one in mine[1:]}
        assert len(await tx.products.owned_by(owner, limit=3)) == 3
        owned = await tx.products.owned_by(owner, limit=9)
        assert {one.id for one in owned} == {one.id for one in mine}


async def test_categories_are_found_by_id_and_external_id(begin: Transaction) -> None:
    id = await shelf(begin, code="tools")
    async with begin() as tx:
        assert (await tx.categories.get(id)).external_id == "tools"
        assert [*await tx.categories.of_external_ids(["tools", "none"])] == ["tools"]
        with pytest.raises(NoSuchCategory):
            await tx.categories.get(uuid4())


async def test_two_categories_cannot_share_an_external_id(begin: Transaction) -> None:
    await shelf(begin, code="tools")
    with pytest.raises(ExternalIdTaken):
        await shelf(begin, code="tools")
    await shelf(begin)
    await shelf(begin)  # none at all may be shared


async def test_the_forest_knows_who_stands_under_whom(begin: Transaction) -> None:
    top = await shelf(begin)
    below = await shelf(begin, under=top)
    async with begin() as tx:
        forest = await tx.categories.lock_forest()
    slugs = ["shelf", f"shelf-{below.hex[-12:]}"]
    assert vars(forest) == vars(Forest({top: None, below: top}, slugs))


async def test_a_category_with_something_in_it_cannot_go(begin: Transaction) -> None:
    top = await shelf(begin)
    below = await shelf(begin, under=top)
    await stored(begin, category_id=below)
    for id in (top, below):
        with pytest.raises(CategoryInUse):
            async with begin() as tx:
                await tx.categories.remove(await tx.categories.get(id))


async def test_a_category_can_be_held_if_it_exists(begin: Transaction) -> None:
    id = await shelf(begin)
    async with begin() as tx:
        await tx.categories.hold(id)
        with pytest.raises(CategoryUnknown):
            await tx.categories.hold(uuid4())


async def test_products_in_bulk_are_saved_and_told_apart(begin: Transaction) -> None:
    kept = Product.draft(details(sku="A"), owner_id=None, at=NOON)
    await added_in_bulk(begin, kept)
    async with begin() as tx:
        found = (await tx.bulk.of_skus(["A"]))["A"]
        found.change(details(sku="A", name="Other"), at=NOON)
        tx.bulk.save(new=[], changed=[found])
        await tx.bulk.saved()
    async with begin() as tx:
        stored_one = await tx.products.get_locked(kept.id)
        assert (stored_one.name, stored_one.version) == ("Other", 2)
    with pytest.raises(SkuTaken):
        await added_in_bulk(begin, Product.draft(details(sku="A"), owner_id=None, at=NOON))


async def added_in_bulk(begin: Transaction, product: Product) -> None:
    async with begin() as tx:
        tx.bulk.save(new=[product], changed=[])
        await tx.bulk.saved()


async def test_what_is_only_looked_at_in_bulk_is_not_changed(begin: Transaction) -> None:
    id = await stored(begin, sku="A", name="Sett")
    async with begin() as tx:
        (await tx.bulk.of_skus(["A"]))["A"].change(details(sku="A", name="Other"), at=NOON)
    async with begin() as tx:
        assert (await tx.products.get_locked(id)).name == "Sett"


async def test_skus_that_come_back_are_told_with_the_row_they_had(begin: Transaction) -> None:
    async with begin() as tx:
        assert await tx.bulk.repeated({"A": 1, "B": 2}) == {}
        assert await tx.bulk.repeated({"B": 3, "C": 4}) == {"B": 2}
        await tx.bulk.forget()
        assert await tx.bulk.repeated({"A": 5}) == {}
        await tx.bulk.forget()


async def test_it_is_known_what_is_taken_and_the_trash_does_not_count(begin: Transaction) -> None:
    await stored(begin, sku="A", slug="first")
    lying = await stored(begin, sku="B", slug="second")
    made = await brand(begin)
    async with begin() as tx:
        (await tx.products.get_locked(lying)).delete(at=NOON)
    async with begin() as tx:
        found = await tx.claims.taken(
            skus=["A", "B", "C"], slugs=["first", "second"], brand_ids=[made, uuid4()]
        )
        assert (found.skus, found.slugs, found.brand_ids) == ({"A"}, {"first"}, {made})
        nothing = await tx.claims.taken(skus=[], slugs=[], brand_ids=[])
        assert (nothing.skus, nothing.slugs, nothing.brand_ids) == (set(), set(), set())
