"""Doubles of the catalog's ports: a store in memory that keeps its promises, and rows to import."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from modules.catalog.application.guarding import PRODUCTS
from modules.catalog.domain.attributes import Attribute
from modules.catalog.domain.brand import Brand
from modules.catalog.domain.category import (
    Category,
    CategoryInUse,
    ExternalIdTaken,
    Forest,
    NoSuchCategory,
)
from modules.catalog.domain.media import Media
from modules.catalog.domain.money import Money
from modules.catalog.domain.prices import ListedPrice
from modules.catalog.domain.product import (
    CategoryUnknown,
    Details,
    Product,
)
from modules.catalog.domain.product.history import Entry
from modules.catalog.domain.reservations import Reservation
from modules.catalog.domain.siblings import Sibling
from modules.catalog.domain.slugs import slug_of
from modules.catalog.domain.stock import Movement, Stock
from modules.catalog.domain.variants import Variant
from modules.catalog.ports import SourceRow
from shared_kernel.application import AuditEntry, Caller
from shared_kernel.application.conditions import FALSE, TRUE, Condition, Facts, reduced, some
from shared_kernel.domain import AccountId, DomainEvent
from tests.kit.catalog_attributes import FakeAttributes
from tests.kit.catalog_bulk import FakeProductsInBulk
from tests.kit.catalog_media import FakeMedia
from tests.kit.catalog_prices import FakePrices
from tests.kit.catalog_products import FakeBrands, FakeClaims, FakeProducts
from tests.kit.catalog_rows import FakeRows
from tests.kit.catalog_stock import FakeReservations, FakeStocks
from tests.kit.catalog_variants import FakeVariants

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def somebody() -> AccountId:
    """Return the id of an account nobody has heard of."""
    return AccountId(uuid4())


def caller(account_id: AccountId) -> Caller:
    """Return the account as the caller of a use case."""
    return Caller(account_id, uuid4())


def details(**changes: Any) -> Details:
    """Return what may be said about a product."""
    said: dict[str, Any] = {
        "sku": f"SKU-{uuid4().hex[:12]}",
        "name": "Limestone ashlar",
        "description": "Sawn six sides.",
        "price": Money(Decimal("38.50"), "EUR"),
        "category_id": None,
    }
    said |= changes
    said.setdefault("slug", slug_of(f"ashlar {said['sku']}", "none"))
    return Details(**said)


def row(number: int = 1, /, **members: object) -> SourceRow:
    """Return a row of a file that has one row a line."""
    return SourceRow(number, number, members)


class StoppedClock:
    """A clock on which it is always noon."""

    def now(self) -> datetime:
        return NOON


@dataclass(frozen=True)
class OwnRules:
    """An authorizer that knows what the catalog lays down, and which permissions are held."""

    held: Mapping[AccountId, frozenset[str]]

    def permits(self, caller: Caller, permission: str) -> bool:
        return permission in self.held.get(caller.id, ())

    def could_permit(self, caller: Caller, permission: str) -> bool:
        return self.condition(caller, permission, {}) != FALSE

    def allows(self, caller: Caller | None, permission: str, facts: Facts) -> bool:
        return self.condition(caller, permission, facts) == TRUE

    def condition(self, caller: Caller | None, permission: str, known: Facts) -> Condition:
        known = {**known, "caller.id": caller.id if caller else None}
        return some(
            reduced(rule.when, known)
            for rule in PRODUCTS.rules
            if permission in {one.name for one in rule.actions}
            and (
                rule.holding is None
                or (caller is not None and self.permits(caller, rule.holding.name))
            )
        )


@dataclass
class FakeCatalog:
    """The catalog in memory. One transaction at a time, all of it or nothing."""

    products: dict[UUID, Product] = field(default_factory=dict[UUID, Product])
    categories: dict[UUID, Category] = field(default_factory=dict[UUID, Category])
    variants: dict[UUID, Variant] = field(default_factory=dict[UUID, Variant])
    brands: dict[UUID, Brand] = field(default_factory=dict[UUID, Brand])
    attributes: dict[UUID, Attribute] = field(default_factory=dict[UUID, Attribute])
    prices: dict[UUID, ListedPrice] = field(default_factory=dict[UUID, ListedPrice])
    media: dict[UUID, Media] = field(default_factory=dict[UUID, Media])
    stocks: dict[UUID, Stock] = field(default_factory=dict[UUID, Stock])
    reservations: dict[UUID, Reservation] = field(default_factory=dict[UUID, Reservation])
    ledger: list[Movement] = field(default_factory=list[Movement])
    history: list[Entry] = field(default_factory=list[Entry])
    events: list[DomainEvent] = field(default_factory=list[DomainEvent])
    commits: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[FakeTransaction]:
        """Begin a transaction that commits on a clean exit."""
        async with self._turn:
            tx = FakeTransaction(self)
            yield tx
            await tx.flush()
            self.products, self.categories = tx.products.kept(), tx.categories.kept()
            self.history += tx.products.entries()
            self.attributes, self.brands = tx.attributes.kept(), tx.brands.kept()
            self.variants, self.stocks = tx.variants.kept(), tx.stocks.kept()
            self.prices, self.media = tx.prices.kept(), tx.media.kept()
            self.reservations, self.ledger = tx.reservations.kept(), tx.stocks.ledger
            self.events += [event for rows in tx.all() for event in rows.events()]
            self.events += tx.published
            self.commits += 1

    def kinds(self) -> list[str]:
        """Return what happened, oldest first."""
        return [event.kind() for event in self.events]


class FakeCategories(FakeRows[Category]):
    def __init__(self, stored: Mapping[UUID, Category], products: FakeProducts) -> None:
        super().__init__(stored)
        self._products = products

    async def remove(self, aggregate: Category) -> None:
        for one in self._products.rows.values():
            if one.category_id == aggregate.id and one.deleted_at is not None:
                one.category_id, one.attributes = None, {}
        await super().remove(aggregate)

    async def get(self, id: UUID) -> Category:
        if id not in self.rows:
            raise NoSuchCategory("there is no such category")
        return self.rows[id]

    async def hold(self, id: UUID) -> None:
        if id not in self.rows:
            raise CategoryUnknown("there is no such category", field="/category_id")

    async def keep_all(self, ids: Collection[UUID]) -> Collection[UUID]:
        return {id for id in ids if id in self.rows}

    async def lock_forest(self) -> Forest:
        parents = {one.id: one.parent_id for one in self.rows.values()}
        return Forest(parents, (one.slug for one in self.rows.values()))

    async def hold_all(self, ids: Collection[UUID]) -> None:
        """Nobody else holds them."""

    async def children(self, parent_id: UUID | None) -> Sequence[Sibling]:
        below = [one for one in self.rows.values() if one.parent_id == parent_id]
        ordered = sorted(below, key=lambda one: (one.position, one.name, one.id))
        return [Sibling(one.id, one.position) for one in ordered]

    async def arrange(self, positions: Mapping[UUID, int]) -> None:
        for id, position in positions.items():
            self.rows[id].position = position

    async def remove_all(self, ids: Collection[UUID]) -> None:
        for id in ids:
            await self.remove(self.rows[id])

    async def of_external_ids(self, external_ids: Iterable[str]) -> Mapping[str, Category]:
        wanted = set(external_ids)
        return {str(c.external_id): c for c in self.rows.values() if c.external_id in wanted}

    async def of_slugs(self, slugs: Iterable[str]) -> Mapping[str, Category]:
        wanted = set(slugs)
        nameless = [one for one in self.rows.values() if one.external_id is None]
        return {one.slug: one for one in nameless if one.slug in wanted}


class FakeTransaction:
    """One transaction of the catalog in memory."""

    def __init__(self, store: FakeCatalog) -> None:
        self.products = FakeProducts(store.products)
        self.brands = FakeBrands(store.brands, self.products)
        self.claims = FakeClaims(self.products, self.brands)
        self.bulk = FakeProductsInBulk(self.products.rows)
        self.categories = FakeCategories(store.categories, self.products)
        self.variants = FakeVariants(store.variants)
        self.attributes = FakeAttributes(store.attributes, self.categories, self.products)
        self.prices = FakePrices(store.prices)
        self.media = FakeMedia(store.media)
        self.stocks = FakeStocks(store.stocks, self.variants.rows, store.ledger)
        self.reservations = FakeReservations(store.reservations)
        self.entries: list[AuditEntry] = []
        self.published: list[DomainEvent] = []

    def all(self) -> Sequence[FakeRows[Any]]:
        """Return the rows of every kind."""
        sold = self.variants, self.stocks, self.reservations, self.prices, self.media
        return self.products, self.brands, self.categories, self.attributes, *sold

    def audit(self, entry: AuditEntry) -> None:
        self.entries.append(entry)

    def publish(self, event: DomainEvent) -> None:
        self.published.append(event)

    async def reserve(self) -> None:
        """Nobody else is there."""

    async def flush(self) -> None:
        """Refuse what the database would refuse."""
        external_ids = [c.external_id for c in self.categories.rows.values() if c.external_id]
        self.brands.check()
        self.products.check({*self.brands.rows})
        if len(set(external_ids)) < len(external_ids):
            raise ExternalIdTaken("another category has it", field="/external_id")
        used = {one.category_id for one in self.products.rows.values()}
        used |= {one.parent_id for one in self.categories.rows.values()}
        if not used <= {None, *self.categories.rows}:
            raise CategoryInUse("there is something in the category")
        self.variants.check(self.products.rows)
        self.attributes.check()
        self.prices.check(self.products.rows, self.variants.rows)
        self.media.check(self.products.rows)
        self.stocks.check(self.variants.rows)
        self.reservations.check(self.variants.rows)


@dataclass
class FakeFiles:
    """Files in memory, by path."""

    files: dict[str, list[SourceRow]] = field(default_factory=dict[str, list[SourceRow]])

    def rows(self, path: str, file_format: object) -> Iterable[SourceRow]:
        return self.files[path]

    def demo(self) -> Iterable[SourceRow]:
        return self.files["demo"]
