"""How long a policy takes to come from PostgreSQL into memory, and a change of it."""

from __future__ import annotations

import gc
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from uuid import UUID

import asyncpg
import psutil

from benchmarks.data import stocked
from benchmarks.decisions.scenes import PERMISSIONS, Scene, account, resources
from bootstrap import collector
from modules.access.adapters.casbin import compile_policy
from modules.access.adapters.memory import InMemoryAuthorizer
from modules.access.adapters.sql import SqlPolicyStore
from modules.access.adapters.threads import InThread
from modules.access.application.decision.loading import LoadPolicy
from shared_kernel.adapters.signals import Signals
from shared_kernel.adapters.sql import Database
from shared_kernel.application import Caller, PermissionCatalogue
from shared_kernel.application.resources import ResourceCatalogue
from shared_kernel.domain import Permission, new_id

CHANGES = 20
COUNT_UP = "update access.policy_version set version = version + 1"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
POLICY = """
insert into access.policies
    (id, version, name, description, effect, anyone, enabled, "when", changed_at)
    values ($1, 1, $2, '', 'allow', false, true, jsonb_build_object(
        'attribute', 'resource.status', 'op', 'eq', 'value', $3::text), now())
"""
START = "insert into access.policy_version (id, version) values (1, 1) on conflict do nothing"


class Noon:
    """A clock that stands."""

    def now(self) -> datetime:
        return NOW


async def loads(home: Path, scene: Scene) -> dict[str, float]:
    """Return seconds and MiB of a load, and the milliseconds of a change and of a reload."""
    async with stocked(home, 1) as stock:
        owner = await asyncpg.connect(stock.roles.owner_url)
        try:
            await _fill(owner, scene)
            async with _authorizer(stock.roles.app_url) as decides:
                return await _measure(owner, decides, scene)
        finally:
            await owner.close()


async def _fill(owner: asyncpg.Connection, scene: Scene) -> None:
    await owner.execute(START)
    columns = ["id", "version", "name", "built_in", "changed_at", "requires_second_factor"]
    roles = [(one.id, 1, one.name, False, NOW, False) for one in scene.roles]
    await _copy(owner, "roles", columns, roles)
    held = [(one.id, permission) for one in scene.roles for permission in one.permissions]
    await _copy(owner, "grants", ["role_id", "permission"], held)
    await owner.executemany(POLICY, [(x.id, x.name, x.when["value"]) for x in scene.policies])
    by_name = {one.name: one.id for one in scene.roles}
    named = [(one.id, by_name[name]) for one in scene.policies for name in one.roles]
    await _copy(owner, "policy_roles", ["policy_id", "role_id"], named)
    about = [(one.id, name) for one in scene.policies for name in one.permissions]
    await _copy(owner, "policy_permissions", ["policy_id", "permission"], about)
    columns = ["id", "version", "account_id", "role_id", "scope", "expires_at", "assigned_at"]
    for part in scene.given():
        rows = [(x.id, 1, x.account_id, x.role_id, x.scope, x.expires_at, NOW) for x in part]
        await _copy(owner, "assignments", columns, rows)
    await owner.execute("analyze access.assignments")
    await owner.execute(COUNT_UP)


async def _copy(
    owner: asyncpg.Connection, table: str, columns: list[str], rows: Sequence[tuple[object, ...]]
) -> None:
    await owner.copy_records_to_table(table, schema_name="access", columns=columns, records=rows)


@asynccontextmanager
async def _authorizer(url: str) -> AsyncGenerator[InMemoryAuthorizer]:
    database = Database(url)
    try:
        store = SqlPolicyStore(database)
        load = LoadPolicy(
            store=store,
            compile=compile_policy,
            catalogue=PermissionCatalogue(
                permissions=[Permission(one, "For a measurement.") for one in PERMISSIONS], roles={}
            ),
            resources=ResourceCatalogue(resources=resources(), objects={}),
            clock=Noon(),
            aside=InThread(),
            default_role="role0",
        )
        yield InMemoryAuthorizer(store=store, load=load, signals=Signals(database), seed=_nothing)
    finally:
        await database.close()


async def _nothing() -> None:
    """Seed nothing."""


async def _measure(
    owner: asyncpg.Connection, decides: InMemoryAuthorizer, scene: Scene
) -> dict[str, float]:
    process = psutil.Process()
    gc.collect()
    collector.collect_seldom()  # as the servers do
    before, began, worked = process.memory_info().rss, time.perf_counter(), time.process_time()
    await decides.changed()
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    gc.collect()
    mib = (process.memory_info().rss - before) / 2**20
    await owner.execute(COUNT_UP)  # what was written in bulk is noted under the version before
    await decides.changed()
    return {
        "load_s": round(seconds, 2),
        "load_cpu_s": round(worked, 2),
        "memory_mib": round(mib),
        "change_of_an_assignment_ms": round(median(await _changes(owner, decides)) * 1e3, 1),
        "change_of_a_role_ms": round(median(await _changes_of_roles(owner, decides)) * 1e3, 1),
    }


async def _changes(owner: asyncpg.Connection, decides: InMemoryAuthorizer) -> list[float]:
    """Give and take a role, and return how long it took until it was decided by, after it."""
    took = list[float]()
    for turn in range(CHANGES):
        caller = Caller(account(-2 - turn), UUID(int=1))
        for there in (True, False):
            if there:
                await owner.execute(
                    "insert into access.assignments (id, version, account_id, role_id, scope,"
                    " assigned_at) values ($1, 1, $2, $3, '', now())",
                    new_id(), caller.id, UUID(int=2),
                )  # fmt: skip
            else:
                await owner.execute(
                    "delete from access.assignments where account_id = $1", caller.id
                )
            await owner.execute(COUNT_UP)
            began = time.perf_counter()
            await decides.changed()
            took.append(time.perf_counter() - began)
            if decides.permits(caller, PERMISSIONS[1]) is not there:
                raise SystemExit("a change was not seen")
    return took


async def _changes_of_roles(owner: asyncpg.Connection, decides: InMemoryAuthorizer) -> list[float]:
    """Change what a role holds, and return how long it took until it was decided by."""
    took = list[float]()
    for turn in range(CHANGES // 4):
        await owner.execute(
            "insert into access.grants values ($1, $2)", UUID(int=3), PERMISSIONS[50 + turn]
        )
        await owner.execute(COUNT_UP)
        began = time.perf_counter()
        await decides.changed()
        took.append(time.perf_counter() - began)
    return took
