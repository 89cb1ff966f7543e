"""Long work over HTTP: started, watched, cancelled, taken over from the dead, forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from fastapi import FastAPI

from bootstrap.settings import PlatformSettings
from modules.operations.adapters.sql import SqlHolding
from modules.operations.ports import Ending
from shared_kernel.adapters.sql import Database
from shared_kernel.application import Caller, origin
from shared_kernel.application.operations import (
    OperationKinds,
    Operations,
    RowResult,
    Run,
    Severity,
)
from shared_kernel.domain import AccountId, Conflict
from shared_kernel.module import Services
from tests.kit.cluster import TestDatabase
from tests.kit.people import People, Person
from tests.kit.running import running

PLACE = "/v1/operations"
KINDS = ["tests.count"]


class OutOfStone(Conflict):
    """There is nothing left to count."""


@dataclass
class Counting:
    """Counts what it is told to, and waits to be allowed to end."""

    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    actors: list[object] = field(default_factory=list[object])
    cleared: list[Mapping[str, object]] = field(default_factory=list[Mapping[str, object]])

    async def __call__(self, run: Run, request: Mapping[str, object]) -> Mapping[str, object]:
        self.actors += [origin.get().actor_id, run.caller.id]
        count = cast("int", request["count"])
        run.progress(1, count)
        await run.report([note(n) for n in range(1, count + 1)])
        if request.get("wait"):
            await self.go_on.wait()
        if request.get("fail") == "refused":
            raise OutOfStone("there is no stone left")
        if request.get("fail") == "defect":
            raise KeyError("secret")
        run.progress(count, count)
        return {"counted": count}

    async def over(self, request: Mapping[str, object]) -> None:
        self.cleared.append(request)


def note(row: int) -> RowResult:
    return RowResult(row=row, line=row, severity=Severity.ERROR, code="tests.odd", message="odd")


@dataclass
class Yard:
    """An application whose modules count things."""

    app: FastAPI
    people: People
    work: Counting

    async def start(self, person: Person, **request: object) -> str:
        services: Services = self.app.state.services
        caller = Caller(AccountId(person.id), uuid4())
        id = await services.get(Operations).start(caller, "tests.count", {"count": 2, **request})
        return f"{PLACE}/{id}"

    async def cleared(self, *requests: Mapping[str, object]) -> None:
        """Wait until what was kept for these is cleared away."""

        async def look() -> Sequence[Mapping[str, object]]:
            return self.work.cleared

        await until(look, lambda seen: seen == [*requests])


@pytest_asyncio.fixture
async def yard(settings: PlatformSettings, clean: None) -> AsyncGenerator[Yard]:
    work = Counting()
    kinds = OperationKinds(works={"tests.count": lambda: work})
    async with running(settings, replace={OperationKinds: kinds}) as app:
        people = People(app)
        yield Yard(app, people, work)
        await people.close()


async def until(look: Callable[[], Awaitable[Any]], wanted: Callable[[Any], bool]) -> Any:
    """Look again and again until it is as wanted; return what was seen."""
    async with asyncio.timeout(20):
        while not wanted(seen := await look()):  # noqa: ASYNC110 - it is another process's to say
            await asyncio.sleep(0.05)
    return seen


async def ended(person: Person, place: str, state: str) -> dict[str, Any]:
    async def look() -> dict[str, Any]:
        return cast("dict[str, Any]", (await person.http.get(place)).json())

    return cast("dict[str, Any]", await until(look, lambda seen: seen["state"] == state))


async def test_an_operation_is_done_and_tells_what_came_of_it(yard: Yard) -> None:
    person = await yard.people.register()
    place = await yard.start(person)
    seen = await ended(person, place, "succeeded")
    assert (seen["result"], seen["progress"]) == ({"counted": 2}, {"done": 2, "total": 2})
    assert seen["finished_at"] >= seen["started_at"] >= seen["created_at"]
    assert (seen["kind"], seen["error"]) == ("tests.count", None)
    assert yard.work.actors == [person.id, person.id]
    await yard.cleared({"count": 2})


async def test_what_there_is_to_say_about_rows_is_read_page_by_page(yard: Yard) -> None:
    person = await yard.people.register()
    place = await yard.start(person, count=5)
    await ended(person, place, "succeeded")
    first = await person.http.get(f"{place}/results", params={"limit": 3})
    assert [one["row"] for one in first.json()["items"]] == [1, 2, 3]
    cursor = first.json()["next_cursor"]
    rest = await person.http.get(f"{place}/results", params={"limit": 3, "cursor": cursor})
    assert [one["row"] for one in rest.json()["items"]] == [4, 5]
    assert rest.json()["items"][0] == {
        "row": 4,
        "line": 4,
        "severity": "error",
        "code": "tests.odd",
        "message": "odd",
        "pointer": None,
    }


async def test_only_who_started_it_and_the_entitled_see_it(yard: Yard) -> None:
    person, other = await yard.people.register(), await yard.people.register()
    place = await yard.start(person, wait=True)
    for path in (place, f"{place}/results"):
        assert (await other.http.get(path)).status_code == 404
    assert (await other.http.post(f"{place}/cancel")).status_code == 404
    assert (await other.http.get(PLACE)).json()["items"] == []
    assert len((await person.http.get(PLACE)).json()["items"]) == 1
    administrator = await yard.people.register("administrator")
    assert (await administrator.http.get(place)).status_code == 200
    yard.work.go_on.set()


@pytest.mark.parametrize(
    ("fail", "code", "message"),
    [
        ("refused", "out_of_stone", "there is no stone left"),
        ("defect", "internal_error", "something went wrong; it was logged"),
    ],
)
async def test_a_failure_has_a_code_and_gives_nothing_away(
    yard: Yard, fail: str, code: str, message: str
) -> None:
    person = await yard.people.register()
    seen = await ended(person, await yard.start(person, fail=fail), "failed")
    assert (seen["error"], seen["result"]) == ({"code": code, "message": message}, None)
    await yard.cleared({"count": 2, "fail": fail})


async def test_what_is_running_ends_soon_after_it_is_cancelled(yard: Yard) -> None:
    person = await yard.people.register()
    place = await yard.start(person, wait=True)
    await ended(person, place, "running")
    answer = await person.http.post(f"{place}/cancel")
    assert (answer.status_code, answer.json()["cancelling"]) == (202, True)
    await ended(person, place, "cancelled")
    await yard.cleared({"count": 2, "wait": True})
    late = await person.http.post(f"{place}/cancel")
    assert (late.status_code, late.json()["code"]) == (409, "operations.already_over")


async def test_so_many_are_done_at_once_and_the_others_wait(yard: Yard) -> None:
    person = await yard.people.register()
    places = [await yard.start(person, wait=True) for _ in range(3)]
    for place in places[:2]:
        await ended(person, place, "running")
    assert (await person.http.get(places[2])).json()["state"] == "queued"
    await person.http.post(f"{places[2]}/cancel")
    await ended(person, places[2], "cancelled")
    yard.work.go_on.set()
    for place in places[:2]:
        await ended(person, place, "succeeded")


async def test_what_a_stopping_process_was_doing_is_done_by_the_next(
    settings: PlatformSettings, people: People, clean: None
) -> None:
    person = await people.register()
    places = list[str]()
    for last in (False, True):
        work = Counting()
        work.go_on.set() if last else None
        kinds = OperationKinds(works={"tests.count": lambda work=work: work})  # type: ignore[misc]  # the default says which
        async with running(settings, replace={OperationKinds: kinds}) as app:
            places = places or [await Yard(app, people, work).start(person, wait=True)]
            await ended(person, places[0], "succeeded" if last else "running")
        if not last:
            assert (await person.http.get(places[0])).json()["state"] == "queued"
    results = await person.http.get(f"{places[0]}/results")
    assert len(results.json()["items"]) == 2


@dataclass
class Processes:
    """Two processes of one machine, as operations see them, and the database below them."""

    one: SqlHolding
    other: SqlHolding
    sql: asyncpg.Connection

    async def started(self) -> UUID:
        id = uuid4()
        await self.sql.execute(
            """insert into operations.operations
            (id, version, kind, account_id, request, asked, node, state, cancelling, created_at)
            values ($1, 1, 'tests.count', $1, '{"count": 1}', '{}', $2, 'queued', false, now())""",
            id,
            self.one.node,
        )
        return id

    async def die(self) -> None:
        """Let so much time pass that whoever holds something is taken for dead."""
        past = "update operations.operations set held_until = now() - interval '1 second'"
        await self.sql.execute(past)

    async def state(self) -> tuple[object, ...]:
        told = "select state, error_code, attempts from operations.operations"
        return tuple(await self.sql.fetchrow(told) or ())


@pytest_asyncio.fixture
async def processes(database: TestDatabase, clean: None) -> AsyncGenerator[Processes]:
    opened = Database(database.app_url)
    connection = await asyncpg.connect(database.owner_url)
    yield Processes(SqlHolding(opened), SqlHolding(opened), connection)
    await connection.close()
    await opened.close()


async def test_one_operation_is_done_by_one_process(processes: Processes) -> None:
    await processes.started()
    taken = await asyncio.gather(*(one.take(KINDS) for one in [processes.one, processes.other] * 5))
    assert len([one for one in taken if one is not None]) == 1


async def test_what_a_killed_process_was_doing_is_taken_over_and_its_last_word_is_not_heard(
    processes: Processes,
) -> None:
    id = await processes.started()
    assert await processes.one.take(KINDS) is not None
    assert await processes.other.take(KINDS) is None
    assert await processes.one.hold(id, 1, 2) is False
    await processes.die()
    taken = await processes.other.take(KINDS)
    assert taken is not None
    assert taken.id == id
    assert await processes.one.hold(id, 2, 2) is None
    assert not await processes.one.finish(id, Ending(state="failed"), 2, 2)
    assert await processes.other.finish(id, Ending(state="succeeded", result={}), 2, 2)
    assert await processes.state() == ("succeeded", None, 2)


async def test_what_kills_every_process_is_told_failed(processes: Processes) -> None:
    await processes.started()
    for _ in range(3):
        assert await processes.one.take(KINDS) is not None
        await processes.die()
    assert await processes.other.take(KINDS) is None
    assert await processes.other.bury() == [("tests.count", {"count": 1})]
    assert await processes.state() == ("failed", "operations.interrupted", 3)


async def test_another_machine_leaves_it_alone(processes: Processes) -> None:
    await processes.started()
    elsewhere = SqlHolding(processes.one.database, node="elsewhere")
    assert await elsewhere.take(KINDS) is None


async def test_what_ended_long_ago_is_forgotten_with_its_results(processes: Processes) -> None:
    id = await processes.started()
    await processes.one.take(KINDS)
    await processes.one.report(id, [note(1)])
    await processes.one.finish(id, Ending(state="succeeded", result={}), 1, 1)
    assert await processes.one.forget(30) == 0
    await processes.sql.execute(
        "update operations.operations set finished_at = now() - interval '31 days'"
    )
    assert await processes.one.forget(30) == 1
    assert await processes.sql.fetchval("select count(*) from operations.results") == 0
