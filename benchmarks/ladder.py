"""Rungs and what is asked of them, measured in turn, round after round."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles

from benchmarks import people
from benchmarks.load import Load, burst, get, post
from benchmarks.processes import Server
from benchmarks.servers.serve import OURS

CONNECTIONS = 16
SIGN_INS_AT_ONCE = 50

SERVERS: Mapping[str, str] = {
    "raw": "benchmarks.servers.raw:application",
    "fastapi": "benchmarks.servers.plain:application",
    "ours": OURS,
}


@dataclass(frozen=True, slots=True)
class Rung:
    """One thing measured: a server, the requests sent to it, and the rung it is compared with."""

    name: str
    server: str
    requests: Sequence[bytes]
    against: str | None = None
    target: float | None = None


@dataclass(slots=True)
class Samples:
    """What the rounds of one rung gave."""

    cpu_us: list[float] = field(default_factory=list[float])
    per_second: list[float] = field(default_factory=list[float])
    p50_ms: list[float] = field(default_factory=list[float])
    p99_ms: list[float] = field(default_factory=list[float])


def rungs(ids: Sequence[object], token: str) -> list[Rung]:
    """Return the ladder: one product by id, and one page of a list."""
    some = [str(one) for one in random.sample(list(ids), min(2000, len(ids)))]
    api = [f"/v1/catalog/products/{one}" for one in some]
    first, own = "/v1/catalog/products?limit=50", [f"/authorised/{one}" for one in some]
    return [
        Rung("product, raw ASGI + asyncpg", "raw", [get(f"/products/{one}") for one in some]),
        Rung("product, FastAPI + asyncpg", "fastapi", [get(f"/products/{one}") for one in some],
             "product, raw ASGI + asyncpg"),
        Rung("product, ours, anonymous", "ours", [get(one) for one in api],
             "product, raw ASGI + asyncpg"),
        Rung("product, ours, authenticated", "ours", [get(one, token) for one in api],
             "product, raw ASGI + asyncpg"),
        Rung("product, ours, authorised", "ours", [get(one, token) for one in own],
             "product, raw ASGI + asyncpg", 0.42),
        Rung("page of 50, raw ASGI + asyncpg", "raw", [get("/products/")]),
        Rung("page of 50, FastAPI + asyncpg", "fastapi", [get("/products/")],
             "page of 50, raw ASGI + asyncpg"),
        Rung("page of 50, ours, anonymous", "ours", [get(first)],
             "page of 50, raw ASGI + asyncpg", 0.5),
    ]  # fmt: skip


async def climb(
    ladder: Sequence[Rung], servers: Mapping[str, Server], *, rounds: int, seconds: float
) -> dict[str, Samples]:
    """Measure every rung in every round, each round in another order, after a short warm-up."""
    samples = {rung.name: Samples() for rung in ladder}
    for rung in ladder:
        await burst(servers[rung.server].port, rung.requests, connections=CONNECTIONS, seconds=0.5)
    for _ in range(rounds):
        for rung in random.sample(ladder, len(ladder)):
            await _measure(rung, servers[rung.server], samples[rung.name], seconds)
    return samples


async def storm(
    reads: Rung, server: Server, *, readers: int, rounds: int, seconds: float
) -> tuple[list[float], list[float]]:
    """Return the p99 of reads in milliseconds, alone and beside fifty sign-ins, per round."""
    alone: list[float] = []
    beside: list[float] = []
    sign_ins = [post("/v1/identity/login", people.credentials())]
    for _ in range(rounds):
        alone.append(_p99((await _reads(reads, server, readers, seconds)).latencies))
        together = await asyncio.gather(
            _reads(reads, server, readers, seconds),
            burst(server.port, sign_ins, connections=SIGN_INS_AT_ONCE, seconds=seconds),
        )
        beside.append(_p99(together[0].latencies))
    return alone, beside


async def _reads(reads: Rung, server: Server, readers: int, seconds: float) -> Load:
    return await burst(server.port, reads.requests, connections=readers, seconds=seconds)


async def _measure(rung: Rung, server: Server, samples: Samples, seconds: float) -> None:
    before = server.cpu_seconds()
    load = await burst(server.port, rung.requests, connections=CONNECTIONS, seconds=seconds)
    used = server.cpu_seconds() - before
    if load.failures or not load.answers:
        raise SystemExit(f"{rung.name}: {load.failures} requests failed")
    samples.cpu_us.append(used / load.answers * 1e6)
    samples.per_second.append(load.answers / load.seconds)
    samples.p50_ms.append(median(load.latencies) * 1e3)
    samples.p99_ms.append(_p99(load.latencies))


def _p99(latencies: Sequence[float]) -> float:
    return quantiles(latencies, n=100)[98] * 1e3
