"""Lists: filtered, sorted, page by page, within what a policy shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Generic, TypeVar, TypeVarTuple, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on

from shared_kernel.adapters.sql.conditions import (
    Columns,
    is_plain,
    predicates_of,
    shape_of,
    values_of,
    ways_of,
)
from shared_kernel.adapters.sql.queries import Query
from shared_kernel.adapters.sql.reads import ReadPool
from shared_kernel.application import MOST_COUNTED, Page, Slice, Total
from shared_kernel.application.conditions import FALSE, TRUE, Condition, Some

V = TypeVar("V")
Ts = TypeVarTuple("Ts")

# Policies change, and every change may bring new shapes of conditions.
MOST_STATEMENTS = 500

MOST_SHOWN = 200

NO_COLUMNS: Columns = MappingProxyType({})

PLACE = 2  # cells of each row beside its view: the key it is sorted by, and its id


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
        counted = await self.count(reads, active, within=within) if part.counted else None
        total = Total.of(counted) if part.counted else None
        if within == FALSE:
            return Page([], None, total)
        ways = ways_of(within)
        resumed = bool(part.after)
        most = None if active else _most(part.limit)
        query: Query[V] = self._kept(
            (sort, resumed, most, frozenset(active), *map(shape_of, ways)),
            lambda: Query(self._select(sort, resumed, active, ways, most), self._view),
        )
        position = self._position(sort, part)
        values = {**active, **values_of(Some(ways)), **position, "_limit": part.limit + 1}
        rows = await query.rows(reads, values)
        here = rows[: part.limit]
        place = query.cells(here[-1])[-PLACE:] if len(rows) > part.limit else None
        after = None if place is None else tuple(map(_text, place))
        return Page(query.views(here, beside=PLACE), after, total)

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
        active, ways = _active(where), ways_of(within)
        query: Query[int] = self._kept(
            ("count", frozenset(active), *map(shape_of, ways)), lambda: self._counted(active, ways)
        )
        return await query.first(reads, **active, **values_of(Some(ways)), _limit=limit) or 0

    def _kept(self, shape: tuple[object, ...], make: Callable[[], Query[Any]]) -> Query[Any]:
        query = self._queries.get(shape)
        if query is None:
            if len(self._queries) >= MOST_STATEMENTS:
                self._queries.clear()
            query = self._queries[shape] = make()
        return query

    def _counted(self, active: Iterable[str], ways: Sequence[Condition]) -> Query[int]:
        """Return how many rows there are, each of them once, in how many ways it is shown.

        They are counted in one of the list's orders: through the index that has it, which ends
        early, and not by reading the table until there are enough.
        """
        ids = self._filtered(active).with_only_columns(self._id)
        order, most = _order(next(iter(self._sorts.values())), self._id), _limited()
        parts = [
            ids.where(way).order_by(*order).limit(most)
            for way in predicates_of(ways, self._columns)
        ]
        found = (union(*parts) if len(parts) > 1 else parts[0]).subquery()
        return Query(select(func.count()).select_from(select(found).limit(most).subquery()), int)

    def _filtered(self, active: Iterable[str]) -> Select[Any]:
        return self._statement.where(*(self._filters[name] for name in sorted(active)))

    def _select(
        self,
        sort: str,
        resumed: bool,
        active: Iterable[str],
        ways: Sequence[Condition],
        most: int | None,
    ) -> Select[Any]:
        """Return the rows of one page. Each way to be shown is read in order, and they are merged.

        A row that is shown in several ways comes as often, one right after the other.
        """
        limit = _limited()
        if most is not None and all(map(is_plain, ways)):
            # With a number PostgreSQL plans once; with a parameter, which may be large, at every
            # execution, which takes as long as reading the page. But of ranges and prefixes it has
            # to know the values, or reads most of an index where few rows are in them.
            limit = literal_column(str(most), Integer())
        key, descending = self._sorts[sort.removeprefix("-")], sort.startswith("-")
        rows = self._filtered(active).add_columns(key.label("_key"), self._id.label("_id"))
        if resumed:
            here = tuple_(key, self._id)
            there = tuple_(bindparam("_key", type_=key.type), bindparam("_id", type_=self._id.type))
            rows = rows.where(here < there if descending else here > there)
        order = _order(key, self._id, descending=descending)
        parts = [
            rows.where(way).order_by(*order).limit(limit)
            for way in predicates_of(ways, self._columns)
        ]
        found = (union_all(*parts) if len(parts) > 1 else parts[0]).subquery()
        place = found.c["_key"], found.c["_id"]
        page = select(found) if len(parts) == 1 else select(found).ext(distinct_on(*place))
        order = _order(*place, descending=descending)
        return page.order_by(*order).limit(_limited())

    def _position(self, sort: str, part: Slice) -> dict[str, object]:
        if not part.after:
            return {}
        key, id = part.after
        kind = self._sorts[sort.removeprefix("-")].type.python_type
        return {"_key": _READERS.get(kind, kind)(key), "_id": UUID(id)}


def _order(
    key: ColumnElement[Any], id: ColumnElement[Any], *, descending: bool = False
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return (key.desc(), id.desc()) if descending else (key.asc(), id.asc())


def _limited() -> ColumnElement[int]:
    return bindparam("_limit", type_=Integer())


def _most(limit: int) -> int:
    """Return one of a few numbers of rows, more than the limit."""
    most = MOST_SHOWN + 1
    while most <= limit:
        most *= 10
    return most


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
