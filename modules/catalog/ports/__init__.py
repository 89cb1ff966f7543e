"""What the catalog needs from the outside: a store, and a reader of files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from modules.catalog.domain.category import Category, Forest
from modules.catalog.domain.product import Details, Product
from modules.catalog.domain.siblings import Sibling
from modules.catalog.ports.attributes import Attributes
from modules.catalog.ports.brands import Brands
from modules.catalog.ports.claims import Claims as Claims
from modules.catalog.ports.claims import Taken as Taken
from modules.catalog.ports.media import MediaReferences
from modules.catalog.ports.prices import Prices
from modules.catalog.ports.stock import Reservations, Stocks
from modules.catalog.ports.variants import Variants
from shared_kernel.application import UnitOfWork
from shared_kernel.application.conditions import Condition
from shared_kernel.domain import AccountId


class Products(Protocol):
    """The products there are."""

    async def get_locked(self, id: UUID, *, even_deleted: bool = False) -> Product:
        """Return a product that nobody else changes meanwhile. Raises NoSuchProduct.

        One that lies in the trash is none, unless it was asked for, too.
        """
        ...

    async def deleted_before(self, moment: datetime, *, limit: int) -> Sequence[Product]:
        """Return some of those that lie in the trash since before a moment, locked.

        Those that somebody else has locked are left out.
        """
        ...

    async def living_of(self, owner_id: AccountId, *, limit: int) -> Sequence[Product]:
        """Return some drafts and published products of an owner, locked, the trash included."""
        ...

    async def owned_by(self, owner_id: AccountId, *, limit: int) -> Sequence[Product]:
        """Return some products of an owner, whatever became of them, locked."""
        ...

    async def hold_all_in(self, category_ids: Collection[UUID], *, limit: int) -> int:
        """Keep all products of categories, the trash included, from being changed meanwhile.

        Return how many there are, at most `limit`.
        """
        ...

    async def move_all_in(
        self,
        category_ids: Collection[UUID],
        *,
        to: UUID,
        at: datetime,
        where: Sequence[Condition],
    ) -> int | None:
        """Move all of them to another category, each with a new version and an entry of history.

        Return how many, or None where one of them does not meet all conditions: then the
        transaction must not be kept. In one statement; events go to those who listen.
        """
        ...

    def add(self, aggregate: Product) -> None: ...

    async def remove(self, aggregate: Product) -> None: ...


OWN = ""
"""Stands for the shop's own language where a slug is told with its language."""

Slug = tuple[str, str]
"""The locale of a slug, and the slug."""


class ProductsInBulk(Protocol):
    """The products there are, a thousand at a time: the same few statements for any number.

    Nothing of them is held in memory until the transaction ends.
    """

    def draft(
        self,
        details: Details,
        *,
        owner_id: AccountId | None,
        at: datetime,
        namesake: bool = False,
    ) -> Product:
        """Return a new product, as `Product.draft` does, for `save` and nothing else."""
        ...

    async def of_skus(self, skus: Sequence[str]) -> Mapping[str, Product]:
        """Return the products that have these SKUs, locked. Only what is saved is changed."""
        ...

    async def of_ids(self, ids: Sequence[UUID]) -> Mapping[UUID, Product]:
        """Return the products of these ids, locked. Only what is saved is changed."""
        ...

    async def repeated(self, rows: Mapping[str, int]) -> Mapping[str, int]:
        """Remember the row of each SKU, until the transaction ends or `forget` is called.

        Return those that were remembered before, with the row they had then.
        """
        ...

    async def forget(self) -> None:
        """Forget the rows that were remembered."""
        ...

    async def slugs_taken(self, slugs: Collection[Slug]) -> Mapping[Slug, UUID]:
        """Return those of these slugs that products have in their languages, and whose they are."""
        ...

    def save(
        self, *, new: Sequence[Product], changed: Sequence[Product], one_by_one: bool = False
    ) -> None:
        """Begin to save products, what became of them and of their prices.

        Their events are told to those who listen; `one_by_one` tells each with the transaction,
        as it would be without bulk, with a line in the audit log. Until `saved` has returned,
        nothing else may be asked of the transaction.
        """
        ...

    async def saved(self) -> None:
        """Wait until all is saved that was begun. Raises what was refused of it."""
        ...


class Pause(Protocol):
    """Lets others have a turn, in the middle of much to compute."""

    async def __call__(self) -> None: ...


class Categories(Protocol):
    """The categories there are."""

    async def get(self, id: UUID) -> Category:
        """Return a category. Raises NoSuchCategory."""
        ...

    async def hold(self, id: UUID) -> None:
        """Keep a category from being deleted meanwhile. Raises CategoryUnknown."""
        ...

    async def keep_all(self, ids: Collection[UUID]) -> Collection[UUID]:
        """Keep categories from being deleted meanwhile; return those of them that exist."""
        ...

    async def lock_forest(self) -> Forest:
        """Return who stands under whom; nobody else changes it meanwhile."""
        ...

    async def hold_all(self, ids: Collection[UUID]) -> None:
        """Wait for those who hold these categories, and let nobody else hold them meanwhile."""
        ...

    async def children(self, parent_id: UUID | None) -> Sequence[Sibling]:
        """Return the categories directly under another one, or at the top, in their order."""
        ...

    async def arrange(self, positions: Mapping[UUID, int]) -> None:
        """Give categories new positions, and each a new version, in one statement."""
        ...

    async def remove_all(self, ids: Collection[UUID]) -> None:
        """Remove categories with which nothing stays behind, in one statement."""
        ...

    async def of_external_ids(self, external_ids: Iterable[str]) -> Mapping[str, Category]:
        """Return the categories that have these external ids; nobody deletes them meanwhile."""
        ...

    async def of_slugs(self, slugs: Iterable[str]) -> Mapping[str, Category]:
        """Return the categories of these slugs that have no external id.

        Nobody deletes them meanwhile.
        """
        ...

    def add(self, aggregate: Category) -> None: ...

    async def remove(self, aggregate: Category) -> None: ...


class CatalogUnitOfWork(UnitOfWork, Protocol):
    """One transaction over the catalog."""

    @property
    def products(self) -> Products: ...

    @property
    def bulk(self) -> ProductsInBulk: ...

    @property
    def claims(self) -> Claims: ...

    @property
    def categories(self) -> Categories: ...

    @property
    def brands(self) -> Brands: ...

    @property
    def variants(self) -> Variants: ...

    @property
    def attributes(self) -> Attributes: ...

    @property
    def stocks(self) -> Stocks: ...

    @property
    def reservations(self) -> Reservations: ...

    @property
    def prices(self) -> Prices: ...

    @property
    def media(self) -> MediaReferences: ...

    async def flush(self) -> None:
        """Send what changed so far, so that what refers to it can follow."""
        ...

    async def reserve(self) -> None:
        """Be the only import until the transaction ends, and take the time one needs."""
        ...


Transaction = Callable[[], AbstractAsyncContextManager[CatalogUnitOfWork]]


class FileFormat(StrEnum):
    """How rows are written in a file."""

    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of a file: its number and the line it starts on, both from 1.

    `fault` says why it cannot be read, where it cannot.
    """

    number: int
    line: int
    members: Mapping[str, object]
    fault: str | None = None


class FileUnreadable(Exception):
    """There is no such file, or it is none of the known formats."""


class CatalogFiles(Protocol):
    """Reads rows from files."""

    def rows(self, path: str, file_format: FileFormat | None) -> Iterable[SourceRow]:
        """Return the rows of a file; its name tells the format where none is given.

        They come from the beginning each time they are asked for, and none of them is kept. Raises
        FileUnreadable, also while they come. Numbers are int, Decimal, or a float if the shortest
        text it is written as has all the digits of the file.
        """
        ...

    def demo(self) -> Iterable[SourceRow]:
        """Return the rows of the example shop."""
        ...
