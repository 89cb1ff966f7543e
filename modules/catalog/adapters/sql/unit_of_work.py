"""Aggregates of the catalog inside one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import func, select, text

from modules.catalog.adapters.sql import history, moving, translations
from modules.catalog.adapters.sql.attributes import CONSTRAINTS as OF_ATTRIBUTES
from modules.catalog.adapters.sql.attributes import SqlAttributes
from modules.catalog.adapters.sql.brands import CONSTRAINTS as OF_BRANDS
from modules.catalog.adapters.sql.brands import SqlBrands
from modules.catalog.adapters.sql.bulk import SqlProductsInBulk
from modules.catalog.adapters.sql.categories import SqlCategories
from modules.catalog.adapters.sql.claims import SqlClaims
from modules.catalog.adapters.sql.history import Watch
from modules.catalog.adapters.sql.selling import CONSTRAINTS as OF_SELLING
from modules.catalog.adapters.sql.selling import SellingUnitOfWork
from modules.catalog.adapters.sql.tables import not_in_trash, products
from modules.catalog.domain.category import (
    CategoryInUse,
    CategorySlugTaken,
    ExternalIdTaken,
    MovedIntoItself,
)
from modules.catalog.domain.product import (
    OVER,
    BrandUnknown,
    NoSuchProduct,
    Product,
    SkuTaken,
    SlugTaken,
)
from modules.catalog.public import ProductChanged
from shared_kernel.adapters.sql import (
    AuditWriter,
    Constraints,
    Database,
    Outbox,
    SqlRepository,
    SqlUnitOfWork,
)
from shared_kernel.application.conditions import Condition
from shared_kernel.domain import AccountId, Unavailable

IMPORT = 5_731_890_021_344_002  # any number: the key of the advisory lock on importing

# How long an import waits for its turn, behind others that take minutes.
TURN_SECONDS, ASK_SECONDS = 1_800.0, 0.2


class SqlProducts(SqlRepository[Product]):
    """Products, each locked before it is changed."""

    aggregate = Product
    missing = NoSuchProduct

    def __init__(self, uow: SqlUnitOfWork, watch: Watch) -> None:
        super().__init__(uow)
        self._watch = watch

    def add(self, aggregate: Product) -> None:
        super().add(aggregate)
        self._watch.made(aggregate)

    async def remove(self, aggregate: Product) -> None:
        await super().remove(aggregate)
        self._watch.gone(aggregate)

    async def get_locked(self, id: UUID, *, even_deleted: bool = False) -> Product:
        wanted = select(Product).where(products.c.id == id)
        there = wanted if even_deleted else wanted.where(not_in_trash)
        product = self._found(await self._session.scalar(there.with_for_update()))
        self._watch.found(product)
        return product

    async def deleted_before(self, moment: datetime, *, limit: int) -> Sequence[Product]:
        deleted = select(Product).where(products.c.deleted_at < moment)
        oldest = deleted.order_by(products.c.deleted_at, products.c.id).limit(limit)
        found = await self._session.scalars(oldest.with_for_update(skip_locked=True))
        return self._watched(found)

    async def living_of(self, owner_id: AccountId, *, limit: int) -> Sequence[Product]:
        living = select(Product).where(
            products.c.owner_id == owner_id, products.c.status.not_in(OVER)
        )
        ordered = living.order_by(products.c.created_at, products.c.id).limit(limit)
        return self._watched(await self._session.scalars(ordered.with_for_update()))

    async def owned_by(self, owner_id: AccountId, *, limit: int) -> Sequence[Product]:
        owned = select(Product).where(products.c.owner_id == owner_id)
        ordered = owned.order_by(products.c.created_at, products.c.id).limit(limit)
        return self._watched(await self._session.scalars(ordered.with_for_update()))

    async def hold_all_in(self, category_ids: Collection[UUID], *, limit: int) -> int:
        return await moving.held(self._session, category_ids, limit=limit)

    async def move_all_in(
        self,
        category_ids: Collection[UUID],
        *,
        to: UUID,
        at: datetime,
        where: Sequence[Condition],
    ) -> int | None:
        moved = await moving.moved(self._session, category_ids, to=to, at=at, where=where)
        if moved is None:
            return None
        members = ("category_id",)
        changed = (ProductChanged(subject_id=id, members=members, occurred_at=at) for id in moved)
        await self._uow.tell([*changed])
        return len(moved)

    def _watched(self, found: Iterable[Product]) -> Sequence[Product]:
        listed = self._tracked(found)
        for product in listed:
            self._watch.found(product)
        return listed


class CatalogUnitOfWork(SellingUnitOfWork):
    """One transaction over the catalog."""

    constraints: ClassVar[Constraints] = {
        "uq_products_sku": SkuTaken("another product has this SKU", field="/sku"),
        "uq_products_slug": SlugTaken("another product has this slug", field="/slug"),
        "fk_products_brand_id_brands": BrandUnknown("there is no such brand", field="/brand_id"),
        "uq_categories_external_id": ExternalIdTaken(
            "another category has this external id", field="/external_id"
        ),
        "uq_categories_slug": CategorySlugTaken("another category has this slug", field="/slug"),
        "fk_products_category_id_categories": CategoryInUse("there are products in the category"),
        "fk_categories_parent_id_categories": CategoryInUse("there are categories below it"),
        "ck_categories_not_its_own_parent": MovedIntoItself("a category stands under another one"),
        **OF_BRANDS,
        **translations.CONSTRAINTS,
        **OF_SELLING,
        **OF_ATTRIBUTES,
    }

    def __init__(self, database: Database, outbox: Outbox, audit: AuditWriter) -> None:
        super().__init__(database, outbox, audit)
        self._bulk = SqlProductsInBulk(self)
        self._watch = Watch()

    @property
    def products(self) -> SqlProducts:
        return SqlProducts(self, self._watch)

    @property
    def bulk(self) -> SqlProductsInBulk:
        return self._bulk

    @property
    def claims(self) -> SqlClaims:
        return SqlClaims(self.session)

    @property
    def categories(self) -> SqlCategories:
        return SqlCategories(self)

    @property
    def brands(self) -> SqlBrands:
        return SqlBrands(self)

    @property
    def attributes(self) -> SqlAttributes:
        return SqlAttributes(self)

    async def _write_journal(self) -> None:
        # Before the events are handed over, in the statement that saves them.
        self.besides(history.addition(self._watch.entries()))
        self.besides(translations.addition(self._watch.slugs()))
        await super()._write_journal()

    async def reserve(self) -> None:
        # A statement of an import may take longer than any of a request.
        await self.session.execute(text("set local lock_timeout = '120s'"))
        await self.session.execute(text("set local statement_timeout = '120s'"))
        turn = select(func.pg_try_advisory_xact_lock(IMPORT))
        async with _patience():
            # Asked for again and again, because no single statement may wait for so long.
            while not await self.session.scalar(turn):  # noqa: ASYNC110 - it ends elsewhere
                await asyncio.sleep(ASK_SECONDS)


@asynccontextmanager
async def _patience() -> AsyncGenerator[None]:
    try:
        async with asyncio.timeout(TURN_SECONDS):
            yield
    except TimeoutError:
        raise Unavailable("another import is under way", retry_after=60) from None
