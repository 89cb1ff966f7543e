"""How many of what is found have which values, counted in one statement."""

from __future__ import annotations

from typing import Any
from typing import cast as cast_type

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    String,
    cast,
    func,
    literal,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on

from modules.catalog.adapters.sql.finding.candidates import Scope, hits
from modules.catalog.adapters.sql.tables import not_in_trash, products
from modules.catalog.application.finding.queries import MOST_FACETED, Facet
from shared_kernel.adapters.sql import Query

p = products.c

COUNTED = p.brand_id, p.category_id, p.tags, p.attributes

MOST_VALUES = 50
TOTAL = "total"


def counted(scope: Scope, *, searched: bool) -> Query[Facet]:
    """Return the query of the facets; the first row is the number of products counted."""
    found = _found(scope) if searched else _newest(scope)
    tag = func.unnest(found.c.tags).table_valued("value").render_derived().lateral()
    attribute = (
        func.jsonb_each_text(found.c.attributes)
        .table_valued("key", "value")
        .render_derived()
        .lateral()
    )
    values = union_all(
        select(literal("brand_id").label("name"), _text(found.c.brand_id).label("value")),
        select(literal("category_id"), _text(found.c.category_id)),
        select(literal("tag"), _text(tag.c.value)).select_from(found).join(tag, true()),
        select(literal("attributes.") + attribute.c.key, attribute.c.value)
        .select_from(found)
        .join(attribute, true()),
    ).subquery("values_found")
    return Query(_ranked(values, found), Facet)


def _ranked(values: Any, found: CTE) -> Select[str, str, int]:
    many = func.count()
    place = func.row_number().over(
        partition_by=values.c.name, order_by=(many.desc(), values.c.value)
    )
    grouped = (
        select(values.c.name, values.c.value, many.label("many"), place.label("place"))
        .where(values.c.value.is_not(None))
        .group_by(values.c.name, values.c.value)
        .subquery("grouped")
    )
    commonest = select(grouped.c.name, grouped.c.value, grouped.c.many, grouped.c.place).where(
        grouped.c.place <= MOST_VALUES
    )
    total = select(literal(TOTAL), literal(""), func.count(), literal(0)).select_from(found)
    rows = union_all(total, commonest).subquery("rows")
    name, value, count, nth = rows.c
    shown = select(name, value, count).order_by(name != TOTAL, name, nth)
    return cast_type("Select[str, str, int]", shown)


def _found(scope: Scope) -> CTE:
    ids = hits(scope, "first")
    found = select(*COUNTED).join(ids, ids.c.id == p.id)
    return found.cte("found").prefix_with("materialized")


def _newest(scope: Scope) -> CTE:
    """Return what is shown, in the order of an index, which ends early: each product once."""
    rows = select(*COUNTED, p.id, p.created_at).where(not_in_trash, *scope.filters)
    parts = [
        rows.where(way).order_by(p.created_at.desc(), p.id.desc()).limit(_most()).subquery()
        for way in scope.each_way
    ]
    every = union_all(*(select(*part.c) for part in parts)).subquery("every")
    place = every.c.created_at, every.c.id
    newest = select(*every.c).ext(distinct_on(*place))
    ordered = newest.order_by(*(one.desc() for one in place)).limit(_most())
    return ordered.cte("newest").prefix_with("materialized")


def _most() -> ColumnElement[int]:
    return literal_column(str(MOST_FACETED + 1), Integer())


def _text(value: Any) -> ColumnElement[str]:
    return cast(value, String())
