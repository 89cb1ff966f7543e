"""The application as the checks look at it: every file imported, every manifest found."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

from sqlalchemy import Table
from sqlalchemy.orm import configure_mappers

from bootstrap.boundaries.sources import dotted
from bootstrap.modules import discover
from shared_kernel.module import Module

PLATFORM = "platform"
"""The kernel's own schema."""


@dataclass(frozen=True, slots=True)
class Application:
    """What has been loaded, and where it was loaded from."""

    root: Path
    modules: Sequence[Module]

    @property
    def schemas(self) -> frozenset[str]:
        return frozenset(module.name for module in self.modules) | {PLATFORM}

    @property
    def tables(self) -> Mapping[str, Mapping[str, Table]]:
        """Schema -> name -> table, from every manifest's metadata."""
        found: dict[str, dict[str, Table]] = {schema: {} for schema in self.schemas}
        for module in self.modules:
            for table in module.metadata.tables.values():
                found.setdefault(table.schema or "", {})[table.name] = table
        return found

    def python_modules(self, ring: str = "") -> Iterator[ModuleType]:
        """Imported files of the business modules, or those of one ring."""
        for name, loaded in sorted(sys.modules.items()):
            parts = name.split(".")
            if parts[0] == "modules" and len(parts) > 1 and ring in {"", *parts[2:3]}:
                yield loaded


def load(root: Path) -> Application:
    """Import every file of every module, also those nothing refers to."""
    for path in sorted((root / "modules").rglob("*.py")):
        import_module(dotted(path.relative_to(root)))
    configure_mappers()
    return Application(root, discover())


def owner_of(name: str | None) -> str | None:
    """The business module a dotted name belongs to."""
    parts = (name or "").split(".")
    return parts[1] if parts[0] == "modules" and len(parts) > 1 else None


def is_public(name: str) -> bool:
    """Whether a dotted name lies in the public ring of a module."""
    parts = name.split(".")
    return parts[0] == "modules" and parts[2:3] == ["public"]
