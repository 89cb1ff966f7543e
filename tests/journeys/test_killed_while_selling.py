"""The application is killed while it sells: what was acknowledged happened, and all of it once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import httpx2
import pytest

from bootstrap.postgres import EmbeddedPostgres
from tests.bootstrap.embedded import sql
from tests.catalog.shop import publish
from tests.journeys.killing import opened, serve, sign_in
from tests.kit.cluster import TestDatabase

Kill = Callable[[], object]

SALES, SELLERS, ON_HAND = 80, 8, 1_000


@pytest.mark.xdist_group("postgres")
def test_what_was_sold_was_sold_once_whenever_the_application_dies(
    durable: EmbeddedPostgres,
) -> None:
    database = asyncio.run(opened(durable, "market"))

    market = asyncio.run(_sell_and_kill(database))

    ((on_hand, reserved),) = sql(database.owner_url, "select on_hand, reserved from catalog.stocks")
    ((changed, promised),) = sql(
        database.owner_url,
        "select sum(change), sum(reserved_change) from catalog.stock_movements",
    )
    taken = Counter(
        str(id)
        for (id,) in sql(
            database.owner_url,
            "select reservation_id from catalog.stock_movements where cause = 'committed'",
        )
    )
    assert (on_hand, reserved) == (changed, promised)
    assert market.paid <= taken.keys(), "what was acknowledged was taken"
    assert {*taken.values()} == {1}, "nothing was taken twice"
    assert on_hand == ON_HAND - 2 * len(taken)
    assert reserved == 0, "all that was known to be reserved came to its end"


async def _sell_and_kill(database: TestDatabase) -> Market:
    server = serve(database)
    try:
        token = await sign_in(server)
        market = Market(server.url, {"authorization": f"Bearer {token}"})
        await market.open()
        await market.sell(until=SALES // 2, then=server.process.kill)
        server.process.communicate()
        server = serve(database, port=server.port)
        await market.sell(until=SALES, then=lambda: None)
        await market.settle()
    finally:
        server.process.kill()
        server.process.communicate()
    return market


@dataclass(slots=True)
class Market:
    """Sellers who reserve two and take them; `paid` are those that were acknowledged as taken."""

    url: str
    signed: dict[str, str]
    place: str = ""
    paid: set[str] = field(default_factory=set[str])

    async def open(self) -> None:
        """Have something to sell."""
        async with self._client() as http:
            product = (await publish(http)).json()["id"]
            variants = f"/v1/catalog/products/{product}/variants"
            self.place = (await http.post(variants, json={"sku": "A"})).headers["location"]
            body = {"change": ON_HAND, "reason": "received"}
            answer = await http.post(f"{self.place}/stock/adjustments", json=body)
            assert answer.status_code == 201, answer.text

    async def sell(self, *, until: int, then: Kill) -> None:
        """Sell with all sellers until so much is acknowledged, and do something in between."""
        over = asyncio.Event()

        async def seller(http: httpx2.AsyncClient) -> None:
            while not over.is_set():
                with suppress(httpx2.TransportError):
                    await self._sell_one(http)
                if len(self.paid) >= until and not over.is_set():
                    over.set()
                    then()

        async with self._client() as http, asyncio.timeout(90):
            await asyncio.gather(*(seller(http) for _ in range(SELLERS)))

    async def settle(self) -> None:
        """Take what is still held, as somebody does who was never told what became of it."""
        async with self._client() as http:
            query = {"state": "held", "limit": "200"}
            held = (await http.get(f"{self.place}/reservations", params=query)).json()["items"]
            for one in held:
                await self._take(http, one["id"])

    async def _sell_one(self, http: httpx2.AsyncClient) -> None:
        answer = await http.post(f"{self.place}/reservations", json={"quantity": 2})
        assert answer.status_code in {201, 503}, answer.text
        if answer.status_code == 201:
            await self._take(http, answer.json()["id"])

    async def _take(self, http: httpx2.AsyncClient, id: str) -> None:
        for _ in range(2):  # a second time, as whoever does not know does
            answer = await http.post(f"{self.place}/reservations/{id}/commit")
            assert answer.status_code in {200, 503}, answer.text
            if answer.status_code == 200:
                self.paid.add(id)

    def _client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=self.url, headers=self.signed, timeout=20)
