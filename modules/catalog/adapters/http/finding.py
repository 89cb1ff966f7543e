"""Finding products over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query

from modules.catalog.adapters.http.narrowing import Narrowed
from modules.catalog.application.finding.finding import FindProducts
from modules.catalog.application.finding.queries import Facets, SearchHit, Suggestion
from shared_kernel.adapters.http import (
    Listing,
    MaybeCaller,
    Paging,
    Router,
    public,
    publicly_cached,
    use,
)

router = Router(tags=["catalog"], prefix="/products")

TYPED = r"^[^\u0000-\u001f\u007f]+$"

Finding = Annotated[FindProducts, use(FindProducts)]
Asked = Annotated[
    str,
    Query(
        pattern=TYPED,
        min_length=1,
        max_length=200,
        description='Words, `"a phrase"`, `or`, and `-word` for what must not be there.',
    ),
]
MaybeAsked = Annotated[str | None, Query(pattern=TYPED, min_length=1, max_length=200)]
Typed = Annotated[
    str,
    Query(pattern=TYPED, min_length=1, max_length=100, description="What was typed so far."),
]
AtMost = Annotated[int, Query(ge=1, le=20, description="How many suggestions at most.")]


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Names to search for, the nearest first."""

    items: Sequence[Suggestion]


@router.get("/search")
@public
@publicly_cached()
async def search_products(
    finding: Finding, caller: MaybeCaller, where: Narrowed, paging: Paging, *, q: Asked
) -> Listing[SearchHit]:
    """Search what the caller may read: the best matches first.

    All words have to be there, in any form of the shop's language, with or without accents: in the
    name, the SKU or the description. An exact SKU comes first, then an exact name, then what has
    the words in its name. Where nothing has them, products are shown whose names resemble them
    (`similar`): typing errors find something, too.

    Of what matches at most 1,000 products are ranked and counted (`total_capped`). Narrow a search
    that finds more by filters or by more words.
    """
    return paging.listing(await finding.search(caller, q, where, paging.slice))


@router.get("/suggestions")
@public
@publicly_cached()
async def suggest_products(
    finding: Finding, caller: MaybeCaller, where: Narrowed, *, q: Typed, limit: AtMost = 10
) -> Suggestions:
    """Suggest what to search for while somebody types: names of products the caller may read.

    First names that begin with what was typed, then names of which other words do; these from
    three letters on.
    """
    return Suggestions(await finding.suggestions(caller, q, where, limit=limit))


@router.get("/facets")
@public
@publicly_cached()
async def count_facets(
    finding: Finding, caller: MaybeCaller, where: Narrowed, *, q: MaybeAsked = None
) -> Facets:
    """Count which brands, categories, tags and attribute values the found products have.

    Of each the 50 commonest, of what the caller may read, within all the filters sent. With `q` of
    what a search finds, at most 1,000 products; else of the newest 5,000.
    """
    return await finding.facets(caller, q, where)
