"""A garden: one aggregate, its events, and a table of what subscribers did about them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID, uuid4

import asyncpg
from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Object
from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Integer,
    Named,
    String,
    Table,
    TypedColumns,
    UniqueConstraint,
    Uuid,
    insert,
)
from sqlalchemy.dialects.postgresql import dialect
from sqlalchemy.orm import registry
from sqlalchemy.schema import CreateIndex, CreateTable

from bootstrap.events import Relay
from bootstrap.modules import Assembly
from bootstrap.platform import Platform
from modules.audit.adapters.sql import SqlAuditWriter
from shared_kernel.adapters.outbox import SqlOutbox
from shared_kernel.adapters.signals import Signals
from shared_kernel.adapters.sql import (
    AggregateColumns,
    Constraints,
    Database,
    PoolSizes,
    SqlRepository,
    SqlUnitOfWork,
    module_metadata,
)
from shared_kernel.adapters.upkeep import Upkeep
from shared_kernel.domain import Aggregate, Conflict, DomainEvent, NotFound
from shared_kernel.module import Module, Services
from tests.kit.cluster import TEMPLATE, TestDatabase, drop_database, new_database

metadata = module_metadata("garden")


class PlantColumns(AggregateColumns):
    name: Named[str] = Column(String(40), nullable=False)
    height: Named[int] = Column(Integer, nullable=False)


class DeedColumns(TypedColumns):
    id: Named[int] = Column(BigInteger, Identity(), primary_key=True)
    who: Named[str] = Column(String(40), nullable=False)
    plant_id: Named[UUID] = Column(Uuid, nullable=False)
    height: Named[int] = Column(Integer, nullable=False)


plants = Table("plants", metadata, PlantColumns, UniqueConstraint("name"))
deeds = Table("deeds", metadata, DeedColumns)


@dataclass(frozen=True, kw_only=True, slots=True)
class Grown(DomainEvent):
    """A plant has grown."""

    height: int


@dataclass(eq=False, kw_only=True)
class Plant(Aggregate):
    """Something that grows."""

    name: str
    height: int = 0

    def grow(self) -> None:
        self.height += 1
        self.record(Grown(subject_id=self.id, occurred_at=now(), height=self.height))


class NoSuchPlant(NotFound):
    """There is no such plant."""


class NameTaken(Conflict):
    """Another plant has the name."""


mapper = registry()
mapper.map_imperatively(Plant, plants, version_id_col=plants.c.version)


class Plants(SqlRepository[Plant]):
    """The plants of one unit of work."""

    aggregate = Plant
    missing = NoSuchPlant


class GardenUnitOfWork(SqlUnitOfWork):
    """One transaction of the garden."""

    constraints: ClassVar[Constraints] = {"uq_plants_name": NameTaken("the name is taken")}

    @cached_property
    def plants(self) -> Plants:
        return Plants(self)


Subscriber = Callable[[Grown], Awaitable[None]]
"""Hears of growth."""


@dataclass
class Garden:
    """One process's view of the garden."""

    database: Database
    signals: Signals
    heard_by: tuple[str, ...] = ()
    subscribers: dict[str, Callable[[], Any]] = field(default_factory=dict[str, Callable[[], Any]])

    def begin(self) -> GardenUnitOfWork:
        outbox = SqlOutbox({Grown.kind(): self.heard_by}, self.signals.send)
        return GardenUnitOfWork(self.database, outbox, SqlAuditWriter())

    def relay(self, settings: Any = None) -> Relay:
        """A relay for the subscribers; events are written for those in `heard_by`."""
        module = Module(
            name="garden",
            container=DeclarativeContainer,
            metadata=metadata,
            subscribers={Grown: Object(None)},
        )
        assembly = Assembly(
            modules=[module],
            services=Services({}),
            opens=[],
            subscribers=self.subscribers,
            demos={},
            first_runs={},
        )
        upkeep = Upkeep("the garden", nothing)
        platform = Platform(settings, self.database, self.signals, upkeep, {})
        return Relay(platform, assembly)

    async def plant(self, name: str | None = None) -> UUID:
        """Return the id of a new plant."""
        made = Plant(name=name or uuid4().hex)
        async with self.begin() as tx:
            tx.plants.add(made)
        return made.id

    async def grow(self, plant_id: UUID) -> int:
        """Let a plant grow; return its height."""
        async with self.begin() as tx:
            plant = await tx.plants.get_locked(plant_id)
            plant.grow()
        return plant.height

    def note(self, who: str) -> Subscriber:
        """A subscriber that notes what it heard."""

        async def heard(event: Grown) -> None:
            async with self.begin() as tx:
                await tx.session.execute(
                    insert(deeds).values(who=who, plant_id=event.subject_id, height=event.height)
                )

        return heard

    def subscribe(self, name: str, subscriber: Subscriber) -> None:
        """Let the relay call the subscriber from now on."""
        self.subscribers[name] = lambda: subscriber
        self.heard_by = (*self.heard_by, name)

    async def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.database.reads.fetch(sql, *values)]

    async def deeds(self, who: str) -> dict[UUID, list[int]]:
        """What a subscriber noted: the heights of each plant, in the order of the notes."""
        noted: dict[UUID, list[int]] = {}
        sql = "select plant_id, height from garden.deeds where who = $1 order by id"
        for plant_id, height in await self.rows(sql, who):
            noted.setdefault(plant_id, []).append(height)
        return noted

    async def pending(self) -> int:
        [(count,)] = await self.rows("select count(*) from platform.deliveries")
        return int(count)


@asynccontextmanager
async def opened(
    database: TestDatabase, *, sizes: PoolSizes | None = None
) -> AsyncGenerator[Garden]:
    """The garden as one process sees it."""
    made = Database(database.app_url, sizes)
    try:
        async with Signals(made) as signals:
            yield Garden(made, signals)
    finally:
        await made.close()


@contextmanager
def planted() -> Generator[TestDatabase]:
    """A database of its own that has a garden."""
    made = new_database(f"garden_{uuid4().hex[:12]}", template=TEMPLATE)
    try:
        asyncio.run(lay_out(made.owner_url))
        yield made
    finally:
        drop_database(made)


async def lay_out(owner_url: str) -> None:
    """Create the garden's tables, as a migration would."""
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute("create schema garden")
        for table in metadata.sorted_tables:
            await connection.execute(str(CreateTable(table).compile(dialect=DIALECT)))
            for index in table.indexes:
                await connection.execute(str(CreateIndex(index).compile(dialect=DIALECT)))
        await connection.execute("grant usage on schema garden to app")
        await connection.execute("grant all on all tables in schema garden to app")
    finally:
        await connection.close()


async def until(met: Callable[[], Any], seconds: float = 60) -> None:
    """Wait for an awaitable condition."""
    async with asyncio.timeout(seconds):
        while not await met():  # noqa: ASYNC110 - what is waited for is in a database
            await asyncio.sleep(0.02)


async def execute(url: str, sql: str, *values: object) -> Any:
    """Run one statement on a connection of its own, and return the first value."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql, *values)
    finally:
        await connection.close()


def now() -> datetime:
    return datetime.now(UTC)


DIALECT = dialect()  # type: ignore[no-untyped-call]  # the library left it untyped


async def delivered(garden: Garden) -> None:
    async def nothing_is_left() -> bool:
        return await garden.pending() == 0

    await until(nothing_is_left)


async def is_led(*relays: Relay) -> bool:
    """Say whether one of the relays delivers, and none still believes to do so as well."""
    return [relay.leads for relay in relays].count(True) == 1


async def nothing() -> dict[str, int]:
    """Find nothing to forget."""
    return {}
