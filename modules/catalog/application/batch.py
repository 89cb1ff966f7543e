"""Many products changed by one request: all of it or nothing, or whatever goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from annotated_types import Interval, Len

from modules.catalog.application.guarding import ProductGuard
from modules.catalog.application.products import (
    ChangeProduct,
    DraftProduct,
    changed_details,
    details_of,
)
from modules.catalog.application.queries import ProductView
from modules.catalog.domain.attributes import Attributes, Definition, validated
from modules.catalog.domain.product import (
    CategoryUnknown,
    Details,
    NoSuchProduct,
    Product,
    SkuTaken,
)
from modules.catalog.ports import CatalogUnitOfWork, Transaction
from modules.catalog.public import PRODUCTS_PUBLISH, PRODUCTS_WRITE
from shared_kernel.application import Caller, Clock, Command, Sparse
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


class NothingDone(Exception):
    """Leaves a unit of work without keeping anything."""


@dataclass(frozen=True, slots=True)
class ChangeManyProducts:
    """Does a batch in one transaction, in a few statements whatever the number of its items.

    Products are changed outside the session and saved together at the end: an item that is refused
    half-way leaves nothing.
    """

    begin: Transaction
    clock: Clock
    guard: ProductGuard

    async def __call__(self, caller: Caller, command: ChangeProducts) -> Sequence[Fate]:
        """Return the fate of every item.

        Raises SlugTaken, BrandUnknown, and SkuTaken for what somebody else took meanwhile.
        """
        fates = [Fate() for _ in command.items]
        try:
            async with self.begin() as tx:
                batch = await _read(tx, command.items)
                doing = Doing(batch, caller, self.guard, self.clock.now())
                for item, fate in zip(command.items, fates, strict=True):
                    doing.one(item, fate)
                _must_do_all(command, fates)
                await _save(tx, batch)
        except NothingDone:
            return [Fate(error=fate.error) for fate in fates]
        return fates


def _must_do_all(command: ChangeProducts, fates: Sequence[Fate]) -> None:
    if command.all_or_nothing and any(fate.error for fate in fates):
        raise NothingDone


@dataclass(slots=True)
class Batch:
    """What a batch finds, and what is to be saved of it."""

    products: Mapping[UUID, Product]
    definitions: Mapping[UUID, Sequence[Definition]]
    skus: set[str]
    new: list[Product] = field(default_factory=list[Product])
    changed: list[Product] = field(default_factory=list[Product])
    touched: set[UUID] = field(default_factory=set[UUID])

    def described(self, details: Details) -> Attributes:
        """Return the attributes of a product as its category lets it say them."""
        if details.category_id is None:
            return validated([], details.attributes)
        if details.category_id not in self.definitions:
            raise CategoryUnknown("there is no such category", field="/category_id")
        return validated(self.definitions[details.category_id], details.attributes)

    def take_sku(self, sku: str) -> None:
        """Use a SKU that nobody has. Raises SkuTaken."""
        if sku in self.skus:
            raise SkuTaken("another product has this SKU", field="/sku")
        self.skus.add(sku)


@dataclass(frozen=True, slots=True)
class Doing:
    """Does the items of a batch for a caller."""

    batch: Batch
    caller: Caller
    guard: ProductGuard
    at: datetime

    def one(self, item: Item, fate: Fate) -> None:
        """Do one item, or note why not."""
        try:
            if isinstance(item, CreateItem):
                self._create(item, fate)
            else:
                self._change(item, fate)
        except DomainError as error:
            fate.error = error

    def _create(self, item: CreateItem, fate: Fate) -> None:
        details = details_of(item.product)
        product = Product.draft(
            details, owner_id=self.caller.id, at=self.at, namesake=details.slug is None
        )
        self.guard.require_result(self.caller, PRODUCTS_WRITE, product)
        product.attributes = self.batch.described(details)
        if item.publish:
            product.publish(at=self.at)
            self.guard.require_result(self.caller, PRODUCTS_PUBLISH, product)
        self.batch.take_sku(product.sku)
        self.batch.new.append(product)
        fate.id = product.id

    def _change(self, item: ChangeItem | StepItem, fate: Fate) -> None:
        product = self._found(item)
        if not isinstance(item, ChangeItem):
            fate.gone = self._step(product, item.action)
            self.batch.changed.append(product)
        elif self._patch(product, item.changes):
            self.batch.changed.append(product)
        fate.id = product.id

    def _step(self, product: Product, action: Step) -> bool:
        """Take a step in the life of a product; return whether it is gone then."""
        if action == "publish":
            product.publish(at=self.at)
        elif action == "archive":
            product.archive(at=self.at)
        else:
            product.delete(at=self.at)
        return action == "delete"

    def _found(self, item: ChangeItem | StepItem) -> Product:
        product = self.batch.products.get(item.id)
        if product is None:
            raise NoSuchProduct("there is no such product", field="/id")
        publishing = item.action in {"publish", "archive"}
        self.guard.require(self.caller, PRODUCTS_PUBLISH if publishing else PRODUCTS_WRITE, product)
        if item.id in self.batch.touched:
            raise RepeatedInBatch("another item is about this product", field="/id")
        product.must_be_at(item.version)
        self.batch.touched.add(item.id)
        return product

    def _patch(self, product: Product, changes: ChangeProduct) -> bool:
        old, new = product.details, changed_details(product.details, changes)
        if (new.category_id, new.attributes) != (old.category_id, old.attributes):
            new = replace(new, attributes=self.batch.described(new))
        if new.sku != old.sku:
            self.batch.take_sku(new.sku)
        changed = product.change(new, at=self.at)
        if changed:
            self.guard.require_result(self.caller, PRODUCTS_WRITE, product)
        return changed


async def _read(tx: CatalogUnitOfWork, items: Sequence[Item]) -> Batch:
    """Read and lock what the items are about, all at once."""
    ids = [item.id for item in items if not isinstance(item, CreateItem)]
    products = await tx.bulk.of_ids(ids)
    said = [
        item.product if isinstance(item, CreateItem) else item.changes
        for item in items
        if not isinstance(item, StepItem)
    ]
    skus = [one.sku for one in said if isinstance(one.sku, str)]
    named = {one.category_id for one in said} | {one.category_id for one in products.values()}
    held = await tx.categories.keep_all([one for one in named if isinstance(one, UUID)])
    return Batch(
        products=products,
        definitions=await tx.attributes.effective(held) if held else {},
        skus=set(await tx.bulk.of_skus(skus)) if skus else set(),
    )


async def _save(tx: CatalogUnitOfWork, batch: Batch) -> None:
    tx.bulk.save(new=batch.new, changed=batch.changed, one_by_one=True)
    await tx.bulk.saved()
