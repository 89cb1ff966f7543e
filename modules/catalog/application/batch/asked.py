"""What a batch asks for, and what becomes of each item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from annotated_types import Interval, Len

from modules.catalog.application.products import ChangeProduct, DraftProduct
from modules.catalog.application.queries import ProductView
from shared_kernel.application import Command, Sparse
from shared_kernel.domain import Conflict, DomainError

MOST = 500

Step = Literal["publish", "archive", "delete"]
Version = Annotated[int, Interval(ge=1)]


class RepeatedInBatch(Conflict):
    """Another item of the batch is about the same product."""


class CreateItem(Command):
    """Draft a product, and publish it at once if that is asked for."""

    action: Literal["create"]
    product: DraftProduct
    publish: bool = False


class ChangeItem(Command):
    """Change a product, at the version it was read at (JSON Merge Patch)."""

    action: Literal["change"]
    id: UUID
    version: Version
    changes: ChangeProduct


class StepItem(Command):
    """Publish, archive or delete a product, at the version it was read at."""

    action: Step
    id: UUID
    version: Version


Item = CreateItem | ChangeItem | StepItem


class ChangeProducts(Command):
    """Up to 500 changes, done in their order. No two may be about one product."""

    items: Annotated[list[Item], Len(1, MOST)]
    all_or_nothing: bool = True


@dataclass(frozen=True, slots=True)
class ItemRefused:
    """Why an item was refused. `pointer` names the member of what was sent in it."""

    code: str
    message: str
    pointer: str | None


@dataclass(frozen=True, slots=True)
class ItemResult(Sparse):
    """What became of one item. `done` is false, too, where others kept it from being done.

    A product that was deleted is not shown.
    """

    index: int
    done: bool
    id: UUID | None = None
    product: ProductView | None = None
    error: ItemRefused | None = None


@dataclass(slots=True)
class Fate:
    """What becomes of an item while a batch is done."""

    id: UUID | None = None
    gone: bool = False
    error: DomainError | None = None

    @property
    def done(self) -> bool:
        """Whether it was done: it has an id, and nobody refused it."""
        return self.id is not None and self.error is None
