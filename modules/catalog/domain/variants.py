"""Variants: the forms in which a product is sold, each with a SKU and a stock of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from modules.catalog.domain.barcodes import barcode
from modules.catalog.domain.money import Money
from modules.catalog.domain.prices import price_changed
from modules.catalog.domain.product import OVER, AlreadyArchived, Product
from modules.catalog.domain.text import code, line
from modules.catalog.public import VariantAdded, VariantChanged, VariantDeleted
from shared_kernel.domain import Aggregate, Conflict, Invalid, NotFound

MOST_VARIANTS = 200
"""Of one product."""

# A product has one set of options once: an index holds them whole, and has room for so much.
MOST_OPTIONS = 5
OPTION_LENGTH, CHOICE_LENGTH = 32, 64
MAX_POSITION = 1_000_000


class NoSuchVariant(NotFound):
    """The product has no variant of this id."""


class VariantSkuTaken(Conflict):
    """Another variant, of this product or another one, has this SKU."""


class VariantSkuFixed(Conflict):
    """The SKUs of a product that was ever published stay: others refer to them."""


class VariantReserved(Conflict):
    """Some of the variant are promised to somebody: wait, or give them back."""


class OptionsTaken(Conflict):
    """Another variant of the product has these options."""


class OptionsRefused(Invalid):
    """There are too many options, or a name or a choice is no short text of one line."""


class TooManyVariants(Conflict):
    """A product has 200 variants at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantDetails:
    """What may be said about a variant. A price of None is the product's."""

    sku: str
    options: Mapping[str, str]
    barcode: str | None
    price: Money | None
    position: int

    def tidied(self) -> VariantDetails:
        """Return the details with their texts trimmed and checked."""
        return VariantDetails(
            sku=code(self.sku, field="/sku"),
            options=_tidy(self.options),
            barcode=None if self.barcode is None else barcode(self.barcode, field="/barcode"),
            price=self.price,
            position=self.position,
        )


MEMBERS = ("sku", "options", "barcode", "price", "position")


@dataclass(eq=False, kw_only=True)
class Variant(Aggregate):
    """One form of a product, as `{"size": "M", "color": "grey"}`.

    An aggregate of its own, because nothing about it depends on the others but what the store
    keeps unique: two people change two variants of one product without getting into each other's
    way. While the product lives they may change; with it they go.
    """

    product_id: UUID
    sku: str
    options: Mapping[str, str]
    barcode: str | None
    price: Money | None
    position: int
    created_at: datetime

    @classmethod
    def add(cls, details: VariantDetails, *, to: Product, others: int, at: datetime) -> Variant:
        """Return a new variant of a product that has so many others."""
        must_live(to)
        if others >= MOST_VARIANTS:
            raise TooManyVariants(f"a product has {MOST_VARIANTS} variants at most")
        tidy = details.tidied()
        variant = cls(
            product_id=to.id,
            sku=tidy.sku,
            options=tidy.options,
            barcode=tidy.barcode,
            price=tidy.price,
            position=tidy.position,
            created_at=at,
        )
        variant.record(
            VariantAdded(subject_id=to.id, variant_id=variant.id, sku=tidy.sku, occurred_at=at)
        )
        return variant

    @property
    def details(self) -> VariantDetails:
        """What is said about it now."""
        return VariantDetails(
            sku=self.sku,
            options=self.options,
            barcode=self.barcode,
            price=self.price,
            position=self.position,
        )

    def change(self, details: VariantDetails, *, of: Product, at: datetime) -> None:
        """Take new details. What stays the same is no change and no event."""
        new = details.tidied()
        changed = tuple(name for name in MEMBERS if getattr(new, name) != getattr(self, name))
        if not changed:
            return
        must_live(of)
        if "sku" in changed and of.published_at is not None:
            raise VariantSkuFixed("the SKUs of a published product stay", field="/sku")
        old = self.price
        for name in changed:
            setattr(self, name, getattr(new, name))
        if "price" in changed:
            self.record(price_changed(of.id, self.id, old, new.price, at=at))
        self.record(
            VariantChanged(subject_id=of.id, variant_id=self.id, members=changed, occurred_at=at)
        )

    def delete(self, *, reserved: int, at: datetime) -> None:
        """Say that it goes, with its SKU and its stock. So many are promised to somebody."""
        if reserved:
            raise VariantReserved(f"{reserved} are reserved")
        self.record(
            VariantDeleted(
                subject_id=self.product_id, variant_id=self.id, sku=self.sku, occurred_at=at
            )
        )


def must_live(product: Product) -> None:
    """Raise AlreadyArchived where nothing that belongs to the product may change any more."""
    if product.status in OVER:
        raise AlreadyArchived(f"the product is {product.status}")


def _tidy(options: Mapping[str, str]) -> Mapping[str, str]:
    """Return the options with their texts trimmed, in the order of their names."""
    tidy = dict(
        sorted(
            (line(name, field="/options"), line(choice, field="/options"))
            for name, choice in options.items()
        )
    )
    if len(tidy) != len(options):
        raise OptionsRefused("names one option twice", field="/options")
    if len(tidy) > MOST_OPTIONS:
        raise OptionsRefused(f"has more than {MOST_OPTIONS} options", field="/options")
    if any(len(n) > OPTION_LENGTH or len(c) > CHOICE_LENGTH for n, c in tidy.items()):
        raise OptionsRefused(
            f"has a name of more than {OPTION_LENGTH} or a choice of more than {CHOICE_LENGTH} "
            "characters",
            field="/options",
        )
    return tidy
