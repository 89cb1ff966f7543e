"""Products in other languages, and by what they are called in addresses, over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query

from modules.catalog.application.parts import OfProducts
from modules.catalog.application.queries import ProductView
from modules.catalog.application.showing import ShowProducts
from modules.catalog.application.translations import (
    TranslateProduct,
    TranslationQueries,
    TranslationService,
    TranslationView,
)
from modules.catalog.domain.slugs import SLUG, SLUG_LENGTH
from modules.catalog.domain.translations import LOCALE, LOCALE_LENGTH
from modules.catalog.public import PRODUCTS_READ, PRODUCTS_WRITE
from shared_kernel.adapters.http import (
    CurrentCaller,
    ExpectedVersion,
    MaybeCaller,
    Router,
    public,
    public_of_object,
    publicly_cached,
    requires_of_object,
    use,
)

router = Router(tags=["catalog"], prefix="/products")

Service = Annotated[TranslationService, use(TranslationService)]
Queries = Annotated[TranslationQueries, use(TranslationQueries)]
Shown = Annotated[ShowProducts, use(ShowProducts)]
Products = Annotated[OfProducts, use(OfProducts)]
Locale = Annotated[
    str, Path(pattern=LOCALE, max_length=LOCALE_LENGTH, description="As in `de` or `pt-BR`.")
]
Slug = Annotated[str, Path(pattern=SLUG, max_length=SLUG_LENGTH)]
Language = Annotated[
    str | None,
    Query(
        pattern=LOCALE,
        max_length=LOCALE_LENGTH,
        description="The language to look in first and to answer in, where there is a translation.",
    ),
]


@router.get("/by-slug/{slug}")
@public
@publicly_cached()
async def show_product_by_slug(
    slug: Slug, shown: Shown, caller: MaybeCaller, locale: Language = None
) -> ProductView:
    """Show a product by its slug, in the language asked for or in the shop's own."""
    return await shown.called(caller, slug, locale)


@router.get("/{product_id}/translations/{locale}")
@public_of_object(PRODUCTS_READ)
async def show_translation(
    product_id: UUID, locale: Locale, caller: MaybeCaller, of: Products, queries: Queries
) -> TranslationView:
    """Show what a product says in another language. Its tag is the product's."""
    await of.readable(caller, product_id)
    return await queries.translation(product_id, locale)


@router.put("/{product_id}/translations/{locale}")
@requires_of_object(PRODUCTS_WRITE)
async def put_translation(
    product_id: UUID,
    locale: Locale,
    body: TranslateProduct,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    *,
    translations: Service,
    queries: Queries,
) -> TranslationView:
    """Say what a product says in another language; `If-Match` is the product's tag."""
    await translations.put(caller, product_id, locale, body, expected=expected)
    return await queries.translation(product_id, locale)


@router.delete("/{product_id}/translations/{locale}", status_code=204)
@requires_of_object(PRODUCTS_WRITE)
async def delete_translation(
    product_id: UUID,
    locale: Locale,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    translations: Service,
) -> None:
    """Take a translation away; `If-Match` is the product's tag."""
    await translations.remove(caller, product_id, locale, expected=expected)
