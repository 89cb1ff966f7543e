"""What the tables of every module have in common."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, DateTime, Enum, Integer, MetaData, Named, TypedColumns, Uuid

# Constraints are named, because errors and migrations refer to them by name.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

APPEND_ONLY = {"append_only": True}
"""Put into `Table(info=...)`: the run-time role may neither update nor delete its rows."""


def module_metadata(schema: str) -> MetaData:
    """Return the metadata of one module: all its tables stand in the PostgreSQL schema given."""
    return MetaData(schema=schema, naming_convention=NAMING)


class AggregateColumns(TypedColumns):
    """The columns every aggregate's table starts with."""

    id: Named[UUID] = Column(Uuid, primary_key=True)
    version: Named[int] = Column(Integer, nullable=False)


def moment() -> DateTime:
    """Return the type of a point in time: aware, kept in UTC."""
    return DateTime(timezone=True)


def choice(kind: type[StrEnum], *, length: int = 16) -> Enum:
    """Return the type of an enum kept by value: renaming a member is then no migration."""
    return Enum(
        kind, native_enum=False, create_constraint=False, length=length, values_callable=_values
    )


def _values(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]
