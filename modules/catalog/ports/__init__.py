"""What the catalog needs from the outside: a store, and a reader of files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from modules.catalog.domain.category import Category, Forest
from modules.catalog.domain.product import Product
from modules.catalog.ports.attributes import Attributes
from modules.catalog.ports.variants import Variants
from shared_kernel.application import UnitOfWork
from shared_kernel.domain import AccountId


class Products(Protocol):
    """The products there are."""

    async def get_locked(self, id: UUID) -> Product:
        """Return a product that nobody else changes meanwhile. Raises NoSuchProduct."""
        ...

    async def of_skus(self, skus: Iterable[str]) -> Mapping[str, Product]:
        """Return the products that have these SKUs."""
        ...

    async def living_of(self, owner_id: AccountId, *, limit: int) -> Sequence[Product]:
        """Return some drafts and published products of an owner, locked."""
        ...

    async def owned_by(self, owner_id: AccountId, *, limit: int) -> Sequence[Product]:
        """Return some products of an owner, whatever became of them, locked."""
        ...

    def add(self, aggregate: Product) -> None: ...

    async def remove(self, aggregate: Product) -> None: ...


class Categories(Protocol):
    """The categories there are."""

    async def get(self, id: UUID) -> Category:
        """Return a category. Raises NoSuchCategory."""
        ...

    async def hold(self, id: UUID) -> None:
        """Keep a category from being deleted meanwhile. Raises CategoryUnknown."""
        ...

    async def lock_forest(self) -> Forest:
        """Return who stands under whom; nobody else changes it meanwhile."""
        ...

    async def of_external_ids(self, external_ids: Iterable[str]) -> Mapping[str, Category]:
        """Return the categories that have these external ids."""
        ...

    def add(self, aggregate: Category) -> None: ...

    async def remove(self, aggregate: Category) -> None: ...


class CatalogUnitOfWork(UnitOfWork, Protocol):
    """One transaction over the catalog."""

    @property
    def products(self) -> Products: ...

    @property
    def categories(self) -> Categories: ...

    @property
    def variants(self) -> Variants: ...

    @property
    def attributes(self) -> Attributes: ...

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
        """Yield the rows of a file; its name tells the format where none is given.

        Raises FileUnreadable. Numbers come as int or Decimal, never as float.
        """
        ...

    def demo(self) -> Iterable[SourceRow]:
        """Yield the rows of the example shop."""
        ...
