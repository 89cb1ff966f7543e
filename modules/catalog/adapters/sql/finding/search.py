"""One page of what is found, with the words marked in it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, Select, Uuid, bindparam, func, literal, select, tuple_

from modules.catalog.adapters.sql.finding.candidates import Scope, asked, hits, language, words
from modules.catalog.adapters.sql.product_queries import SHOWN, view_of_product
from modules.catalog.adapters.sql.tables import products
from modules.catalog.application.finding.marking import BEGIN, END, alike_in, fragments_of
from modules.catalog.application.finding.queries import Highlights, SearchHit
from shared_kernel.adapters.sql import Query

p = products.c

MARKS = f"StartSel={BEGIN}, StopSel={END}"
WHOLE = literal(f"{MARKS}, HighlightAll=true")
AROUND = literal(f"{MARKS}, MaxFragments=2, MaxWords=24, MinWords=8, FragmentDelimiter=' … '")

Found = tuple[SearchHit, int, int]
"""A hit, its rank, and how many there are."""


def page_of(scope: Scope, mode: str, *, resumed: bool) -> Query[Found]:
    """Return the query of a page: products with their ranks."""
    found = hits(scope, mode)
    page: Select[Any] = found.select()
    if resumed:
        last = tuple_(bindparam("_rank", type_=Integer()), bindparam("_id", type_=Uuid()))
        page = page.where(tuple_(found.c.rank, found.c.id) < last)
    limited = page.order_by(found.c.rank.desc(), found.c.id.desc()).limit(
        bindparam("_limit", type_=Integer())
    )
    best = limited.subquery("best")
    shown = SHOWN.join(best, best.c.id == p.id).add_columns(
        best.c.rank,
        select(func.count()).select_from(found).scalar_subquery(),
        best.c.similar,
        asked,
        func.ts_headline(language, _unmarked(p.name), words, WHOLE),
        func.ts_headline(language, _unmarked(p.description), words, AROUND),
    )
    return Query(shown.order_by(best.c.rank.desc(), best.c.id.desc()), _found)


def _unmarked(text: Any) -> Any:
    return func.translate(text, literal(BEGIN + END), literal(""))


def _found(*row: Any) -> Found:
    *cells, rank, count, similar, q, name, description = row
    product = view_of_product(*cells)
    marked = fragments_of(description) if BEGIN in description else []
    in_name = alike_in(product.name, q) if similar else fragments_of(name)
    return SearchHit(product, similar, Highlights(in_name, marked)), rank, count
