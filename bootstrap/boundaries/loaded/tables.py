"""Check `tables`: what a module maps, and what its keys point at, stays in its own schema."""

import inspect
from collections.abc import Iterator
from typing import cast

from sqlalchemy import Table
from sqlalchemy import inspect as mapped
from sqlalchemy.orm import Mapper

from bootstrap.boundaries.findings import Finding
from bootstrap.boundaries.loaded.application import Application, owner_of


def tables(application: Application) -> Iterator[Finding]:
    """Tables in, foreign keys to, and mappings of somebody else's schema."""
    for module in application.modules:
        for table in module.metadata.tables.values():
            yield from _table(module.name, table)
    for mapper in sorted(_mappers(application), key=lambda mapper: mapper.class_.__qualname__):
        yield from _mapper(mapper)


def _table(owner: str, table: Table) -> Iterator[Finding]:
    where = f"{owner}: table {table.fullname}"
    if table.schema != owner:
        yield Finding(where, f"stands in the schema {table.schema}, not in {owner}")
    for key in table.foreign_keys:
        schema, _, _ = key.target_fullname.rpartition(".")[0].rpartition(".")
        if schema != owner:
            yield Finding(where, f"has a foreign key to {key.target_fullname}")


def _mappers(application: Application) -> set[Mapper[object]]:
    found: set[Mapper[object]] = set()
    for loaded in application.python_modules():
        for _, entity in inspect.getmembers(loaded, inspect.isclass):
            mapper: object = mapped(entity, raiseerr=False)
            if isinstance(mapper, Mapper):
                found.add(cast("Mapper[object]", mapper))
    return found


def _mapper(mapper: Mapper[object]) -> Iterator[Finding]:
    owner = owner_of(mapper.class_.__module__)
    where = f"{mapper.class_.__module__}.{mapper.class_.__qualname__}"
    for table in mapper.tables:
        if isinstance(table, Table) and table.schema != owner:
            yield Finding(where, f"is mapped to {table.fullname}")
    for relationship in mapper.relationships:
        other = relationship.mapper.class_
        if owner_of(other.__module__) != owner:
            what = f"relationship {relationship.key} leads to {other.__module__}"
            yield Finding(where, what)
