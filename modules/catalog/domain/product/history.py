"""What became of a product, change by change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from modules.catalog.domain.money import written
from modules.catalog.domain.product.product import Product

Snapshot = Mapping[str, object]
"""What a product said at some time, in values that JSON has."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one transaction did to a product, which is at `version` since then.

    happened  the kinds of the events, oldest first
    changes   the members that have new values: name -> `before` and `after`; none of what is new,
              of which the first change will tell what it was
    """

    product_id: UUID
    version: int
    occurred_at: datetime
    happened: tuple[str, ...]
    changes: Mapping[str, Mapping[str, object]]


def snapshot(product: Product) -> Snapshot:
    """Return what a product says now. Whose it is, is no part of it, and leaves with the owner."""
    price = product.price
    return {
        "sku": product.sku,
        "slug": product.slug,
        "name": product.name,
        "description": product.description,
        "price": {"amount": written(price.amount, price.currency), "currency": price.currency},
        "category_id": product.category_id and str(product.category_id),
        "brand_id": product.brand_id and str(product.brand_id),
        "tags": list(product.tags),
        "attributes": dict(product.attributes),
        "translations": {one: dict(words) for one, words in product.translations.items()},
        "status": product.status.value,
        "deleted": product.deleted_at is not None,
    }


def entry_of(product: Product, before: Snapshot | None, *, version: int) -> Entry | None:
    """Return what happened to a product since it was as `before`, None where nothing did.

    Before its events are handed over, which tell when it was.
    """
    events = product.recorded
    if not events:
        return None
    after: Snapshot = snapshot(product) if before else {}
    return Entry(
        product.id,
        version,
        events[-1].occurred_at,
        tuple(event.kind() for event in events),
        {
            name: {"before": old, "after": after[name]}
            for name, old in (before or {}).items()
            if old != after[name]
        },
    )
