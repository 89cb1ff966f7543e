"""The history of a product, for those who may change it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from modules.catalog.application.parts import OfProducts
from modules.catalog.public import PRODUCTS_WRITE
from shared_kernel.application import Caller, Page, Slice


@dataclass(frozen=True, slots=True)
class MemberChange:
    """A member of a product, as it was and as it is since."""

    before: object
    after: object


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """What one request, import or event did to a product, which is at `version` since then.

    `happened` are kinds of events, the oldest first, `changes` the members that have new values.
    `actor_id` is null where nobody asked for it, `impersonator_id` who acted as the actor. Clients
    must tolerate kinds and members they do not know.
    """

    id: UUID
    version: int
    occurred_at: datetime
    actor_id: UUID | None
    impersonator_id: UUID | None
    happened: list[str]
    changes: dict[str, MemberChange]


class HistoryQueries(Protocol):
    """Reads histories, whoever asks."""

    async def history(self, product_id: UUID, part: Slice) -> Page[HistoryEntry]:
        """Return what became of a product, the last first."""
        ...


@dataclass(frozen=True, slots=True)
class ShowHistory:
    """Shows what became of a product to those who may write it."""

    queries: HistoryQueries
    of: OfProducts

    async def __call__(self, caller: Caller, product_id: UUID, part: Slice) -> Page[HistoryEntry]:
        """Return it, the last first. Raises NoSuchProduct, PermissionDenied."""
        await self.of.allowed(caller, PRODUCTS_WRITE, product_id)
        return await self.queries.history(product_id, part)
