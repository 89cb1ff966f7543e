"""The branches: one for the platform and one for every module that was found."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alembic.config import Config
from sqlalchemy import Column, Connection, Index, MetaData

from bootstrap.modules import discover
from bootstrap.revisions import PLATFORM, ROOT
from shared_kernel.adapters import idempotency, limits, outbox

PLATFORM_TABLES = (
    outbox.outbox,
    outbox.deliveries,
    outbox.inbox,
    limits.limits,
    idempotency.keyed_requests,
)


def schemas() -> Mapping[str, MetaData]:
    """Return the metadata of the platform and of every module, by schema; the platform first."""
    kept = PLATFORM_TABLES[0].metadata  # one for all of them, declared by naming them here
    return {PLATFORM: kept, **{one.name: one.metadata for one in discover()}}


@dataclass(frozen=True, slots=True)
class Branches:
    """What is migrated: tables by schema, and the folder that has one of revisions for each."""

    schemas: Mapping[str, MetaData] = field(default_factory=schemas)
    root: Path = ROOT

    def config(self, connection: Connection, **options: Any) -> Config:
        """Return Alembic's configuration; `options` go to its `context.configure` in `env.py`."""
        settings = Config(stdout=io.StringIO())  # standard output carries results only
        settings.set_main_option("script_location", str(ROOT))
        settings.set_main_option("path_separator", "newline")
        folders = [path for name in self.schemas if (path := self.root / name).is_dir()]
        settings.set_main_option("version_locations", "\n".join(map(str, folders)))
        settings.attributes["connection"] = connection
        settings.attributes["options"] = {**self.comparison(*self.schemas), **options}
        return settings

    def comparison(self, *names: str) -> dict[str, Any]:
        """Return the options that limit Alembic's view of the database to these schemas."""

        def is_named(name: str | None, kind: str, _parents: object) -> bool:
            return kind != "schema" or name in names

        return {
            "target_metadata": [self.schemas[name] for name in names],
            "include_schemas": True,
            "include_name": is_named,
            "include_object": _is_comparable,
            "compare_type": True,
            "compare_server_default": True,
            "version_table_schema": PLATFORM,
        }


def _is_comparable(
    part: object, _name: str | None, _kind: str, _reflected: bool, other: object
) -> bool:
    """Compare an index on an expression by its name only: PostgreSQL tells it in other words."""
    if not isinstance(part, Index) or other is None:
        return True
    return all(isinstance(one, Column) for one in part.expressions)
