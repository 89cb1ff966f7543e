"""`python -m benchmarks.timing`: can a stranger tell by the clock whether an address is known?

Requests for addresses that have an account, and for others, are sent in turn over one connection.
The area under the curve is the chance that one of the former took longer than one of the latter:
0.5 tells nothing; 0.42 to 0.58 is what is asked for. Afterwards 500 devices refresh at once.
"""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import tempfile
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx2

from benchmarks.data import stocked
from benchmarks.people import PASSWORD
from benchmarks.processes import Server, start
from benchmarks.report import RESULTS, machine
from benchmarks.surroundings import surroundings

KNOWN, REQUESTS, DEVICES = 50, 300, 500
PAUSE = 0.02  # seconds
IDENTITY = "/v1/identity"

Body = Callable[[str], dict[str, str]]

FLOWS: dict[str, Body] = {
    "login": lambda email: {"email": email, "password": "no password of anybody"},
    "register": lambda email: {"email": email, "password": PASSWORD},
    "forgot-password": lambda email: {"email": email},
    "request-verify-token": lambda email: {"email": email},
}


def area(longer: Sequence[float], shorter: Sequence[float]) -> float:
    """Return the chance that one of `longer` exceeds one of `shorter` (Mann and Whitney's U)."""
    ordered = sorted(shorter)
    wins = sum((bisect_left(ordered, one) + bisect_right(ordered, one)) / 2 for one in longer)
    return wins / (len(longer) * len(shorter))


def stranger() -> str:
    """Return an address nobody has."""
    return f"{uuid4().hex}@example.com"


async def timed(http: httpx2.AsyncClient, flow: str, email: str) -> float:
    """Return the seconds one request takes."""
    body = FLOWS[flow](email)
    began = time.perf_counter()
    answer = await http.post(f"{IDENTITY}/{flow}", json=body)
    took = time.perf_counter() - began
    if answer.status_code not in {202, 401}:
        raise SystemExit(f"{flow} was answered with {answer.status_code}")
    return took


async def told_apart(http: httpx2.AsyncClient, flow: str, known: Sequence[str]) -> float:
    """Return the area under the curve of one flow.

    Both classes are as many addresses, each asked about as often: the counters of what was asked
    before must not tell them apart here. Only who registers cannot do so twice.
    """
    unknown = [stranger() for _ in known]
    times: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(REQUESTS):
        for is_known in random.sample([True, False], 2):
            email = random.choice(known if is_known else unknown)  # noqa: S311 - no secret
            if flow == "register" and not is_known:
                email = stranger()
            await asyncio.sleep(PAUSE)  # what the one before has set going is done by then
            times[is_known].append(await timed(http, flow, email))
    return area(times[True], times[False])


async def refresh_token(http: httpx2.AsyncClient, email: str) -> str:
    """Sign in one device."""
    answer = await http.post(f"{IDENTITY}/login", json={"email": email, "password": PASSWORD})
    return str(answer.json()["refresh_token"])


async def refresh_storm(http: httpx2.AsyncClient, known: Sequence[str]) -> Counter[int]:
    """Have many devices refresh at the same moment; return how they were answered."""
    tokens = [await refresh_token(http, known[turn % KNOWN]) for turn in range(DEVICES)]
    answers = await asyncio.gather(
        *(http.post(f"{IDENTITY}/refresh", json={"refresh_token": one}) for one in tokens)
    )
    return Counter(one.status_code for one in answers)


async def verify_all(owner_url: str) -> None:
    """Do what the owners would do with the link in their mail."""
    connection = await asyncpg.connect(owner_url)
    try:
        await connection.execute("update identity.accounts set email_verified_at = registered_at")
    finally:
        await connection.close()


async def measure(server: Server, owner_url: str) -> tuple[dict[str, float], Counter[int]]:
    """Return the area of each flow, and the answers of the storm."""
    limits = httpx2.Limits(max_connections=100)
    base = f"http://127.0.0.1:{server.port}"
    async with httpx2.AsyncClient(base_url=base, timeout=60, limits=limits) as http:
        known = [stranger() for _ in range(KNOWN)]
        for email in known:
            await timed(http, "register", email)
        await verify_all(owner_url)
        areas = {flow: round(await told_apart(http, flow, known), 3) for flow in FLOWS}
        return areas, await refresh_storm(http, known)


async def run(home: Path) -> None:
    """Measure, print, write `results/timing.json`."""
    async with stocked(home, 1) as stock:
        more = {"CONCURRENT_REQUESTS": "1000"}
        server = start(
            "ours", "benchmarks.servers.ours:application", {**surroundings(stock), **more}, None
        )
        try:
            areas, storm = await measure(server, stock.roles.owner_url)
        finally:
            server.stop()
    answers = {str(status): count for status, count in sorted(storm.items())}
    figures = {
        "machine": machine(),
        "requests of each class": REQUESTS,
        "area under the curve": areas,
        f"answers to {DEVICES} refreshes at once": answers,
    }
    text = json.dumps(figures, indent=2)
    (RESULTS / "timing.json").write_text(text + "\n", "utf-8")
    print(text)  # noqa: T201 - what the command is for


def main() -> None:
    """Run with a database of its own."""
    home = Path(tempfile.mkdtemp(prefix="app-timing-"))
    home.chmod(0o755)  # the account PostgreSQL runs as has to pass
    try:
        asyncio.run(run(home))
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
