"""Which products to show, as query parameters that lists and searches have in common."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request

from modules.catalog.application.finding.narrowing import NarrowByAttributes
from modules.catalog.application.queries import ProductFilter
from modules.catalog.domain.money import AMOUNT, CURRENCY
from modules.catalog.domain.product import Status
from modules.catalog.domain.tags import TAG
from modules.catalog.domain.text import CODE
from shared_kernel.adapters.http import MaybeCaller, use
from shared_kernel.domain import Unauthenticated


class Owner(StrEnum):
    """Whose products to list."""

    ME = "me"


Sku = Annotated[str | None, Query(pattern=CODE, max_length=64)]
TAGS = f"^{TAG[1:-1]}(,{TAG[1:-1]}){{0,9}}$"
Skus = Annotated[
    str | None,
    Query(
        alias="sku.in",
        pattern=f"^{CODE[1:-1]}(,{CODE[1:-1]}){{0,99}}$",
        max_length=6500,
        description="Up to 100 SKUs, separated by commas.",
    ),
]
Lowest = Annotated[str | None, Query(alias="price.gte", pattern=AMOUNT, max_length=14)]
Highest = Annotated[str | None, Query(alias="price.lte", pattern=AMOUNT, max_length=14)]
Currency = Annotated[str | None, Query(pattern=CURRENCY, max_length=3)]
Tagged = Annotated[
    str | None,
    Query(
        alias="tag",
        pattern=TAGS,
        max_length=500,
        description="Up to 10 tags, separated by commas, each of which is on what is shown.",
    ),
]
CategoryId = Annotated[
    UUID | None, Query(description="Includes what stands in the categories below.")
]
Whose = Annotated[Owner | None, Query(description="`me`: one's own, whatever their status.")]


Attributes = Annotated[NarrowByAttributes, use(NarrowByAttributes)]


async def _narrowed(
    request: Request,
    caller: MaybeCaller,
    attributes: Attributes,
    *,
    status: Status | None = None,
    category_id: CategoryId = None,
    sku: Sku = None,
    skus: Skus = None,
    lowest: Lowest = None,
    highest: Highest = None,
    currency: Currency = None,
    owner: Whose = None,
    brand_id: UUID | None = None,
    tags: Tagged = None,
) -> ProductFilter:
    mine = owner is Owner.ME
    if mine and caller is None:
        raise Unauthenticated("sign in to see what is yours")
    return ProductFilter(
        status=status,
        category_id=category_id,
        sku=sku,
        skus=skus and skus.split(","),
        lowest=None if lowest is None else Decimal(lowest),
        highest=None if highest is None else Decimal(highest),
        currency=currency,
        owner_id=caller.id if mine and caller is not None else None,
        brand_id=brand_id,
        attributes=await attributes(request.query_params.multi_items(), category_id),
        tags=tags and [one.strip().lower() for one in tags.split(",")],
    )


Narrowed = Annotated[ProductFilter, Depends(_narrowed)]
