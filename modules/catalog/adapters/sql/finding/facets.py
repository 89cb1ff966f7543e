"""How many of what is found have which values, counted in one statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any
from typing import cast as cast_type

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Integer,
    Numeric,
    Select,
    String,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on

from modules.catalog.adapters.sql.attributes import a as defined
from modules.catalog.adapters.sql.attributes import lineage_of
from modules.catalog.adapters.sql.finding.candidates import Scope, hits
from modules.catalog.adapters.sql.tables import categories, not_in_trash, products
from modules.catalog.application.finding.queries import (
    MOST_FACETED,
    MOST_VALUES,
    Facet,
    FacetValue,
)
from modules.catalog.domain.attributes import AttributeKind
from shared_kernel.adapters.sql import Query

p = products.c

COUNTED = p.brand_id, p.category_id, p.tags, p.attributes

TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Counted:
    """A value, and how many products have it; what its kind is called, and its least and most."""

    name: str
    kind: str | None
    unit: str | None
    label: str | None
    minimum: Decimal | None
    maximum: Decimal | None
    more: bool
    value: str
    count: int


def counted(scope: Scope, *, searched: bool) -> Query[Counted]:
    """Return the query of the facets; the first row is the number of products counted."""
    found = _found(scope) if searched else _newest(scope)
    return Query(_shown(_ranked(_values(found)), found), Counted)


def facets_of(rows: Sequence[Counted]) -> Iterator[Facet]:
    """Yield the facets of rows, which come in their order."""
    for (name, kind, unit), group in groupby(rows, lambda one: (one.name, one.kind, one.unit)):
        first, *others = group
        yield Facet(
            name,
            first.label,
            None if kind is None else AttributeKind(kind),
            unit,
            _number(first.minimum),
            _number(first.maximum),
            first.more,
            [FacetValue(one.value, one.count) for one in (first, *others)],
        )


def _values(found: CTE) -> FromClause:
    """Return every value of every product found, with what is known of its kind."""
    tag = func.unnest(found.c.tags).table_valued("value").render_derived().lateral()
    plain = _text(found.c.brand_id), _text(found.c.category_id)
    named = [
        _valued(literal(name), value).select_from(found)
        for name, value in zip(("brand_id", "category_id"), plain, strict=True)
    ]
    tagged = _valued(literal("tag"), _text(tag.c.value)).select_from(found).join(tag, true())
    return union_all(*named, tagged, _described(found)).subquery("values_found")


def _valued(name: ColumnElement[str], value: ColumnElement[str]) -> Select[Any]:
    nothing = (
        cast(null(), String()).label("kind"),
        cast(null(), String()).label("unit"),
        cast(null(), String()).label("label"),
        cast(null(), Integer()).label("nth"),
        cast(null(), Numeric()).label("number"),
    )
    row = select(name.label("name"), value.label("value"), *nothing)
    return cast_type("Select[Any]", row.where(value.is_not(None)))


def _described(found: CTE) -> Select[Any]:
    """Return the values of attributes by which the category of the product lets one filter.

    Of another type than is declared they are of products that are over, and of no use.
    """
    said = (
        func.jsonb_each(found.c.attributes)
        .table_valued("key", "value")
        .render_derived()
        .lateral("said")
    )
    above = lineage_of(categories.c.id.in_(select(found.c.category_id)))
    known = (
        select(above.c.asked, defined.code, defined.kind, defined.unit, defined.label)
        .add_columns(defined.options)
        .join(above, above.c.id == defined.category_id)
        .where(defined.filterable)
        .cte("known")
    )
    kind = cast(known.c.kind, String())
    kinds = {"number": kind == "number", "boolean": kind == "flag"}
    expected = case(*((when, name) for name, when in kinds.items()), else_="string")
    value = said.c.value.op("#>>")(literal_column("'{}'"))
    row = (
        select(literal("attributes.") + said.c.key, _text(value), kind, known.c.unit)
        .add_columns(known.c.label, func.array_position(known.c.options, _text(value)))
        .add_columns(case((kinds["number"], cast(value, Numeric()))))
        .select_from(found)
        .join(said, true())
        .join(
            known,
            and_(
                known.c.asked == found.c.category_id,
                known.c.code == said.c.key,
                func.jsonb_typeof(said.c.value) == expected,
            ),
        )
    )
    return cast_type("Select[Any]", row)


def _ranked(values: FromClause) -> FromClause:
    """Count each value, and number those of a kind by how common they are."""
    v, many = values.c, func.count()
    one_kind = v.name, v.kind, v.unit
    nth = func.row_number(type_=Integer())
    place = nth.over(partition_by=one_kind, order_by=(many.desc(), v.value))
    return (
        select(*one_kind, v.value, many.label("many"), place.label("place"))
        .add_columns(
            func.min(func.min(v.label)).over(partition_by=one_kind).label("label"),
            func.min(func.min(v.number)).over(partition_by=one_kind).label("minimum"),
            func.max(func.max(v.number)).over(partition_by=one_kind).label("maximum"),
            (func.count().over(partition_by=one_kind) > MOST_VALUES).label("more"),
            func.min(v.nth).label("nth"),
            func.min(v.number).label("number"),
        )
        .group_by(*one_kind, v.value)
        .subquery("grouped")
    )


def _shown(grouped: FromClause, found: CTE) -> Select[*tuple[Any, ...]]:
    """Return how many products were counted, then the commonest values in the order shown."""
    g = grouped.c
    told = (g.name, g.kind, g.unit, g.label, g.minimum, g.maximum, g.more, g.value, g.many)
    columns = *told, g.nth, g.number, g.place
    known: Mapping[str, ColumnElement[Any]] = {
        "name": literal(TOTAL),
        "value": literal(""),
        "many": func.count(),
        "more": false(),
    }

    total = select(
        *(known.get(one.name, cast(null(), one.type)).label(one.name) for one in columns)
    ).select_from(found)
    commonest = select(*columns).where(g.place <= MOST_VALUES)
    rows = union_all(total, commonest).subquery("rows").c
    columns_told: list[ColumnElement[Any]] = [rows[one.name] for one in told]
    shown = select(*columns_told).order_by(
        rows.name != TOTAL,
        rows.name,
        rows.kind,
        rows.unit,
        *(one.nulls_last() for one in (rows.nth, rows.number, rows.place)),
    )
    return cast_type("Select[Any]", shown)


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


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
