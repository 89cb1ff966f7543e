"""What can be done with products."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from annotated_types import Len, MaxLen

from modules.catalog.application.attributes.checking import described
from modules.catalog.application.guarding import ProductGuard
from modules.catalog.application.queries import Price
from modules.catalog.domain.attributes import (
    ATTRIBUTE_CODE,
    MOST_ATTRIBUTES,
    Attributes,
    AttributeValue,
)
from modules.catalog.domain.money import Money
from modules.catalog.domain.product import Details, Product, SlugTaken
from modules.catalog.domain.slugs import SLUG, SLUG_LENGTH
from modules.catalog.domain.tags import MOST_TAGS, TAG, TAG_LENGTH
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
Slug = Annotated[str, Matches(SLUG), MaxLen(SLUG_LENGTH)]
Description = Annotated[str, MaxLen(DESCRIPTION_LENGTH)]
Tag = Annotated[str, Matches(TAG), MaxLen(TAG_LENGTH)]
Tags = Annotated[list[Tag], MaxLen(MOST_TAGS)]
Code = Annotated[str, Matches(ATTRIBUTE_CODE)]
Text = Annotated[str, MaxLen(NAME_LENGTH)]
Value = Text | bool | int | float


class DraftProduct(Command):
    """A new product, to be seen by its owner until it is published.

    Without a slug it gets one that is made of its name. Its attributes are those its category asks
    for, by code.
    """

    sku: Sku
    name: Name
    price: Price
    slug: Slug | None = None
    description: Description = ""
    category_id: UUID | None = None
    brand_id: UUID | None = None
    tags: Tags = field(default_factory=list[str])
    attributes: Annotated[dict[Code, Value], MaxLen(MOST_ATTRIBUTES)] = field(
        default_factory=dict[str, AttributeValue]
    )


class ChangeProduct(Command):
    """New values for some members (JSON Merge Patch, RFC 7386): what is not sent stays.

    So do attributes that are not sent; null takes one away.
    """

    sku: Sku | Absent = ABSENT
    slug: Slug | Absent = ABSENT
    name: Name | Absent = ABSENT
    price: Price | Absent = ABSENT
    description: Description | Absent = ABSENT
    category_id: UUID | Absent | None = ABSENT
    brand_id: UUID | Absent | None = ABSENT
    tags: Tags | Absent = ABSENT
    attributes: Annotated[dict[Code, Value | None], MaxLen(MOST_ATTRIBUTES)] | Absent = ABSENT


@dataclass(frozen=True, slots=True)
class ProductService:
    """The life of a product. Each step is asked of the policy before anything else is looked at."""

    begin: Transaction
    clock: Clock
    guard: ProductGuard

    async def draft(self, caller: Caller, command: DraftProduct) -> UUID:
        """Write down a new product of the caller's.

        Raises SkuTaken, SlugTaken where the slug was chosen, CategoryUnknown, BrandUnknown.
        """
        try:
            return await self._draft(caller, details_of(command))
        except SlugTaken:
            if command.slug is not None:
                raise
        # Few products share a name, so that nobody else is asked whether this one does.
        return await self._draft(caller, details_of(command), namesake=True)

    async def _draft(self, caller: Caller, details: Details, *, namesake: bool = False) -> UUID:
        product = Product.draft(details, owner_id=caller.id, at=self.clock.now(), namesake=namesake)
        self.guard.require_result(caller, PRODUCTS_WRITE, product)
        async with self.begin() as tx:
            product.attributes = await described(tx, product.category_id, product.attributes)
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
            new = changed_details(old, command)
            if (new.category_id, new.attributes) != (old.category_id, old.attributes):
                attributes = await described(tx, new.category_id, new.attributes)
                new = replace(new, attributes=attributes)
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
        """Put a draft or an archived product into the trash, at the version expected."""
        async with self.begin() as tx:
            product = await self._for(caller, PRODUCTS_WRITE, tx, product_id)
            product.must_be_at(expected)
            product.delete(at=self.clock.now())

    async def _for(
        self, caller: Caller, action: Permission, tx: CatalogUnitOfWork, product_id: UUID
    ) -> Product:
        """Return the product, locked, for an action the caller may take on it."""
        product = await tx.products.get_locked(product_id)
        self.guard.require(caller, action, product)
        return product


def details_of(command: DraftProduct) -> Details:
    """Return what a command says about a new product."""
    return Details(
        sku=command.sku,
        slug=command.slug,
        name=command.name,
        description=command.description,
        price=_money(command.price),
        category_id=command.category_id,
        brand_id=command.brand_id,
        tags=command.tags,
        attributes=command.attributes,
    )


def changed_details(old: Details, command: ChangeProduct) -> Details:
    """Return what is said about a product after a merge patch."""
    return Details(
        sku=given(command.sku, old.sku),
        slug=given(command.slug, old.slug),
        name=given(command.name, old.name),
        description=given(command.description, old.description),
        price=old.price if isinstance(command.price, Absent) else _money(command.price),
        category_id=given(command.category_id, old.category_id),
        brand_id=given(command.brand_id, old.brand_id),
        tags=given(command.tags, old.tags),
        attributes=_merged(old.attributes, given(command.attributes, {})),
    )


def _merged(old: Attributes, patch: Mapping[str, AttributeValue | None]) -> Attributes:
    """Return the attributes after a merge patch, in which null takes one away."""
    merged = {**old, **patch}
    return {code: value for code, value in merged.items() if value is not None}


def _money(price: Price) -> Money:
    return Money(Decimal(price.amount), price.currency)
