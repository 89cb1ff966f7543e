"""Who may do what with a product: what the module lays down, and what conditions may read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from modules.catalog.domain.product import NoSuchProduct, Status
from modules.catalog.public import (
    PRODUCTS_MANAGE,
    PRODUCTS_PUBLISH,
    PRODUCTS_READ,
    PRODUCTS_RESERVE,
    PRODUCTS_SHARE,
    PRODUCTS_STOCK,
    PRODUCTS_WRITE,
)
from shared_kernel.application import Authorizer
from shared_kernel.application.conditions import Facts, Kind
from shared_kernel.application.resources import Guard, Resource, Rule, attribute_is, owned

ACTIONS = (
    PRODUCTS_READ,
    PRODUCTS_WRITE,
    PRODUCTS_PUBLISH,
    PRODUCTS_SHARE,
    PRODUCTS_STOCK,
    PRODUCTS_RESERVE,
)

PUBLISHED = attribute_is("status", Status.PUBLISHED.value)

PRODUCTS = Resource(
    name="catalog.products",
    attributes={
        "owner_id": Kind.ID,
        "status": Kind.TEXT,
        "category_id": Kind.ID,
        "brand_id": Kind.ID,
        "tags": Kind.TEXTS,
        "sku": Kind.TEXT,
        "amount": Kind.NUMBER,
        "currency": Kind.TEXT,
        "created_at": Kind.TIME,
        "published_at": Kind.TIME,
    },
    read=PRODUCTS_READ,
    share=PRODUCTS_SHARE,
    actions=ACTIONS,
    rules=(
        Rule(actions=[PRODUCTS_READ], when=PUBLISHED),
        Rule(actions=[PRODUCTS_READ, PRODUCTS_SHARE], when=owned()),
        Rule(actions=[PRODUCTS_WRITE], when=owned(), holding=PRODUCTS_WRITE),
        Rule(actions=[PRODUCTS_PUBLISH], when=owned(), holding=PRODUCTS_PUBLISH),
        Rule(actions=[PRODUCTS_STOCK], when=owned(), holding=PRODUCTS_STOCK),
        Rule(actions=[PRODUCTS_RESERVE], when=PUBLISHED, holding=PRODUCTS_RESERVE),
        Rule(actions=[PRODUCTS_READ], holding=PRODUCTS_READ),
        Rule(actions=ACTIONS, holding=PRODUCTS_MANAGE),
    ),
    scope="category_id",
)


class Priced(Protocol):
    """An amount of money, as a number or as exact text."""

    @property
    def amount(self) -> Decimal | str: ...

    @property
    def currency(self) -> str: ...


class AnyProduct(Protocol):
    """A product as it is kept, or as it is shown."""

    @property
    def id(self) -> UUID: ...

    @property
    def owner_id(self) -> UUID | None: ...

    @property
    def status(self) -> Status: ...

    @property
    def category_id(self) -> UUID | None: ...

    @property
    def brand_id(self) -> UUID | None: ...

    @property
    def tags(self) -> Sequence[str]: ...

    @property
    def sku(self) -> str: ...

    @property
    def price(self) -> Priced: ...

    @property
    def created_at(self) -> datetime: ...

    @property
    def published_at(self) -> datetime | None: ...


ProductGuard = Guard[AnyProduct]


def guard_of_products(authorizer: Authorizer) -> ProductGuard:
    """Return who asks the policy about products."""
    return Guard(PRODUCTS, facts_of_product, _missing, authorizer)


def facts_of_product(product: AnyProduct) -> Facts:
    """Return what conditions may read of a product, by path."""
    return {
        "resource.id": product.id,
        "resource.owner_id": product.owner_id,
        "resource.status": product.status.value,
        "resource.category_id": product.category_id,
        "resource.brand_id": product.brand_id,
        "resource.tags": frozenset(product.tags),
        "resource.sku": product.sku,
        "resource.amount": Decimal(product.price.amount),
        "resource.currency": product.price.currency,
        "resource.created_at": product.created_at,
        "resource.published_at": product.published_at,
    }


def _missing() -> NoSuchProduct:
    return NoSuchProduct("there is no such product")
