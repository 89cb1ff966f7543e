"""A system is never left without an administrator, whichever way the last one would go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx2
import pytest

from tests.kit.people import PASSWORD, People, Person
from tests.kit.programs import a_program
from tests.kit.ruling import ASSIGNMENTS, ROLES, make_role, refusal

pytestmark = pytest.mark.usefixtures("settled", "own_roles")

ME, USERS = "/v1/identity/me", "/v1/identity/users"
LAST = (409, "access.last_administrator")

Leave = Callable[[Person], Awaitable[httpx2.Response]]


async def closing(person: Person) -> httpx2.Response:
    """Close one's own account."""
    return await person.http.request("DELETE", ME, json={"password": PASSWORD})


async def erasing(person: Person) -> httpx2.Response:
    """Have one's own account erased."""
    return await person.http.post(f"{ME}/erase", json={"password": PASSWORD})


@pytest.mark.parametrize("leave", [closing, erasing])
async def test_the_last_administrator_does_not_close_their_account(
    people: People, leave: Leave
) -> None:
    only, viewer = await people.register(role="administrator"), await people.register()
    assert refusal(await leave(only)) == LAST
    assert (await only.http.get(ROLES)).status_code == 200
    assert (await leave(viewer)).status_code == 204
    other = await people.register(role="administrator")
    assert (await leave(only)).status_code == 204
    assert refusal(await leave(other)) == LAST


async def test_a_program_that_administers_is_no_other_administrator(people: People) -> None:
    only = await people.register(role="administrator")
    await a_program(only, "robot", role="administrator")
    assert refusal(await closing(only)) == LAST


@pytest.mark.parametrize("attempt", range(3))
async def test_of_two_who_close_their_accounts_at_once_one_stays(
    people: People, attempt: int
) -> None:
    pair = [await people.register(role="administrator") for _ in range(2)]
    answers = await asyncio.gather(*(closing(one) for one in pair))
    assert sorted(one.status_code for one in answers) == [204, 409], attempt
    stays = pair[[one.status_code for one in answers].index(409)]
    assert (await stays.http.get(ROLES)).status_code == 200


async def test_one_who_closes_and_one_who_gives_the_role_up_do_not_both_go(
    people: People,
) -> None:
    one, two = [await people.register(role="administrator") for _ in range(2)]
    held = (await one.http.get(ASSIGNMENTS, params={"account_id": str(two.id)})).json()["items"]
    place = f"{ASSIGNMENTS}/{held[0]['id']}"
    closed, gave_up = await asyncio.gather(
        closing(one), two.http.delete(place, params={"force": "true"})
    )
    assert sorted((closed.status_code, gave_up.status_code)) == [204, 409]


@pytest.mark.parametrize("how", ["suspend", "close"])
async def test_who_administrates_for_a_while_does_not_end_the_last_one_for_good(
    people: People, how: str
) -> None:
    last, passing = await people.register(role="administrator"), await people.register()
    body = {"account_id": str(passing.id), "role": "administrator"}
    for_a_while = {**body, "expires_at": "2999-01-01T00:00:00Z"}
    assert (await last.http.post(ASSIGNMENTS, json=for_a_while)).status_code == 201
    place = f"{USERS}/{last.id}"
    if how == "suspend":
        answer = await passing.http.post(f"{place}/suspend", json={"reason": "Away."})
    else:
        tag = (await passing.http.get(place)).headers["etag"]
        answer = await passing.http.delete(place, headers={"if-match": tag})
    assert refusal(answer) == LAST
    assert (await last.http.get(ROLES)).status_code == 200
    await make_role(last, "still-there")
