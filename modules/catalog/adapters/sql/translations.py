"""Translations of products, and the slugs they have in other languages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Named,
    String,
    Table,
    TypedColumns,
    Uuid,
    bindparam,
    delete,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession

from modules.catalog.adapters.sql.tables import metadata, not_in_trash, products
from modules.catalog.application.translations import TranslationView
from modules.catalog.domain.product import NoSuchProduct, Product, SlugTaken
from modules.catalog.domain.slugs import SLUG_LENGTH
from modules.catalog.domain.translations import LOCALE_LENGTH, NotTranslated, Words
from modules.catalog.ports import Slug
from shared_kernel.adapters.sql import Addition, Constraints, Database, Query, insertion, rows_in


class SlugColumns(TypedColumns):
    locale: Named[str] = Column(String(LOCALE_LENGTH), primary_key=True)
    slug: Named[str] = Column(String(SLUG_LENGTH), primary_key=True)
    product_id: Named[UUID] = Column(
        Uuid, ForeignKey("catalog.products.id", ondelete="CASCADE"), nullable=False
    )


# What keeps two products from having one slug in a language, and leads from it to the product.
slugs = Table("translated_slugs", metadata, SlugColumns)
s, p = slugs.c, products.c

Index(None, s.product_id)

CONSTRAINTS: Constraints = {
    "pk_translated_slugs": SlugTaken("another product has this slug there", field="/slug")
}

Slugs = frozenset[tuple[str, str]]
"""Locales, and what a product is called in each."""

_left = rows_in("slugs_left", [s.locale, s.slug])
LEFT = delete(slugs).where(s.locale == _left.c.locale, s.slug == _left.c.slug).cte("slugs_left")
TAKEN = insertion("slugs_taken", slugs)


def slugs_of(product: Product) -> Slugs:
    """Return the slugs a product has in other languages; none while it lies in the trash."""
    if product.deleted_at is not None:
        return frozenset()
    return frozenset((locale, words["slug"]) for locale, words in product.translations.items())


def addition(changed: Iterable[tuple[Product, Slugs]]) -> Addition:
    """Return what keeps the slugs that products have now, in place of those they had."""
    left: list[Mapping[str, Any]] = []
    taken: list[Mapping[str, Any]] = []
    for product, before in changed:
        now = slugs_of(product)
        left += [{"locale": locale, "slug": slug} for locale, slug in before - now]
        taken += [
            {"locale": locale, "slug": slug, "product_id": str(product.id)}
            for locale, slug in now - before
        ]
    parts = (*((LEFT,) if left else ()), *((TAKEN,) if taken else ()))
    return Addition(parts, {"slugs_left": left, "slugs_taken": taken} if parts else {})


ASKED = text("""
    select s.locale, s.slug, s.product_id
    from unnest(cast(:locales as text[]), cast(:slugs as text[])) as asked (locale, slug)
    join catalog.translated_slugs s on (s.locale, s.slug) = (asked.locale, asked.slug)
""")


async def taken(session: AsyncSession, asked: Collection[Slug]) -> Mapping[Slug, UUID]:
    """Return those of the slugs that products have, each in its language, and whose they are."""
    values = {"locales": [one for one, _ in asked], "slugs": [one for _, one in asked]}
    found = await session.execute(ASKED, values)
    return {(row.locale, row.slug): row.product_id for row in found}


def _both(translations: dict[str, dict[str, str]], version: int) -> tuple[Mapping[str, Words], int]:
    return translations, version


ONE = Query(select(p.translations, p.version).where(p.id == bindparam("id"), not_in_trash), _both)


@dataclass(frozen=True, slots=True)
class SqlTranslationQueries:
    """Reads translations on the read pool."""

    database: Database

    async def translation(self, product_id: UUID, locale: str) -> TranslationView:
        found = await ONE.first(self.database.reads, id=product_id)
        if found is None:
            raise NoSuchProduct("there is no such product")
        translations, version = found
        words = translations.get(locale)
        if words is None:
            raise NotTranslated("the product is not translated into this language")
        return TranslationView(locale, words["name"], words["slug"], words["description"], version)
