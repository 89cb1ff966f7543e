"""What can be done with products."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from annotated_types import Len, MaxLen

from modules.catalog.application.guarding import ProductGuard
from modules.catalog.application.queries import Price
from modules.catalog.domain.money import Money
from modules.catalog.domain.product import Details, Product
from modules.catalog.domain.text import CODE, DESCRIPTION_LENGTH, NAME_LENGTH
from modules.catalog.ports import CatalogUnitOfWork, Transaction
from modules.catalog.public import PRODUCTS_PUBLISH, PRODUCTS_WRITE
from shared_kernel.application import (
    ABSENT,
    Absent,
    Caller,
    Clock,
    Command,
    Matches,
    given,
)
from shared_kernel.domain import Permission

Sku = Annotated[str, Matches(CODE)]
Name = Annotated[str, Len(1, NAME_LENGTH)]
Description = Annotated[str, MaxLen(DESCRIPTION_LENGTH)]


class DraftProduct(Command):
    """A new product, to be seen by its owner until it is published."""

    sku: Sku
    name: Name
    price: Price
    description: Description = ""
    category_id: UUID | None = None


class ChangeProduct(Command):
    """New values for some members (JSON Merge Patch, RFC 7386): what is not sent stays."""

    sku: Sku | Absent = ABSENT
    name: Name | Absent = ABSENT
    price: Price | Absent = ABSENT
    description: Description | Absent = ABSENT
    category_id: UUID | Absent | None = ABSENT


@dataclass(frozen=True, slots=True)
class ProductService:
    """The life of a product. Each step is asked of the policy before anything else is looked at."""

    begin: Transaction
    clock: Clock
    guard: ProductGuard

    async def draft(self, caller: Caller, command: DraftProduct) -> UUID:
        """Write down a new product of the caller's. Raises SkuTaken, CategoryUnknown."""
        details = Details(
            sku=command.sku,
            name=command.name,
            description=command.description,
            price=_money(command.price),
            category_id=command.category_id,
        )
        product = Product.draft(details, owner_id=caller.id, at=self.clock.now())
        self.guard.require_result(caller, PRODUCTS_WRITE, product)
        async with self.begin() as tx:
            await _hold_category(tx, details.category_id)
            tx.products.add(product)
        return product.id

    async def change(
        self, caller: Caller, product_id: UUID, command: ChangeProduct, *, expected: int
    ) -> None:
        """Give a product new details. Raises Stale unless it is at the version expected.

        The caller has to be allowed to write it as it is, and as it becomes.
        """
        async with self.begin() as tx:
            product = await self._for(caller, PRODUCTS_WRITE, tx, product_id)
            product.must_be_at(expected)
            old = product.details
            new = _changed(old, command)
            if new.category_id != old.category_id:
                await _hold_category(tx, new.category_id)
            if product.change(new, at=self.clock.now()):
                self.guard.require_result(caller, PRODUCTS_WRITE, product)

    async def publish(self, caller: Caller, product_id: UUID) -> None:
        """Make a draft visible to everyone."""
        async with self.begin() as tx:
            product = await self._for(caller, PRODUCTS_PUBLISH, tx, product_id)
            product.publish(at=self.clock.now())

    async def archive(self, caller: Caller, product_id: UUID) -> None:
        """Take a product off the shelves for good."""
        async with self.begin() as tx:
            product = await self._for(caller, PRODUCTS_PUBLISH, tx, product_id)
            product.archive(at=self.clock.now())

    async def delete(self, caller: Caller, product_id: UUID, *, expected: int) -> None:
        """Delete a draft or an archived product, at the version expected."""
        async with self.begin() as tx:
            product = await self._for(caller, PRODUCTS_WRITE, tx, product_id)
            product.must_be_at(expected)
            product.delete(at=self.clock.now())
            await tx.products.remove(product)

    async def _for(
        self, caller: Caller, action: Permission, tx: CatalogUnitOfWork, product_id: UUID
    ) -> Product:
        """Return the product, locked, for an action the caller may take on it."""
        product = await tx.products.get_locked(product_id)
        self.guard.require(caller, action, product)
        return product


async def _hold_category(tx: CatalogUnitOfWork, category_id: UUID | None) -> None:
    if category_id is not None:
        await tx.categories.hold(category_id)


def _changed(old: Details, command: ChangeProduct) -> Details:
    return Details(
        sku=given(command.sku, old.sku),
        name=given(command.name, old.name),
        description=given(command.description, old.description),
        price=old.price if isinstance(command.price, Absent) else _money(command.price),
        category_id=given(command.category_id, old.category_id),
    )


def _money(price: Price) -> Money:
    return Money(Decimal(price.amount), price.currency)
