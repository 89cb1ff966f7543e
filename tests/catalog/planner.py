"""How PostgreSQL reads: through which indexes, and how many rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, cast

import asyncpg

from shared_kernel.adapters.sql import ReadPool

# So often PostgreSQL plans a prepared statement anew before it may keep a plan for any values.
EXECUTIONS = 6


class Planner:
    """Stands in for the read pool: has PostgreSQL tell how it reads, and notes through what.

    Both when a statement is asked for the first time, and after some executions, when PostgreSQL
    may have made a plan for any values: to explain an execution counts as one. A plan that became
    no other is followed once. `read` is how many rows the worse plan looked at, in
    indexes or tables; `fetched`, how many of tables.
    """

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self.used: set[str] = set()
        self.read = self.fetched = 0.0

    async def fetch(self, sql: str, *values: object) -> Sequence[asyncpg.Record]:
        await self._connection.execute(f"prepare asked as {sql}")
        asked = f"asked({', '.join(map(_literal, values))})" if values else "asked"
        first = await self._follow(asked)
        later = [
            await self._plan(f"explain (format json) execute {asked}") for _ in range(EXECUTIONS)
        ]
        if _shape(later[-1]) != _shape(first):
            await self._follow(asked)
        await self._connection.execute("deallocate asked")
        return await self._connection.fetch(sql, *values)

    async def _follow(self, asked: str) -> dict[str, Any]:
        plan = await self._plan(f"explain (analyze, timing off, format json) execute {asked}")
        scans = list(scans_of(plan))
        self.used |= {name for name, _ in scans}
        self.read = max(self.read, sum(rows for _, rows in scans))
        self.fetched = max(self.fetched, sum(_fetched(plan)))
        return plan

    async def _plan(self, statement: str) -> dict[str, Any]:
        told = json.loads(await self._connection.fetchval(statement))
        return cast("dict[str, Any]", told[0]["Plan"])

    @property
    def read_whole(self) -> set[str]:
        """The tables that were read from one end to the other."""
        return {name for name in self.used if name.startswith("Seq Scan")}

    @property
    def reads(self) -> ReadPool:
        return cast("ReadPool", self)


def _literal(value: object) -> str:
    if value is None:
        return "null"
    text = str(value)
    if isinstance(value, list):
        text = "{" + ",".join(map(str, cast("list[object]", value))) + "}"
    return "'" + text.replace("'", "''") + "'"


def _shape(node: dict[str, Any]) -> list[object]:
    """Return what is read through what, in which order; not the values and the estimates."""
    about = [node.get(key) for key in ("Node Type", "Index Name", "Relation Name", "Join Type")]
    ways = [node.get(key) for key in ("Scan Direction", "Parent Relationship", "Strategy")]
    parts = cast("list[dict[str, Any]]", node.get("Plans", []))
    return [*about, *ways, *map(_shape, parts)]


def _fetched(node: dict[str, Any]) -> Iterator[float]:
    if "Relation Name" in node and "Index Only" not in node["Node Type"]:
        looked_at = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        yield (looked_at + node.get("Rows Removed by Index Recheck", 0)) * node["Actual Loops"]
    for part in cast("list[dict[str, Any]]", node.get("Plans", [])):
        yield from _fetched(part)


def scans_of(node: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield what is scanned, and how many rows were looked at."""
    looked_at = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    if node["Node Type"] == "Seq Scan":
        yield f"Seq Scan on {node['Relation Name']}", looked_at * node["Actual Loops"]
    elif "Index Name" in node:
        yield node["Index Name"], looked_at * node["Actual Loops"]
    for part in cast("list[dict[str, Any]]", node.get("Plans", [])):
        yield from scans_of(part)
