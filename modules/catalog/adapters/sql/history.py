"""The history of products: written with each change, and read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    Named,
    String,
    Table,
    TypedColumns,
    Uuid,
    bindparam,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from modules.catalog.adapters.sql.tables import metadata
from modules.catalog.adapters.sql.translations import Slugs, slugs_of
from modules.catalog.application.history import HistoryEntry, MemberChange
from modules.catalog.domain.product import Product
from modules.catalog.domain.product.history import Entry, Snapshot, entry_of, snapshot
from shared_kernel.adapters.sql import (
    APPEND_ONLY,
    Addition,
    Database,
    Listing,
    insertion,
    moment,
)
from shared_kernel.application import Origin, Page, Slice, origin
from shared_kernel.domain import new_id

Changes = dict[str, dict[str, object]]


class HistoryColumns(TypedColumns):
    id: Named[UUID] = Column(Uuid, primary_key=True)
    # What is gone for good takes its history along.
    product_id: Named[UUID] = Column(
        Uuid, ForeignKey("catalog.products.id", ondelete="CASCADE"), nullable=False
    )
    version: Named[int] = Column(Integer, nullable=False)
    occurred_at: Named[datetime] = Column(moment(), nullable=False)
    actor_id: Named[UUID | None] = Column(Uuid())
    impersonator_id: Named[UUID | None] = Column(Uuid())
    happened: Named[list[str]] = Column(ARRAY(String(100)), nullable=False)
    changes: Named[Changes] = Column(JSONB[Changes](), nullable=False)


history = Table("product_history", metadata, HistoryColumns, info=APPEND_ONLY)
h = history.c

Index(None, h.product_id, h.version, h.id)

WRITTEN = insertion("history", history)


def _view(  # noqa: PLR0917 - the columns shown, in their order
    id: UUID,
    version: int,
    occurred_at: datetime,
    actor_id: UUID | None,
    impersonator_id: UUID | None,
    happened: list[str],
    changes: Changes,
) -> HistoryEntry:
    told = {name: MemberChange(one["before"], one["after"]) for name, one in changes.items()}
    return HistoryEntry(id, version, occurred_at, actor_id, impersonator_id, happened, told)


LIST = Listing(
    select(h.id, h.version, h.occurred_at, h.actor_id, h.impersonator_id, h.happened, h.changes),
    _view,
    id=h.id,
    filters={"product_id": h.product_id == bindparam("product_id")},
    sorts={"version": h.version},
)


@dataclass(frozen=True, slots=True)
class SqlHistoryQueries:
    """Reads histories on the read pool."""

    database: Database

    async def history(self, product_id: UUID, part: Slice) -> Page[HistoryEntry]:
        where = {"product_id": product_id}
        return await LIST.page(self.database.reads, where, "-version", part)


@dataclass(slots=True)
class Watch:
    """What products said when a unit of work was handed them; nothing, of those that are new."""

    before: dict[UUID, tuple[Product, Snapshot | None]] = field(
        default_factory=dict[UUID, tuple[Product, Snapshot | None]]
    )
    called: dict[UUID, Slugs] = field(default_factory=dict[UUID, Slugs])

    def found(self, product: Product) -> None:
        """Remember what a product says. Only the first time: it may have changed since."""
        if product.id not in self.before:
            self.before[product.id] = product, snapshot(product)
            self.called[product.id] = slugs_of(product)

    def made(self, product: Product) -> None:
        """Remember that a product is new."""
        self.before[product.id] = product, None

    def gone(self, product: Product) -> None:
        """Forget a product, which takes its history along."""
        self.before.pop(product.id, None)

    def slugs(self) -> Iterable[tuple[Product, Slugs]]:
        """Return the products with the slugs they had in other languages."""
        return [(one, self.called.get(id, frozenset())) for id, (one, _) in self.before.items()]

    def entries(self) -> Sequence[Entry]:
        """Return what became of them, once they have their new versions."""
        told = (entry_of(one, said, version=one.version) for one, said in self.before.values())
        return [entry for entry in told if entry is not None]


def addition(entries: Iterable[Entry]) -> Addition:
    """Return what saves entries, as the doing of whoever is asking now."""
    rows = [_row(entry, origin.get()) for entry in entries]
    return Addition((WRITTEN,), {"history": rows}) if rows else Addition()


NAMES = [column.name for column in history.c]


def records(entries: Iterable[Entry]) -> tuple[Sequence[str], Sequence[tuple[Any, ...]]]:
    """Return entries for COPY, which takes thousands for the price of a statement: the columns,
    and what is in them.
    """
    said = origin.get()
    return NAMES, [
        (
            new_id(),
            entry.product_id,
            entry.version,
            entry.occurred_at,
            said.actor_id,
            said.impersonator_id,
            entry.happened,
            json.dumps(entry.changes),
        )
        for entry in entries
    ]


def _row(entry: Entry, origin: Origin) -> Mapping[str, Any]:
    return {
        "id": str(new_id()),
        "product_id": str(entry.product_id),
        "version": entry.version,
        "occurred_at": entry.occurred_at.isoformat(),
        "actor_id": origin.actor_id and str(origin.actor_id),
        "impersonator_id": origin.impersonator_id and str(origin.impersonator_id),
        "happened": list(entry.happened),
        "changes": entry.changes,
    }
