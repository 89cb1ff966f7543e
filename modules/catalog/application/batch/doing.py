"""Does the items of a batch, each by itself: what refuses one leaves the others alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from modules.catalog.application.batch.asked import (
    ChangeItem,
    CreateItem,
    Fate,
    Item,
    RepeatedInBatch,
    Step,
    StepItem,
)
from modules.catalog.application.guarding import ProductGuard
from modules.catalog.application.products import ChangeProduct, changed_details, details_of
from modules.catalog.domain.attributes import Attributes, Definition, validated
from modules.catalog.domain.product import (
    BrandUnknown,
    CategoryUnknown,
    Details,
    NoSuchProduct,
    Product,
    SkuTaken,
    SlugTaken,
)
from modules.catalog.ports import Taken
from modules.catalog.public import PRODUCTS_PUBLISH, PRODUCTS_WRITE
from shared_kernel.application import Caller
from shared_kernel.domain import DomainError


@dataclass(slots=True)
class Batch:
    """What a batch finds, and what is to be saved of it."""

    products: Mapping[UUID, Product]
    definitions: Mapping[UUID, Sequence[Definition]]
    taken: Taken
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

    def claim(self, product: Product, *, sku: bool, slug: bool, brand: bool) -> None:
        """Make sure of what is new about a product: nobody else has it, or it exists.

        Raises SkuTaken, SlugTaken, BrandUnknown.
        """
        if sku and product.sku in self.taken.skus:
            raise SkuTaken("another product has this SKU", field="/sku")
        if slug and product.slug in self.taken.slugs:
            raise SlugTaken("another product has this slug", field="/slug")
        if brand and product.brand_id not in {None, *self.taken.brand_ids}:
            raise BrandUnknown("there is no such brand", field="/brand_id")
        self.taken.skus.add(product.sku)
        self.taken.slugs.add(product.slug)


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
        self.batch.claim(product, sku=True, slug=details.slug is not None, brand=True)
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
        changed = product.change(new, at=self.at)
        if changed:
            self.guard.require_result(self.caller, PRODUCTS_WRITE, product)
            self.batch.claim(
                product,
                sku=product.sku != old.sku,
                slug=product.slug != old.slug,
                brand=product.brand_id != old.brand_id,
            )
        return changed
