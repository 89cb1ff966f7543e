"""Products a thousand at a time: COPY for those that are new, one statement for all changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, bindparam, func, select, text, update

from modules.catalog.adapters.sql import history
from modules.catalog.adapters.sql.tables import not_in_trash, products
from modules.catalog.domain.money import Money
from modules.catalog.domain.product import Product
from modules.catalog.domain.product.history import Entry, Snapshot, entry_of, snapshot
from shared_kernel.adapters.sql import SqlUnitOfWork, add_together

p = products.c

COLUMNS = (
    p.id,
    p.version,
    p.sku,
    p.slug,
    p.name,
    p.description,
    p.amount,
    p.currency,
    p.category_id,
    p.brand_id,
    p.tags,
    p.attributes,
    p.owner_id,
    p.status,
    p.created_at,
    p.published_at,
    p.deleted_at,
)
NAMES = [column.name for column in COLUMNS]
FIXED = {"id", "version", "owner_id", "created_at"}

CHANGE = (
    update(products)
    .where(p.id == bindparam("of_id"))
    .values(version=p.version + 1, **{name: bindparam(name) for name in NAMES if name not in FIXED})
)

REMEMBER = text("""
    insert into catalog.imported_skus (sku, row)
    select * from unnest(cast(:skus as text[]), cast(:rows as integer[]))
    on conflict do nothing returning sku
""")
REMEMBERED = text("select sku, row from catalog.imported_skus where sku = any(:skus)")
FORGET = text("delete from catalog.imported_skus")


class SqlProductsInBulk:
    """Products by the thousand. They are never in the session, which would hold and watch each."""

    def __init__(self, uow: SqlUnitOfWork) -> None:
        self._uow, self._session = uow, uow.session
        self._saving: asyncio.Task[None] | None = None
        self._before = WeakKeyDictionary[Product, Snapshot]()

    async def of_skus(self, skus: Sequence[str]) -> Mapping[str, Product]:
        found = await self._locked(p.sku == func.any([*skus]))
        return {product.sku: product for product in found}

    async def of_ids(self, ids: Sequence[UUID]) -> Mapping[UUID, Product]:
        found = await self._locked(p.id == func.any([*ids]))
        return {product.id: product for product in found}

    async def _locked(self, which: ColumnElement[bool]) -> Sequence[Product]:
        wanted = select(*COLUMNS).where(which, not_in_trash).order_by(p.id)
        found = await self._session.execute(wanted.with_for_update())
        return [self._watched(_product(row)) for row in found]

    async def repeated(self, rows: Mapping[str, int]) -> Mapping[str, int]:
        values = {"skus": [*rows], "rows": [*rows.values()]}
        new = set(await self._session.scalars(REMEMBER, values))
        known = [sku for sku in rows if sku not in new]
        if not known:
            return {}
        found = await self._session.execute(REMEMBERED, {"skus": known})
        return {row.sku: row.row for row in found}

    async def forget(self) -> None:
        await self._session.execute(FORGET)

    def save(self, *, new: Sequence[Product], changed: Sequence[Product]) -> None:
        self._saving = asyncio.create_task(self._save(new, changed))

    async def saved(self) -> None:
        saving, self._saving = self._saving, None
        if saving is not None:
            await saving

    async def _save(self, new: Sequence[Product], changed: Sequence[Product]) -> None:
        if new:
            await self._copy([_record(product) for product in new])
        if changed:
            await self._session.execute(CHANGE, [_changes(product) for product in changed])
            await add_together(self._session, [history.addition(self._entries(changed))])
        saved = (*new, *changed)
        await self._uow.tell([event for product in saved for event in product.release_events()])

    def _watched(self, product: Product) -> Product:
        self._before[product] = snapshot(product)
        return product

    def _entries(self, changed: Sequence[Product]) -> Iterator[Entry]:
        """Yield what became of products. Of a new one the history begins when it changes."""
        for product in changed:
            entry = entry_of(product, self._before.get(product), version=product.version + 1)
            if entry is not None:
                yield entry

    async def _copy(self, records: Sequence[tuple[Any, ...]]) -> None:
        raw = await (await self._session.connection()).get_raw_connection()
        await raw.driver_connection.copy_records_to_table(  # type: ignore[union-attr]  # the driver's own
            products.name, schema_name=products.schema, columns=NAMES, records=records
        )


def _product(row: Any) -> Product:
    product = Product(
        id=row.id,
        sku=row.sku,
        slug=row.slug,
        name=row.name,
        description=row.description,
        price=Money(row.amount, row.currency),
        category_id=row.category_id,
        brand_id=row.brand_id,
        tags=row.tags,
        attributes=row.attributes,
        owner_id=row.owner_id,
        status=row.status,
        created_at=row.created_at,
        published_at=row.published_at,
        deleted_at=row.deleted_at,
    )
    product.version = row.version
    return product


def _record(product: Product) -> tuple[Any, ...]:
    """Return the values of a new product, in the order of the columns."""
    values = _values(product)
    values["attributes"] = json.dumps(values["attributes"])  # the driver takes JSON as text
    return (product.id, 1, *[values[name] for name in NAMES[2:]])


def _changes(product: Product) -> dict[str, Any]:
    values = _values(product)
    return {"of_id": product.id, **{name: values[name] for name in NAMES if name not in FIXED}}


def _values(product: Product) -> dict[str, Any]:
    return {
        "id": product.id,
        "version": product.version,
        "sku": product.sku,
        "slug": product.slug,
        "name": product.name,
        "description": product.description,
        "amount": product.price.amount,
        "currency": product.price.currency,
        "category_id": product.category_id,
        "brand_id": product.brand_id,
        "tags": [*product.tags],
        "attributes": {**product.attributes},
        "owner_id": product.owner_id,
        "status": product.status.value,
        "created_at": product.created_at,
        "published_at": product.published_at,
        "deleted_at": product.deleted_at,
    }
