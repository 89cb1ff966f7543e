"""Names that begin with what was typed, or that have words which do."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from modules.catalog.adapters.sql.finding.candidates import Scope, asked
from modules.catalog.adapters.sql.product_queries import LAST
from modules.catalog.adapters.sql.tables import lower_name, not_in_trash, products
from modules.catalog.application.finding.marking import words_of
from shared_kernel.adapters.sql import Query

p = products.c

# Of so many products the names are looked at, in each way in which products are shown.
MOST_READ = 200

# Words that begin with one or two letters are most of all words there are.
FEWEST_LETTERS = 3

_prefix = func.lower(asked)
_words = select(
    func.to_tsquery(
        literal_column("'catalog.simple'"), bindparam("_prefixes", type_=String()), type_=TSQUERY
    )
).scalar_subquery()


def prefixes_of(q: str) -> str | None:
    """Return what to look for in the words of names: the last one is not yet finished.

    None where that is too little.
    """
    *words, last = words_of(q) or [""]
    if len(last) < FEWEST_LETTERS:
        return None
    return " & ".join([*(f"'{word}':C" for word in words), f"'{last}':*C"])


def named_like(scope: Scope, *, inside: bool) -> Query[str]:
    """Return the query of the names: those that begin so, then those that have it inside."""
    parts = [_beginning(scope, way) for way in scope.each_way]
    if inside:
        parts += [_holding(scope, way) for way in scope.each_way]
    found = union_all(*(select(*part.subquery().c) for part in parts)).subquery("found")
    place = func.min(found.c.place)
    ordered = select(found.c.name).group_by(found.c.name)
    return Query(
        ordered.order_by(place, func.length(found.c.name), found.c.name).limit(
            bindparam("_limit", type_=Integer())
        ),
        str,
    )


def _beginning(scope: Scope, way: ColumnElement[bool]) -> Select[Any]:
    begins = lower_name >= _prefix, lower_name < _prefix + LAST
    return _names(0).where(*scope.filters, way, *begins).order_by(lower_name).limit(_most())


def _holding(scope: Scope, way: ColumnElement[bool]) -> Select[Any]:
    holds = p.search.op("@@")(_words)
    return _names(1).where(*scope.filters, way, holds).limit(_most())


def _names(place: int) -> Select[Any]:
    names = select(p.name, literal(place).label("place")).where(not_in_trash)
    return cast("Select[Any]", names)


def _most() -> ColumnElement[int]:
    return literal_column(str(MOST_READ), Integer())
