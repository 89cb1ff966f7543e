"""What other modules may know of the catalog: what happened in it, and what may be asked for.

`subject_id` of an event is the product or the category it tells of.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from shared_kernel.domain import DomainEvent, Permission

PRODUCTS_READ = Permission("catalog.products.read", "See every product, whatever its status.")
PRODUCTS_WRITE = Permission(
    "catalog.products.write", "Draft products, change and delete one's own."
)
PRODUCTS_PUBLISH = Permission("catalog.products.publish", "Publish and archive one's own products.")
PRODUCTS_SHARE = Permission(
    "catalog.products.share", "Give others rights on a product; owners may without it."
)
PRODUCTS_STOCK = Permission(
    "catalog.products.stock", "See, count and adjust the stock of one's own products."
)
PRODUCTS_RESERVE = Permission(
    "catalog.products.reserve", "Set aside what is published, and take it or give it back."
)
PRODUCTS_MANAGE = Permission(
    "catalog.products.manage", "See every product, and act on those of others."
)
BRANDS_WRITE = Permission("catalog.brands.write", "Make, change and delete brands.")
CATEGORIES_WRITE = Permission("catalog.categories.write", "Make, change, move, delete categories.")


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductDrafted(DomainEvent):
    """A product was written down. Only its owner sees it."""

    owner_id: UUID | None
    sku: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductChanged(DomainEvent):
    """Some of a product's members have new values; these are their names."""

    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductPublished(DomainEvent):
    """Everybody can see the product now, under this name and price."""

    owner_id: UUID | None
    sku: str
    name: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductsImported(DomainEvent):
    """A file was taken in: so many products are new, so many have new values.

    Of each of them `ProductDrafted`, `ProductPublished` and `ProductChanged` tell as ever, but only
    while somebody listens, and they leave no line in the audit log. `subject_id` is the import.
    """

    created: int
    changed: int
    owner_id: UUID | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductsMoved(DomainEvent):
    """All products of a category went to another one, because it and those below are deleted.

    Of each of them `ProductChanged` tells as ever, but only while somebody listens, and they leave
    no line in the audit log. `subject_id` is the category they left.
    """

    to: UUID
    products: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductArchived(DomainEvent):
    """A product was taken off the shelves for good."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductWithdrawn(DomainEvent):
    """A product went with its owner, whose account was closed."""

    owner_id: UUID | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductDeleted(DomainEvent):
    """A product lies in the trash, and its SKU is free."""

    sku: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductRestored(DomainEvent):
    """A product is back from the trash, as it was when it was deleted."""

    sku: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductPurged(DomainEvent):
    """A product is gone for good, with all that belonged to it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VariantAdded(DomainEvent):
    """A product is sold in one more form."""

    variant_id: UUID
    sku: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VariantChanged(DomainEvent):
    """Some of a variant's members have new values; these are their names."""

    variant_id: UUID
    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class VariantDeleted(DomainEvent):
    """A product is not sold in this form any more, whose SKU is free."""

    variant_id: UUID
    sku: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceChanged(DomainEvent):
    """A product, or a variant, costs something else: `old_amount` is None for a new price.

    `amount` is None for one that was taken back. With `starts_at` it holds for a time; without, it
    is the product's or the variant's own, and holds now.
    """

    variant_id: UUID | None
    old_amount: Decimal | None
    old_currency: str | None
    amount: Decimal | None
    currency: str | None
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StockLow(DomainEvent):
    """No more of a variant are left than its mark says. Told once each time it comes to that."""

    variant_id: UUID
    available: int
    low_mark: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BrandCreated(DomainEvent):
    """There is a new brand."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BrandChanged(DomainEvent):
    """Some of a brand's members have new values; these are their names."""

    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BrandDeleted(DomainEvent):
    """A brand is gone that stood on no product."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaAdded(DomainEvent):
    """A product has one more picture."""

    media_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaChanged(DomainEvent):
    """Some of what is said of a picture has new values; these are their names."""

    media_id: UUID
    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaRemoved(DomainEvent):
    """A product does not have this picture any more."""

    media_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryCreated(DomainEvent):
    """There is a new category."""

    parent_id: UUID | None
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryChanged(DomainEvent):
    """Some of a category's members have new values; these are their names."""

    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryDeleted(DomainEvent):
    """An empty category is gone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AttributeDefined(DomainEvent):
    """A category says anew what one attribute of its products is; `subject_id` is the category."""

    attribute: str
    value_kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AttributeRemoved(DomainEvent):
    """Products of a category have this attribute no more; `subject_id` is the category."""

    attribute: str


@dataclass(frozen=True, slots=True)
class ProductCard:
    """What other modules are told of a product: what it is called, costs, and whose it is.

    `status` is `draft`, `published`, `archived` or `withdrawn`; there may be more one day.
    """

    id: UUID
    sku: str
    slug: str
    name: str
    amount: Decimal
    currency: str
    category_id: UUID | None
    brand_id: UUID | None
    owner_id: UUID | None
    status: str


class ProductDirectory(Protocol):
    """Tells other modules of products, whoever may see them: they ask the policy themselves."""

    async def find(self, ids: Collection[UUID]) -> Mapping[UUID, ProductCard]:
        """Return those that exist, whatever their status; none that lies in the trash."""
        ...
