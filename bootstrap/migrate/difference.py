"""What the database lacks: revisions not applied, and tables that are not as declared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Constraint, Index, Table

from bootstrap.migrate.branches import Branches
from bootstrap.migrate.connection import over_connection
from bootstrap.revisions import pending, revisions


@dataclass(frozen=True, slots=True)
class State:
    """One branch: the revision the database is at (None: at none), and those it lacks."""

    name: str
    current: str | None
    pending: Sequence[str]


def status(url: str, *, branches: Branches | None = None) -> Sequence[State]:
    """Return how far each branch got. Raises MigrationFailed."""
    chosen = branches or Branches()
    return over_connection(url, lambda connection: _status(connection, chosen))


def check(url: str, *, branches: Branches | None = None) -> Sequence[str]:
    """Return a line for each revision not applied; with none, for each table not as declared."""
    chosen = branches or Branches()

    def work(connection: Connection) -> list[str]:
        behind = [
            f"pending: {one}" for state in _status(connection, chosen) for one in state.pending
        ]
        return behind or [f"drift: {line}" for line in _drift(connection, chosen)]

    return over_connection(url, work)


def _status(connection: Connection, branches: Branches) -> list[State]:
    heads = _context(connection, branches).get_current_heads()
    reached = {one.rpartition("_")[0]: one for one in heads}
    missing = pending(heads, branches.schemas, branches.root)
    return [
        State(name, reached.get(name), missing.get(name, []))
        for name in branches.schemas
        if reached.get(name) or revisions(name, branches.root)
    ]


def _drift(connection: Connection, branches: Branches) -> Iterator[str]:
    context = _context(connection, branches)
    # Several metadata may be compared at once; the annotation speaks of one.
    declared = cast("Any", list(branches.schemas.values()))
    found: Iterable[Any] = compare_metadata(context, declared)
    for one in found:
        # What changes in one column comes as a list.
        steps = cast("list[tuple[Any, ...]]", one if isinstance(one, list) else [one])
        yield from map(_line, steps)


def _line(step: tuple[Any, ...]) -> str:
    kind, *parts = step
    named = [_name(part) for part in parts[:3]]  # what follows are options and types
    return f"{str(kind).replace('_', ' ')} {'.'.join(filter(None, named))}"


def _name(part: object) -> str:
    """Return what names a schema, a table, a column, an index or a constraint."""
    if isinstance(part, Table):
        return part.fullname
    if isinstance(part, Index | Constraint) and isinstance(part.table, Table):
        return f"{part.table.fullname}.{part.name}"
    return str(part if isinstance(part, str) else getattr(part, "name", None) or "")


def _context(connection: Connection, branches: Branches) -> MigrationContext:
    return MigrationContext.configure(connection, opts=branches.comparison(*branches.schemas))
