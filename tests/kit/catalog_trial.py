"""The catalogue's use cases over either store, and what they told."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from modules.audit.adapters.sql import SqlAuditWriter
from modules.catalog.adapters.sql import CatalogUnitOfWork, SqlProductQueries
from modules.catalog.adapters.sql.stock_queries import LEDGER
from modules.catalog.application.guarding import guard_of_products
from modules.catalog.application.parts import OfProducts, ProductById
from modules.catalog.application.stock.showing import MovementView, movement_view
from modules.catalog.domain.product import NoSuchProduct, Product
from modules.catalog.domain.variants import Variant
from modules.catalog.ports import Transaction
from modules.catalog.public import PRODUCTS_MANAGE
from shared_kernel.adapters.outbox import SqlOutbox
from shared_kernel.adapters.sql import Database
from shared_kernel.application import Caller, Slice
from shared_kernel.domain import AccountId, DomainEvent
from tests.kit.catalog import NOON, FakeCatalog, OwnRules, caller, details, somebody
from tests.kit.catalog_variants import variant_details


@dataclass(frozen=True, slots=True)
class Trial:
    """A store, somebody who may do everything with every product, and what was told."""

    begin: Transaction
    products: ProductById
    told: Callable[[], Sequence[DomainEvent]]
    ledger: Callable[[UUID], Awaitable[Sequence[MovementView]]]
    keeper: Caller = field(default_factory=lambda: caller(somebody()))

    @property
    def of(self) -> OfProducts:
        """Return who asks the policy, which lets the keeper do everything."""
        held = {AccountId(self.keeper.id): frozenset({PRODUCTS_MANAGE.name})}
        return OfProducts(self.products, guard_of_products(OwnRules(held)))

    async def product(self) -> Product:
        """Make a published product."""
        product = Product.draft(details(), owner_id=somebody(), at=NOON)
        product.publish(at=NOON)
        async with self.begin() as tx:
            tx.products.add(product)
        return product

    async def variant(self) -> Variant:
        """Make a variant of a published product."""
        variant = Variant.add(variant_details(), to=await self.product(), others=0, at=NOON)
        async with self.begin() as tx:
            tx.variants.add(variant)
        return variant


ALL = Slice(limit=200)

Opening = Callable[[], AbstractAsyncContextManager[Trial]]


@asynccontextmanager
async def in_memory() -> AsyncGenerator[Trial]:
    """Open a catalogue in memory."""
    store = FakeCatalog()

    async def ledger(variant_id: UUID) -> Sequence[MovementView]:
        return [movement_view(one) for one in store.ledger if one.variant_id == variant_id]

    yield Trial(store.begin, FakeProductById(store), lambda: store.events, ledger)


def in_database(url: str) -> Opening:
    """Return what opens the catalogue in a database."""

    @asynccontextmanager
    async def opening() -> AsyncGenerator[Trial]:
        opened, outbox, writer = Database(url), KeptOutbox(), SqlAuditWriter()

        async def ledger(variant_id: UUID) -> Sequence[MovementView]:
            where = {"variant_id": variant_id}
            return (await LEDGER.page(opened.reads, where, "occurred_at", ALL)).items

        try:
            yield Trial(
                lambda: CatalogUnitOfWork(opened, outbox, writer),
                SqlProductQueries(opened),
                lambda: outbox.events,
                ledger,
            )
        finally:
            await opened.close()

    return opening


@dataclass(frozen=True, slots=True)
class FakeProductById:
    """Reads the products of a catalogue in memory."""

    store: FakeCatalog

    async def product(self, product_id: UUID) -> Product:
        one = self.store.products.get(product_id)
        if one is None:
            raise NoSuchProduct("there is no such product")
        return one


class KeptOutbox(SqlOutbox):
    """An outbox from which nothing is delivered, and that knows what was told after a commit."""

    def __init__(self) -> None:
        super().__init__({}, lambda topic: None)
        self.events: list[DomainEvent] = []

    def wake(self, events: Sequence[DomainEvent]) -> None:
        super().wake(events)
        self.events += events
