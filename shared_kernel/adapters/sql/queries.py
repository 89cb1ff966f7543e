"""Typed reads: a select is written with typed columns, compiled once, and read as frozen views."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar, TypeVarTuple, cast

from sqlalchemy import Dialect, Enum, Select
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from shared_kernel.adapters.sql.reads import ReadPool

V = TypeVar("V")
Ts = TypeVarTuple("Ts")

DIALECT: Dialect = asyncpg_dialect()  # type: ignore[no-untyped-call]  # the library left it untyped

# The server's number for `numeric`. Only numeric types ask what the driver delivers.
NUMERIC = 1700

Convert = Callable[[Any], Any]


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
        return self.views(await self.rows(reads, values))

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
        return self._view(*self.cells(row))

    def views(self, rows: Iterable[Iterable[Any]], *, beside: int = 0) -> list[V]:
        """Return the views of raw rows, whose last cells, so many, stand beside the view."""
        view, cells, end = self._view, self.cells, -beside or None
        return [view(*cells(row)[:end]) for row in rows]

    def cells(self, row: Iterable[Any]) -> list[Any]:
        """Return the cells of a raw row as what their columns hold in Python."""
        cells = list(row)
        for index, convert in self._compiled[2]:
            cells[index] = convert(cells[index])
        return cells

    @cached_property
    def _compiled(
        self,
    ) -> tuple[str, list[tuple[str, Any, Convert | None]], list[tuple[int, Convert]]]:
        compiled = self._statement.compile(dialect=DIALECT)
        return compiled.string, _parameters(compiled), _conversions(self._statement)


def _parameters(compiled: SQLCompiler) -> list[tuple[str, Any, Convert | None]]:
    # The compiler has no public name for the conversions of its parameters.
    converts = cast("Mapping[str, Convert]", compiled._bind_processors)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    names = compiled.positiontup or ()
    return [(name, compiled.params[name], converts.get(name)) for name in names]


def _conversions(statement: Select[Any]) -> list[tuple[int, Convert]]:
    found: list[tuple[int, Convert]] = []
    for index, column in enumerate(statement.selected_columns):
        convert = _conversion(column.type)
        if convert is not None:
            found.append((index, convert))
    return found


def _conversion(kind: TypeEngine[Any]) -> Convert | None:
    """Return what makes a stored value into a Python one, None where the driver does it."""
    if isinstance(kind, Enum) and kind.enum_class is not None:
        stored = cast("Sequence[str]", kind.enums)  # in the order of the members
        members = cast("Iterable[object]", kind.enum_class)
        known: dict[str | None, object] = {None: None}
        known.update(zip(stored, members, strict=True))
        return known.__getitem__
    items = cast("TypeEngine[Any] | None", getattr(kind, "item_type", None))
    if items is not None and _conversion(items) is None:
        return None  # an array; the driver's list is what the processor would copy it into
    return kind.dialect_impl(DIALECT).result_processor(DIALECT, NUMERIC)
