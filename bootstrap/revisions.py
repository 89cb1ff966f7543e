"""Which revisions there are, and which of them the database lacks. Told from names alone.

A revision is a file `migrations/<module>/<module>_0007_what_it_does.py`; its id is the part up to
the number, and those of one module follow each other by number. So this needs no Alembic, whose
import alone takes longer than the whole question may.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bootstrap.modules import discover
from shared_kernel.adapters.sql import Database

ROOT = Path(__file__).parent.parent / "migrations"
PLATFORM = "platform"

VERSIONS = "select version_num from platform.alembic_version"

# SQLSTATE: undefined_table, invalid_schema_name, insufficient_privilege (before the first grant).
NEVER_MIGRATED = {"42P01", "3F000", "42501"}


class DatabaseBehind(Exception):
    """The database lacks what this version of the application needs."""


async def require_current(database: Database) -> None:
    """Raise DatabaseBehind unless every revision known here was applied.

    A database that is ahead is fine: migrations only expand while an older version still runs.
    Raises Unavailable when the database is away.
    """
    names = [PLATFORM, *(module.name for module in discover())]
    missing = pending(await _applied(database), names)
    if missing:
        listed = ", ".join(f"{name}: {', '.join(ids)}" for name, ids in missing.items())
        raise DatabaseBehind(f"the database is behind ({listed}): run `app db migrate`")


def revisions(name: str, root: Path = ROOT) -> list[str]:
    """Return the ids of one module's revisions, oldest first."""
    pattern = re.compile(rf"({re.escape(name)}_\d+)_.*\.py")
    found = (pattern.fullmatch(path.name) for path in (root / name).glob("*.py"))
    return sorted((one[1] for one in found if one), key=_number)


def pending(
    applied: Iterable[str], names: Iterable[str], root: Path = ROOT
) -> Mapping[str, Sequence[str]]:
    """Return the revisions that are not applied, by module; modules that lack none are left out.

    `applied` holds the newest revision of each module, as Alembic keeps them.
    """
    reached = {one.rpartition("_")[0]: _number(one) for one in applied}
    missing = {
        name: [one for one in revisions(name, root) if _number(one) > reached.get(name, 0)]
        for name in names
    }
    return {name: ids for name, ids in missing.items() if ids}


async def _applied(database: Database) -> list[str]:
    try:
        return [row[0] for row in await database.reads.fetch(VERSIONS)]
    except Exception as error:
        if getattr(error, "sqlstate", None) in NEVER_MIGRATED:
            return []
        raise


def _number(revision: str) -> int:
    return int(revision.rpartition("_")[2])
