"""Products: drafted, published, archived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from modules.catalog.domain.money import Money
from modules.catalog.domain.text import code, line, prose
from modules.catalog.public import (
    ProductArchived,
    ProductChanged,
    ProductDeleted,
    ProductDrafted,
    ProductPublished,
    ProductWithdrawn,
)
from shared_kernel.domain import AccountId, Aggregate, Conflict, Invalid, NotFound


class NoSuchProduct(NotFound):
    """There is no product of this id, or it is not the caller's to see."""


class CategoryUnknown(Invalid):
    """The category to stand in does not exist."""


class SkuTaken(Conflict):
    """Another product has this SKU."""


class SkuFixed(Conflict):
    """The SKU of a product that was ever published stays: others refer to it."""


class AlreadyPublished(Conflict):
    """The product is published already."""


class AlreadyArchived(Conflict):
    """The product was archived or withdrawn: its life is over."""


class StillPublished(Conflict):
    """A published product is archived before it can be deleted."""


class Status(StrEnum):
    """Where a product is in its life: draft -> published -> archived, or withdrawn."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"


OVER = frozenset({Status.ARCHIVED, Status.WITHDRAWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What may be said about a product, and changed while it lives."""

    sku: str
    name: str
    description: str
    price: Money
    category_id: UUID | None

    def tidied(self) -> Details:
        """Return the details with their texts trimmed and checked."""
        return Details(
            sku=code(self.sku, field="/sku"),
            name=line(self.name, field="/name"),
            description=prose(self.description, field="/description"),
            price=self.price,
            category_id=self.category_id,
        )


MEMBERS = ("sku", "name", "description", "price", "category_id")


@dataclass(eq=False, kw_only=True)
class Product(Aggregate):
    """Something somebody offers. `owner_id` is None for what belongs to the house.

    Who may do what with it is the policy's to say: `application/guarding.py`.
    A published product may still be renamed, described anew, repriced and moved, because shops do
    that every day; its SKU stays. Nothing of an archived product changes.
    """

    sku: str
    name: str
    description: str
    price: Money
    category_id: UUID | None
    owner_id: AccountId | None
    status: Status
    created_at: datetime
    published_at: datetime | None = None

    @classmethod
    def draft(cls, details: Details, *, owner_id: AccountId | None, at: datetime) -> Product:
        """Return a new product, not yet shown to everyone."""
        tidy = details.tidied()
        product = cls(
            sku=tidy.sku,
            name=tidy.name,
            description=tidy.description,
            price=tidy.price,
            category_id=tidy.category_id,
            owner_id=owner_id,
            status=Status.DRAFT,
            created_at=at,
        )
        product.record(
            ProductDrafted(
                subject_id=product.id, owner_id=owner_id, sku=product.sku, occurred_at=at
            )
        )
        return product

    @property
    def details(self) -> Details:
        """What is said about it now."""
        return Details(
            sku=self.sku,
            name=self.name,
            description=self.description,
            price=self.price,
            category_id=self.category_id,
        )

    def change(self, details: Details, *, at: datetime) -> bool:
        """Take new details; return whether any is new. What stays the same is no event."""
        new = details.tidied()
        changed = tuple(name for name in MEMBERS if getattr(new, name) != getattr(self, name))
        if not changed:
            return False
        self._must_live()
        if "sku" in changed and self.published_at is not None:
            raise SkuFixed("the SKU of a published product stays", field="/sku")
        for name in changed:
            setattr(self, name, getattr(new, name))
        self.record(ProductChanged(subject_id=self.id, members=changed, occurred_at=at))
        return True

    def publish(self, *, at: datetime) -> None:
        """Show it to everyone."""
        self._must_live()
        if self.status is Status.PUBLISHED:
            raise AlreadyPublished("the product is already published")
        self.status, self.published_at = Status.PUBLISHED, at
        self.record(
            ProductPublished(
                subject_id=self.id,
                owner_id=self.owner_id,
                sku=self.sku,
                name=self.name,
                amount=self.price.amount,
                currency=self.price.currency,
                occurred_at=at,
            )
        )

    def archive(self, *, at: datetime) -> None:
        """Take it off the shelves for good."""
        self._must_live()
        self.status = Status.ARCHIVED
        self.record(ProductArchived(subject_id=self.id, occurred_at=at))

    def withdraw(self, *, at: datetime) -> None:
        """Take it away with its owner. What is archived or withdrawn stays as it is."""
        if self.status in OVER:
            return
        self.status = Status.WITHDRAWN
        self.record(ProductWithdrawn(subject_id=self.id, owner_id=self.owner_id, occurred_at=at))

    def forget_owner(self, *, at: datetime) -> None:
        """Belong to nobody any more, whose account was erased, and be withdrawn."""
        self.withdraw(at=at)
        self.owner_id = None

    def delete(self, *, at: datetime) -> None:
        """Say that it goes, with its SKU."""
        if self.status is Status.PUBLISHED:
            raise StillPublished("archive the product first")
        self.record(ProductDeleted(subject_id=self.id, sku=self.sku, occurred_at=at))

    def _must_live(self) -> None:
        if self.status in OVER:
            raise AlreadyArchived(f"the product is {self.status}")
