"""Tells which SKUs, slugs and brands of many there are, in one statement."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from modules.catalog.ports import Taken

TAKEN = text("""
    with held as (
        select id from catalog.brands where id = any(:brand_ids) order by id for key share
    )
    select 'sku' as kind, sku as value from catalog.products
        where sku = any(:skus) and deleted_at is null
    union all
    select 'slug', slug from catalog.products where slug = any(:slugs) and deleted_at is null
    union all
    select 'brand', id::text from held
""")


class SqlClaims:
    """Claims in PostgreSQL, inside one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def taken(
        self, *, skus: Collection[str], slugs: Collection[str], brand_ids: Collection[UUID]
    ) -> Taken:
        asked = {"skus": [*skus], "slugs": [*slugs], "brand_ids": [*brand_ids]}
        found: dict[str, set[str]] = {"sku": set(), "slug": set(), "brand": set()}
        for kind, value in await self._session.execute(TAKEN, asked):
            found[kind].add(value)
        return Taken(found["sku"], found["slug"], {UUID(one) for one in found["brand"]})
