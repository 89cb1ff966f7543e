"""Typed reads: a select is written with typed columns, compiled once, and read as frozen views."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Any, Generic, TypeVar, TypeVarTuple, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Dialect, Integer, Select, bindparam, func, select, tuple_
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.sql.compiler import SQLCompiler

from shared_kernel.adapters.sql.conditions import Columns, predicate_of, shape_of, values_of
from shared_kernel.adapters.sql.reads import ReadPool
from shared_kernel.application import MOST_COUNTED, Page, Slice, Total
from shared_kernel.application.conditions import FALSE, TRUE, Condition

V = TypeVar("V")
Ts = TypeVarTuple("Ts")

DIALECT: Dialect = asyncpg_dialect()  # type: ignore[no-untyped-call]  # the library left it untyped

# The server's number for `numeric`. Only numeric types ask what the driver delivers.
NUMERIC = 1700

# Policies change, and every change may bring new shapes of conditions.
MOST_STATEMENTS = 500

NO_COLUMNS: Columns = MappingProxyType({})

Convert = Callable[[Any], Any]
Position = tuple[object, object]


class Query(Generic[V]):
    """A select with bind parameters and the view its rows become.

    The view takes the selected columns in their order; a wrong order or type is a type error.
    The SQL is made at the first use and never again.
    """

    def __init__(self, statement: Select[*Ts], view: Callable[[*Ts], V]) -> None:
        self._statement = cast("Select[Any]", statement)
        self._view: Callable[..., V] = view

    async def all(self, reads: ReadPool, **values: object) -> list[V]:
        """Return every row as a view."""
        return [self.show(row) for row in await self.rows(reads, values)]

    async def first(self, reads: ReadPool, **values: object) -> V | None:
        """Return the first row as a view, or None when there is none."""
        rows = await self.rows(reads, values)
        return self.show(rows[0]) if rows else None

    async def rows(self, reads: ReadPool, values: Mapping[str, object]) -> Sequence[Iterable[Any]]:
        """Return the raw rows for the bind parameters given."""
        sql, parameters, _ = self._compiled
        return await reads.fetch(
            sql,
            *[convert(values.get(name, default)) if convert else values.get(name, default)
              for name, default, convert in parameters],
        )  # fmt: skip

    def show(self, row: Iterable[Any]) -> V:
        """Return the view of one raw row."""
        converted = self._compiled[2]
        if not converted:
            return self._view(*row)
        cells = list(row)
        for index, convert in converted:
            cells[index] = convert(cells[index])
        return self._view(*cells)

    @cached_property
    def _compiled(
        self,
    ) -> tuple[str, list[tuple[str, Any, Convert | None]], list[tuple[int, Convert]]]:
        compiled = self._statement.compile(dialect=DIALECT)
        return compiled.string, _parameters(compiled), _conversions(self._statement)


class Listing(Generic[V]):
    """A list with optional filters and a choice of sort keys, read by keyset.

    filters  name -> condition over `bindparam(name)`; those given as None are left out
    sorts    name -> column that is never null; a leading `-` in the request turns the order round
    id       the column that makes every position unique
    columns  the attributes that a policy's conditions may read, by path

    One statement is compiled for each combination that is asked for; so many are kept.
    """

    def __init__(
        self,
        statement: Select[*Ts],
        view: Callable[[*Ts], V],
        *,
        id: ColumnElement[UUID],
        filters: Mapping[str, ColumnElement[bool]],
        sorts: Mapping[str, ColumnElement[Any]],
        columns: Columns = NO_COLUMNS,
    ) -> None:
        self._statement = cast("Select[Any]", statement)
        self._view: Callable[..., V] = view
        self._id, self._filters, self._sorts, self._columns = id, filters, sorts, columns
        self._queries: dict[tuple[object, ...], Query[Any]] = {}

    async def page(
        self,
        reads: ReadPool,
        where: Mapping[str, object | None],
        sort: str,
        part: Slice,
        *,
        within: Condition = TRUE,
    ) -> Page[V]:
        """Return the rows that meet every filter in `where`, sorted, from one slice of the list.

        `within` is what the policy shows of it.
        """
        active = _active(where)
        total = await self._total(reads, active, within) if part.counted else None
        if within == FALSE:
            return Page([], None, total)
        shape = (sort, bool(part.after), frozenset(active), shape_of(within))
        query: Query[tuple[V, Position]] = self._kept(
            shape,
            lambda: Query(self._select(sort, bool(part.after), active, within), self._positioned),
        )
        position = self._position(sort, part)
        values = {**active, **values_of(within), **position, "_limit": part.limit + 1}
        rows = await query.rows(reads, values)
        shown = [query.show(row) for row in rows[: part.limit]]
        last = shown[-1][1] if len(rows) > part.limit else None
        return Page([view for view, _ in shown], last and (_text(last[0]), _text(last[1])), total)

    async def first(
        self, reads: ReadPool, where: Mapping[str, object | None], *, within: Condition = TRUE
    ) -> V | None:
        """Return a row that meets the filters and lies within what the policy shows, or None."""
        active = _active(where)
        query: Query[V] = self._kept(
            (frozenset(active), shape_of(within)),
            lambda: Query(self._chosen(self._statement, active, within), self._view),
        )
        return await query.first(reads, **active, **values_of(within))

    async def count(
        self,
        reads: ReadPool,
        where: Mapping[str, object | None],
        *,
        within: Condition = TRUE,
        limit: int = MOST_COUNTED + 1,
    ) -> int:
        """Return how many rows `page` would show on all its pages, counting up to `limit`."""
        if within == FALSE:
            return 0
        active = _active(where)
        query: Query[int] = self._kept(
            ("count", frozenset(active), shape_of(within)), lambda: self._counted(active, within)
        )
        return await query.first(reads, **active, **values_of(within), _limit=limit) or 0

    async def _total(
        self, reads: ReadPool, active: Mapping[str, object], within: Condition
    ) -> Total:
        counted = await self.count(reads, active, within=within)
        return Total(min(counted, MOST_COUNTED), capped=counted > MOST_COUNTED)

    def _kept(self, shape: tuple[object, ...], make: Callable[[], Query[Any]]) -> Query[Any]:
        query = self._queries.get(shape)
        if query is None:
            if len(self._queries) >= MOST_STATEMENTS:
                self._queries.clear()
            query = self._queries[shape] = make()
        return query

    def _counted(self, active: Iterable[str], within: Condition) -> Query[int]:
        ids = self._statement.with_only_columns(self._id)
        some = self._chosen(ids, active, within).limit(bindparam("_limit", type_=Integer()))
        return Query(select(func.count()).select_from(some.subquery()), int)

    def _chosen(
        self, statement: Select[Any], active: Iterable[str], within: Condition
    ) -> Select[Any]:
        chosen = statement.where(*(self._filters[name] for name in sorted(active)))
        return chosen if within == TRUE else chosen.where(predicate_of(within, self._columns))

    def _select(
        self, sort: str, resumed: bool, active: Iterable[str], within: Condition
    ) -> Select[Any]:
        key, descending = self._sorts[sort.removeprefix("-")], sort.startswith("-")
        chosen = self._chosen(self._statement.add_columns(key, self._id), active, within)
        if resumed:
            here = tuple_(key, self._id)
            there = tuple_(bindparam("_key", type_=key.type), bindparam("_id", type_=self._id.type))
            chosen = chosen.where(here < there if descending else here > there)
        order = (key.desc(), self._id.desc()) if descending else (key.asc(), self._id.asc())
        return chosen.order_by(*order).limit(bindparam("_limit", type_=Integer()))

    def _positioned(self, *row: Any) -> tuple[V, Position]:
        *cells, key, id = row
        return self._view(*cells), (key, id)

    def _position(self, sort: str, part: Slice) -> dict[str, object]:
        if not part.after:
            return {}
        key, id = part.after
        kind = self._sorts[sort.removeprefix("-")].type.python_type
        return {"_key": _READERS.get(kind, kind)(key), "_id": UUID(id)}


_READERS: Mapping[type, Callable[[str], Any]] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    Decimal: Decimal,
    UUID: UUID,
    int: int,
}


def _active(where: Mapping[str, object | None]) -> dict[str, object]:
    return {name: value for name, value in where.items() if value is not None}


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _parameters(compiled: SQLCompiler) -> list[tuple[str, Any, Convert | None]]:
    # The compiler has no public name for the conversions of its parameters.
    converts = cast("Mapping[str, Convert]", compiled._bind_processors)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    names = compiled.positiontup or ()
    return [(name, compiled.params[name], converts.get(name)) for name in names]


def _conversions(statement: Select[Any]) -> list[tuple[int, Convert]]:
    found: list[tuple[int, Convert]] = []
    for index, column in enumerate(statement.selected_columns):
        convert = column.type.dialect_impl(DIALECT).result_processor(DIALECT, NUMERIC)
        if convert is not None:
            found.append((index, convert))
    return found
