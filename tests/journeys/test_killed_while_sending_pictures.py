"""The application is killed between a picture's file and its row: the file goes, nothing else."""

from __future__ import annotations

import asyncio

import httpx2
import pytest
from fastapi import FastAPI

from tests.bootstrap.processes import Server
from tests.catalog.pictures import added, files, folder_of, grow_old, hash_of, png, sent, sweep
from tests.catalog.shop import draft, listed
from tests.idempotency.elsewhere import elsewhere_on
from tests.journeys.killing import serve
from tests.kit.cluster import TestDatabase
from tests.kit.people import People

KEPT, LOST = png(1), png(2)
HELD = "select from catalog.products where id = $1 for update"


async def test_a_file_whose_row_was_never_written_is_swept_away_and_nothing_else(
    app: FastAPI, database: TestDatabase, people: People
) -> None:
    http = (await people.register("editor")).http
    place = str((await draft(http)).headers["location"])
    folder = str(folder_of(app))
    server = await asyncio.to_thread(serve, database, CATALOG_MEDIA_DIR=folder)
    try:
        signed = {"authorization": http.headers["authorization"]}
        async with httpx2.AsyncClient(base_url=server.url, headers=signed, timeout=60) as other:
            kept = await added(other, place, KEPT)
            await _kill_before_the_row(server, other, place, database)
    finally:
        server.process.kill()
        server.process.communicate()

    assert [one["sha256"] for one in await listed(http, f"{place}/media")] == [hash_of(KEPT)]
    assert (await http.get(f"{kept.headers['location']}/content")).content == KEPT
    assert {hash_of(KEPT), hash_of(LOST)} <= {one.name for one in files(app)}
    grow_old(app)
    await sweep(app)
    assert {one.name for one in files(app)} == {hash_of(KEPT)}
    again = await added(http, place, LOST)
    assert (await http.get(f"{again.headers['location']}/content")).content == LOST


async def _kill_before_the_row(
    server: Server, http: httpx2.AsyncClient, place: str, database: TestDatabase
) -> None:
    """Hold the product: a picture's row has to wait for it, after its file was written."""
    async with elsewhere_on(database) as holder, holder.connection.transaction():
        await holder.connection.execute(HELD, place.rpartition("/")[2])
        sending = asyncio.create_task(sent(http, place, LOST))
        await holder.is_waited_for()
        server.process.kill()
        with pytest.raises(httpx2.TransportError):
            await sending
