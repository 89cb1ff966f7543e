"""The catalog's use cases, on a catalog in memory."""

from __future__ import annotations

from uuid import uuid4

import pytest

from modules.catalog.application.categories.deleting import DeleteCategory
from modules.catalog.application.categories.service import (
    CategoryService,
    ChangeCategory,
    CreateCategory,
)
from modules.catalog.application.closed_accounts import BATCH, WithdrawProductsOfClosedAccount
from modules.catalog.application.guarding import guard_of_products
from modules.catalog.application.products import ChangeProduct, DraftProduct, ProductService
from modules.catalog.application.queries import Price
from modules.catalog.domain.category import CategoryInUse
from modules.catalog.domain.product import (
    CategoryUnknown,
    NoSuchProduct,
    Product,
    SkuTaken,
    Status,
)
from modules.catalog.public import PRODUCTS_MANAGE, PRODUCTS_PUBLISH, PRODUCTS_WRITE
from modules.identity.public import AccountClosed
from shared_kernel.domain import AccountId, PermissionDenied, Stale
from tests.kit.catalog import (
    NOON,
    FakeCatalog,
    OwnRules,
    StoppedClock,
    caller,
    details,
    somebody,
)

ANN, BOB, BOSS = somebody(), somebody(), somebody()
EDITING = frozenset({PRODUCTS_WRITE.name, PRODUCTS_PUBLISH.name})
HELD = {ANN: EDITING, BOB: EDITING, BOSS: frozenset({PRODUCTS_MANAGE.name})}
BLOCK = DraftProduct(sku="B-1", name="Block", price=Price(amount="12.50", currency="EUR"))


def products_of(store: FakeCatalog) -> ProductService:
    return ProductService(store.begin, StoppedClock(), guard_of_products(OwnRules(HELD)))


async def test_nobody_else_can_act_on_a_draft_and_a_manager_can() -> None:
    store = FakeCatalog()
    service = products_of(store)
    id = await service.draft(caller(ANN), BLOCK)
    for act in (service.publish, service.archive):
        with pytest.raises(NoSuchProduct):
            await act(caller(BOB), id)
    with pytest.raises(NoSuchProduct):  # and not Stale: versions are no business of others
        await service.change(caller(BOB), id, ChangeProduct(), expected=99)
    with pytest.raises(NoSuchProduct):
        await service.delete(caller(BOB), id, expected=99)
    await service.publish(caller(BOSS), id)
    assert store.products[id].status is Status.PUBLISHED


async def test_what_others_show_is_not_theirs_to_change() -> None:
    store = FakeCatalog()
    service = products_of(store)
    id = await service.draft(caller(ANN), BLOCK)
    await service.publish(caller(ANN), id)
    for act in (service.publish, service.archive):  # and not AlreadyPublished
        with pytest.raises(PermissionDenied):
            await act(caller(BOB), id)
    with pytest.raises(PermissionDenied):  # and not Stale
        await service.change(caller(BOB), id, ChangeProduct(), expected=99)
    with pytest.raises(PermissionDenied):
        await service.delete(caller(BOB), id, expected=99)


async def test_who_may_write_nothing_drafts_nothing() -> None:
    store = FakeCatalog()
    with pytest.raises(PermissionDenied):
        await products_of(store).draft(caller(somebody()), BLOCK)
    assert not store.products


async def test_a_change_keeps_what_is_not_sent() -> None:
    store = FakeCatalog()
    service = products_of(store)
    id = await service.draft(caller(ANN), BLOCK)
    await service.change(caller(ANN), id, ChangeProduct(name="Quoin"), expected=1)
    product = store.products[id]
    assert (product.name, product.sku, product.version) == ("Quoin", "B-1", 2)


async def test_a_change_of_another_version_is_stale_and_keeps_everything() -> None:
    store = FakeCatalog()
    service = products_of(store)
    id = await service.draft(caller(ANN), BLOCK)
    with pytest.raises(Stale):
        await service.change(caller(ANN), id, ChangeProduct(name="Quoin"), expected=2)
    with pytest.raises(Stale):
        await service.delete(caller(ANN), id, expected=2)
    assert store.products[id].name == "Block"


async def test_a_product_stands_in_a_category_that_exists() -> None:
    store = FakeCatalog()
    service = products_of(store)
    id = await service.draft(caller(ANN), BLOCK)
    with pytest.raises(CategoryUnknown):
        await service.change(caller(ANN), id, ChangeProduct(category_id=uuid4()), expected=1)


async def test_a_sku_is_taken_once() -> None:
    service = products_of(FakeCatalog())
    await service.draft(caller(ANN), BLOCK)
    with pytest.raises(SkuTaken):
        await service.draft(caller(BOB), BLOCK)


async def test_a_category_with_something_in_it_stays() -> None:
    store = FakeCatalog()
    service = CategoryService(store.begin, StoppedClock())
    top = await service.create(caller(ANN), CreateCategory(name="Tools"))
    below = await service.create(caller(ANN), CreateCategory(name="Chisels", parent_id=top))
    delete = DeleteCategory(store.begin, StoppedClock(), guard_of_products(OwnRules({})))
    with pytest.raises(CategoryInUse):
        await delete(caller(ANN), top, expected=1)
    await service.change(caller(ANN), below, ChangeCategory(parent_id=None), expected=1)
    await delete(caller(ANN), top, expected=1)
    assert [*store.categories] == [below]


async def closed(store: FakeCatalog, account_id: AccountId) -> None:
    withdraw = WithdrawProductsOfClosedAccount(store.begin, StoppedClock())
    await withdraw(AccountClosed(subject_id=account_id, occurred_at=NOON))


async def test_a_closed_account_sells_nothing_however_much_it_sold() -> None:
    store = FakeCatalog()
    async with store.begin() as tx:
        for _ in range(2 * BATCH + 1):
            tx.products.add(Product.draft(details(), owner_id=ANN, at=NOON))
        tx.products.add(Product.draft(details(), owner_id=BOB, at=NOON))
    store.events.clear()
    await closed(store, ANN)
    await closed(store, ANN)  # delivered twice
    left = [one.owner_id for one in store.products.values() if one.status is Status.DRAFT]
    assert left == [BOB]
    assert store.kinds() == ["catalog.ProductWithdrawn"] * (2 * BATCH + 1)
