"""Changes at once: each sees those before it, and each is told what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from modules.access.adapters.memory import InMemoryAuthorizer
from modules.access.adapters.sql import SqlPolicyStore
from modules.access.application.rulebook.changing import ChangePolicy
from shared_kernel.module import Services
from tests.catalog.shop import PRODUCTS, draft
from tests.kit.people import People, Person
from tests.kit.ruling import (
    ASSIGNMENTS,
    AUDIT,
    GRANTS,
    POLICIES,
    ROLES,
    VERSIONS,
    change,
    delete,
    make_policy,
    make_role,
)

pytestmark = pytest.mark.usefixtures("settled", "own_roles")

READ = "catalog.products.read"


async def test_changes_at_once_make_versions_one_after_the_other(people: People) -> None:
    administrator = await people.register(role="administrator")
    answers = await asyncio.gather(
        *(
            administrator.http.post(
                ROLES, json={"name": f"role-{number}", "permissions": [], "reason": f"{number}"}
            )
            for number in range(8)
        )
    )
    assert {one.status_code for one in answers} == {201}
    items = (await administrator.http.get(VERSIONS, params={"limit": 8})).json()["items"]
    assert len({one["version"] for one in items}) == 8
    assert {one["reason"] for one in items} == {str(number) for number in range(8)}
    newest = (await administrator.http.get(f"{VERSIONS}/{items[0]['version']}")).json()
    assert {f"role-{number}" for number in range(8)} <= newest["document"]["roles"].keys()


async def test_of_those_who_change_and_delete_a_policy_at_once_one_wins(people: People) -> None:
    administrator = await people.register(role="administrator")
    made = await make_policy(administrator, "log", "allow", AUDIT)
    answers = await asyncio.gather(
        change(administrator, POLICIES, made, enabled=False),
        delete(administrator, POLICIES, made),
        change(administrator, POLICIES, made, description="Mine."),
        delete(administrator, POLICIES, made),
    )
    codes = sorted(one.status_code for one in answers)
    assert [one for one in codes if one < 300] in ([200], [204]), codes
    assert set(codes) <= {200, 204, 404, 412}


async def test_a_role_is_not_deleted_under_who_is_given_it(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    for number in range(5):
        role = await make_role(administrator, f"brief-{number}")
        body = {"account_id": str(person.id), "role": role["name"]}
        given, gone = await asyncio.gather(
            administrator.http.post(ASSIGNMENTS, json=body), delete(administrator, ROLES, role)
        )
        assert (given.status_code, gone.status_code) in {(201, 409), (404, 204)}


async def test_what_is_shared_while_it_is_deleted_is_gone(people: People) -> None:
    owner, friend = await people.register(role="editor"), await people.register()
    for _ in range(5):
        thing: dict[str, Any] = (await draft(owner.http)).json()
        place = f"{PRODUCTS}/{thing['id']}"
        body = {
            "resource": "catalog.products",
            "object_id": thing["id"],
            "permission": READ,
            "account_id": str(friend.id),
        }
        shared, gone = await asyncio.gather(
            owner.http.post(GRANTS, json=body),
            owner.http.delete(place, headers={"if-match": '"v1"'}),
        )
        assert shared.status_code in {201, 404}
        assert gone.status_code == 204
        assert (await friend.http.get(place)).status_code == 404


async def test_two_who_share_and_take_back_at_once_leave_one_grant_or_none(
    people: People,
) -> None:
    owner, friend = await people.register(role="editor"), await people.register()
    thing = (await draft(owner.http)).json()
    body = {
        "resource": "catalog.products",
        "object_id": thing["id"],
        "permission": READ,
        "account_id": str(friend.id),
    }
    first = await owner.http.post(GRANTS, json=body)
    asked = [owner.http.post(GRANTS, json=body) for _ in range(5)]
    asked += [owner.http.delete(first.headers["location"]) for _ in range(3)]
    answers: list[httpx2.Response] = await asyncio.gather(*asked)
    assert {one.status_code for one in answers} <= {201, 204, 404}
    where = {"resource": "catalog.products", "object_id": thing["id"]}
    left = (await owner.http.get(GRANTS, params=where)).json()["items"]
    assert len(left) <= 1
    seen = (await friend.http.get(f"{PRODUCTS}/{thing['id']}")).status_code == 200
    assert seen is bool(left)


async def test_what_one_is_given_does_not_wait_for_what_is_given_to_another(
    app: FastAPI, people: People
) -> None:
    administrator, other = [await people.register(role="administrator") for _ in range(2)]
    one, another = await people.register(), await people.register()
    services: Services = app.state.services
    changing = services.get(ChangePolicy)

    def given_to(
        person: Person, by: Person = administrator
    ) -> Coroutine[Any, Any, httpx2.Response]:
        body = {"account_id": str(person.id), "role": "editor"}
        return by.http.post(ASSIGNMENTS, json=body)

    async with changing() as tx:
        await tx.keep([str(one.id)], [str(administrator.id)])
        assert (await given_to(another)).status_code == 201
        assert (await given_to(other, by=other)).status_code == 201
        late = administrator.http.post(ROLES, json={"name": "late", "permissions": []})
        # One is changed here, on the rights of the next this relies, and on all the rules.
        waiting = [asyncio.create_task(it) for it in (given_to(one), given_to(administrator), late)]
        _, still = await asyncio.wait(waiting, timeout=0.5)
        assert still == {*waiting}
    assert {done.status_code for done in await asyncio.gather(*waiting)} == {201}


@pytest.mark.parametrize("attempt", range(3))
async def test_two_administrators_do_not_remove_each_other(people: People, attempt: int) -> None:
    pair = [await people.register(role="administrator") for _ in range(2)]
    listed = (await pair[0].http.get(ASSIGNMENTS)).json()["items"]
    held = {one["account_id"]: one["id"] for one in listed}
    own = [f"{ASSIGNMENTS}/{held[str(by.id)]}" for by in pair]
    answers = await asyncio.gather(pair[0].http.delete(own[1]), pair[1].http.delete(own[0]))
    assert [one.status_code for one in answers] in ([204, 403], [204, 409], [403, 204], [409, 204])
    left = [by for by in pair if (await by.http.get(ROLES)).status_code == 200]
    assert len(left) == 1, attempt


async def test_changes_of_what_is_given_make_versions_one_after_the_other(
    app: FastAPI, people: People
) -> None:
    administrator = await people.register(role="administrator")
    services: Services = app.state.services
    store, decides = services.get(SqlPolicyStore), services.get(InMemoryAuthorizer)
    before = await store.version()
    persons = [await people.register() for _ in range(10)]
    answers = await asyncio.gather(
        *(
            administrator.http.post(ASSIGNMENTS, json={"account_id": str(of.id), "role": "editor"})
            for of in persons
        )
    )
    assert {one.status_code for one in answers} == {201}
    assert await store.version() == before + 10
    assert decides.version == before + 10
    changes = await store.changes(before + 1)
    assert {*(changes.given or ())} == {of.id for of in persons}
    last = await store.changes(before + 10)
    assert len(last.given or ()) == 1, "each is noted under the version that made it"
    for person in persons:
        assert (await draft(person.http)).status_code == 201
