"""Products a thousand at a time: COPY for those that are new, one statement for all changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Table, bindparam, func, select, text, update

from modules.catalog.adapters.sql import history, prices, translations
from modules.catalog.adapters.sql.tables import not_in_trash, products
from modules.catalog.domain.money import Money
from modules.catalog.domain.product import Product
from modules.catalog.domain.product.history import Entry, entry_of, snapshot
from modules.catalog.ports import OWN, Slug
from shared_kernel.adapters.sql import Addition, SqlUnitOfWork, add_together
from shared_kernel.application import origin
from shared_kernel.domain import DomainEvent

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
    p.translations,
)
NAMES = [column.name for column in COLUMNS]
ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False)
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


@dataclass(eq=False, kw_only=True)
class Unwatched(Product):
    """A product with plain attributes, where those of mapped classes tell a session of each change.

    No session ever sees it, and to watch it took longer than to decide what becomes of it.
    """

    __slots__ = tuple(one.name for one in fields(Product))

    def __post_init__(self) -> None:
        self.version = 1


class SqlProductsInBulk:
    """Products by the thousand. They are never in the session, which would hold and watch each."""

    draft = staticmethod(Unwatched.draft)

    def __init__(self, uow: SqlUnitOfWork) -> None:
        self._uow, self._session = uow, uow.session
        self._saving: asyncio.Task[None] | None = None
        self._read = WeakKeyDictionary[Product, Any]()

    async def of_skus(self, skus: Sequence[str]) -> Mapping[str, Product]:
        found = await self._locked(p.sku == func.any([*skus]))
        return {product.sku: product for product in found}

    async def of_ids(self, ids: Sequence[UUID]) -> Mapping[UUID, Product]:
        found = await self._locked(p.id == func.any([*ids]))
        return {product.id: product for product in found}

    async def _locked(self, which: ColumnElement[bool]) -> Sequence[Product]:
        wanted = select(*COLUMNS).where(which, not_in_trash).order_by(p.id)
        found = await self._session.execute(wanted.with_for_update())
        return [self._watched(row) for row in found]

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

    async def slugs_taken(self, slugs: Collection[Slug]) -> Mapping[Slug, UUID]:
        own = [slug for locale, slug in slugs if locale == OWN]
        found = dict[Slug, UUID]()
        if own:
            wanted = select(p.slug, p.id).where(p.slug == func.any(own), not_in_trash)
            found |= {(OWN, slug): id for slug, id in await self._session.execute(wanted)}
        if len(own) < len(slugs):
            found |= await translations.taken(self._session, slugs)
        return found

    def save(
        self, *, new: Sequence[Product], changed: Sequence[Product], one_by_one: bool = False
    ) -> None:
        self._saving = asyncio.create_task(self._save(new, changed, one_by_one))

    async def saved(self) -> None:
        saving, self._saving = self._saving, None
        if saving is not None:
            await saving

    async def _save(
        self, new: Sequence[Product], changed: Sequence[Product], one_by_one: bool
    ) -> None:
        entries = [*self._entries(new, changed)]
        slugs = translations.addition(self._translated(new, changed))
        if new:
            await self._copy(products, NAMES, [_record(product) for product in new])
        if changed:
            await self._session.execute(CHANGE, [_changes(product) for product in changed])
        await self._copy(history.history, *history.records(entries))
        events = [event for one in (*new, *changed) for event in one.release_events()]
        await add_together(self._session, [slugs, *self._told(events, one_by_one)])
        if not one_by_one:
            await self._uow.tell(events)

    def _told(self, events: Sequence[DomainEvent], one_by_one: bool) -> Iterator[Addition]:
        """Yield what notes changes of prices, where the transaction does not at its end."""
        if not one_by_one:
            yield prices.history(events, origin.get())
            return
        for event in events:
            self._uow.publish(event)

    def _watched(self, row: Any) -> Product:
        product = _product(row)
        self._read[product] = row
        return product

    def _translated(
        self, new: Sequence[Product], changed: Sequence[Product]
    ) -> Iterator[tuple[Product, translations.Slugs]]:
        """Yield the products that are or were called something in other languages, and what."""
        yield from ((one, frozenset()) for one in new if one.translations)
        for product in changed:
            row = self._read[product]
            if product.translations or row.translations:
                yield product, translations.slugs_of(_product(row))

    def _entries(self, new: Sequence[Product], changed: Sequence[Product]) -> Iterator[Entry]:
        """Yield what became of products, before their events are handed over."""
        told = [
            *((product, None, 1) for product in new),
            *((one, snapshot(_product(self._read[one])), one.version + 1) for one in changed),
        ]
        for product, before, version in told:
            entry = entry_of(product, before, version=version)
            if entry is not None:
                yield entry

    async def _copy(
        self, table: Table[Any], names: Sequence[str], records: Sequence[tuple[Any, ...]]
    ) -> None:
        if not records:
            return
        raw = await (await self._session.connection()).get_raw_connection()
        await raw.driver_connection.copy_records_to_table(  # type: ignore[union-attr]  # the driver's own
            table.name, schema_name=table.schema, columns=names, records=records
        )


def _product(row: Any) -> Product:
    product = Unwatched(
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
        translations=row.translations,
    )
    product.version = row.version
    return product


def _record(product: Product) -> tuple[Any, ...]:
    """Return the values of a new product, in the order of the columns."""
    return (
        product.id,
        1,
        product.sku,
        product.slug,
        product.name,
        product.description,
        product.price.amount,
        product.price.currency,
        product.category_id,
        product.brand_id,
        product.tags,
        _json(product.attributes),
        product.owner_id,
        product.status.value,
        product.created_at,
        product.published_at,
        product.deleted_at,
        _json(product.translations),
    )


def _json(value: Mapping[str, object]) -> str:
    """Return a value as the driver copies JSON: as text."""
    return ENCODER.encode(value) if value else "{}"


def _changes(product: Product) -> dict[str, Any]:
    values = dict(zip(NAMES, _record(product), strict=True))
    values["attributes"], values["translations"] = product.attributes, product.translations
    return {"of_id": product.id, **{name: values[name] for name in NAMES if name not in FIXED}}
