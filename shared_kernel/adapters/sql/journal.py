"""What a transaction says about itself at its end: all of it goes in one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    BindParameter,
    Column,
    ColumnElement,
    Select,
    Table,
    bindparam,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import TableValuedAlias

from shared_kernel.application import Besides


@dataclass(frozen=True, slots=True)
class Addition(Besides):
    """Statements that change rows, written once and bound to values each time.

    Each module writes those of its own tables; which come together is known at the end only.
    """

    parts: tuple[CTE, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])


async def add_together(session: AsyncSession, additions: Sequence[Addition]) -> None:
    """Carry additions out in one statement. Nothing to do is none."""
    parts = tuple(part for one in additions for part in one.parts)
    if parts:
        values = {name: value for one in additions for name, value in one.values.items()}
        if len(values) < sum(len(one.values) for one in additions):
            raise ValueError("the same is added twice: add rows as one value")
        await session.execute(_one_statement(parts), values)


def rows_in(name: str, columns: Collection[Column[Any]]) -> TableValuedAlias:
    """Return the rows in the value called `name`, a list of objects by column, as plain JSON.

    However many they are, the statement stays the same.
    """
    shown = [Column(one.name, one.type) for one in columns]
    rows = func.jsonb_to_recordset(bindparam(name, type_=JSONB())).table_valued(*shown)
    return rows.render_derived(name=f"{name}_given", with_types=True)


def row_in(name: str, table: Table[Any]) -> dict[str, BindParameter[Any]]:
    """Return the columns of one row in the values that `row_values` names."""
    return {one.name: bindparam(f"{name}_{one.name}", type_=one.type) for one in table.c}


def row_values(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of one row for a statement that has other values, too."""
    return {f"{name}_{column}": value for column, value in row.items()}


def insertion(name: str, table: Table[Any]) -> CTE:
    """Return the statement that inserts the rows in the value called `name`."""
    given = rows_in(name, [*table.c])
    columns: list[ColumnElement[Any]] = [given.c[one.name] for one in table.c]
    names = [one.name for one in table.c]
    return insert(table).from_select(names, select(*columns)).cte(name)


@cache
def _one_statement(parts: tuple[CTE, ...]) -> Select[Any]:
    return select(literal(1)).add_cte(*parts)
