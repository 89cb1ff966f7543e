"""Sharing one object, over HTTP."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from modules.access.application.administering.sweeping import ForgetWhatIsOver
from shared_kernel.module import Services
from tests.catalog.shop import PRODUCTS, draft, publish
from tests.kit.access import until
from tests.kit.cluster import TestDatabase
from tests.kit.people import PASSWORD, People, Person
from tests.kit.ruling import GRANTS, make_policy, make_role, refusal

pytestmark = pytest.mark.usefixtures("settled", "own_roles")

RESOURCE = "catalog.products"
READ, WRITE, SHARE = (f"{RESOURCE}.{verb}" for verb in ("read", "write", "share"))


async def product_of(person: Person) -> dict[str, Any]:
    found: dict[str, Any] = (await draft(person.http)).json()
    return found


async def share(
    by: Person, thing: dict[str, Any], right: str, to: Person | None = None, **more: object
) -> httpx2.Response:
    whom = {} if to is None else {"account_id": str(to.id)}
    body = {"resource": RESOURCE, "object_id": thing["id"], "permission": right}
    return await by.http.post(GRANTS, json={**body, **whom, **more})


async def sees(person: Person, thing: dict[str, Any]) -> bool:
    answer = await person.http.get(f"{PRODUCTS}/{thing['id']}")
    assert answer.status_code in {200, 404}
    return answer.status_code == 200


async def grants_on(by: Person, thing: dict[str, Any]) -> list[dict[str, Any]]:
    where = {"resource": RESOURCE, "object_id": thing["id"]}
    answer = await by.http.get(GRANTS, params=where)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_an_owner_shares_one_product_and_takes_that_back(people: People) -> None:
    owner, friend = await people.register(role="editor"), await people.register()
    thing, other = await product_of(owner), await product_of(owner)
    assert not await sees(friend, thing)
    given = await share(owner, thing, READ, friend)
    assert given.status_code == 201, given.text
    assert (given.json()["permission"], given.json()["granted_by"]) == (READ, str(owner.id))
    assert await sees(friend, thing)
    assert not await sees(friend, other)
    listed = (await friend.http.get(PRODUCTS)).json()["items"]
    assert [one["id"] for one in listed] == [thing["id"]]
    assert (await owner.http.delete(given.headers["location"])).status_code == 204
    assert not await sees(friend, thing)
    gone = await owner.http.get(given.headers["location"])
    assert refusal(gone) == (404, "access.no_such_grant")


async def test_reading_may_be_shared_and_not_changing(people: People) -> None:
    owner, friend = await people.register(role="editor"), await people.register(role="editor")
    thing = await product_of(owner)
    await share(owner, thing, READ, friend)
    place, tag = f"{PRODUCTS}/{thing['id']}", {"if-match": '"v1"'}
    refused = await friend.http.patch(place, json={"name": "Mine"}, headers=tag)
    assert refused.status_code == 403
    assert refused.json()["decision_id"]
    await share(owner, thing, WRITE, friend)
    changed = await friend.http.patch(place, json={"name": "Ours"}, headers=tag)
    assert (changed.status_code, changed.json()["name"]) == (200, "Ours")


async def test_a_product_is_shared_with_whoever_holds_a_role(people: People) -> None:
    administrator, owner = [await people.register(role=r) for r in ("administrator", "editor")]
    await make_role(administrator, "reviewers")
    reviewer, other = await people.register(role="reviewers"), await people.register()
    thing = await product_of(owner)
    given = await share(owner, thing, READ, role="reviewers")
    assert (given.status_code, given.json()["role"]) == (201, "reviewers")
    assert (await sees(reviewer, thing), await sees(other, thing)) == (True, False)


async def test_who_may_not_share_an_object_does_not(people: People) -> None:
    owner, friend, stranger = [await people.register(role="editor") for _ in range(3)]
    thing = await product_of(owner)
    assert refusal(await share(stranger, thing, READ, friend)) == (404, "access.no_such_object")
    await share(owner, thing, READ, friend)
    refused = await share(friend, thing, READ, stranger)
    assert refusal(refused) == (403, "permission_denied")
    assert not await sees(stranger, thing)
    public = (await publish(owner.http)).json()
    assert refusal(await share(stranger, public, WRITE, stranger)) == (403, "permission_denied")


async def test_a_foreign_object_answers_like_an_unknown_one(people: People) -> None:
    owner, stranger = [await people.register(role="editor") for _ in range(2)]
    foreign, unknown = await product_of(owner), {"id": str(uuid4())}
    answers = [await share(stranger, one, READ, stranger) for one in (foreign, unknown)]
    where = [{"resource": RESOURCE, "object_id": one["id"]} for one in (foreign, unknown)]
    answers += [await stranger.http.get(GRANTS, params=one) for one in where]
    assert {refusal(one) for one in answers} == {(404, "access.no_such_object")}
    assert len({one.json()["detail"] for one in answers}) == 1


async def test_nobody_shares_what_they_may_not_do_themselves(people: People) -> None:
    administrator, owner = [await people.register(role=r) for r in ("administrator", "editor")]
    friend = await people.register()
    thing = await product_of(owner)
    when = {"attribute": "resource.owner_id", "op": "eq", "value": str(owner.id)}
    await make_policy(administrator, "frozen", "deny", WRITE, when=when)
    answer = await share(owner, thing, WRITE, friend)
    assert refusal(answer) == (403, "access.beyond_own_rights")


async def test_the_right_to_share_is_not_shared(people: People) -> None:
    owner, friend = await people.register(role="editor"), await people.register()
    answer = await share(owner, await product_of(owner), SHARE, friend)
    assert refusal(answer) == (422, "access.not_an_action")


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"resource": "catalog.unicorns"}, "access.unknown_resource"),
        ({"resource": 'catalog.products", *'}, "access.unknown_resource"),
        ({"permission": "catalog.products.fly"}, "access.unknown_permission"),
        ({"permission": "audit.events.read"}, "access.not_an_action"),
        ({"account_id": str(uuid4())}, "access.no_such_account"),
        ({"account_id": None}, "access.one_grantee"),
        ({"role": "viewer"}, "access.one_grantee"),
        ({"account_id": None, "role": "emperor"}, "access.unknown_role"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "access.already_expired"),
        ({"object_id": "everything"}, "invalid"),
        ({"permission": "x" * 10_000}, "invalid"),
    ],
)
async def test_what_cannot_be_shared_is_refused(
    people: People, members: dict[str, object], code: str
) -> None:
    owner, friend = await people.register(role="editor"), await people.register()
    thing = await product_of(owner)
    answer = await share(owner, thing, READ, friend, **members)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert await grants_on(owner, thing) == []


async def test_sharing_again_is_like_once_and_sets_the_end(people: People) -> None:
    owner, friend = await people.register(role="editor"), await people.register()
    thing = await product_of(owner)
    answers = await asyncio.gather(*(share(owner, thing, READ, friend) for _ in range(10)))
    assert len({one.json()["id"] for one in answers}) == 1
    end = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    again = await share(owner, thing, READ, friend, expires_at=end)
    assert (again.json()["id"], bool(again.json()["expires_at"])) == (answers[0].json()["id"], True)
    assert await grants_on(owner, thing) == [again.json()]


async def test_what_is_shared_ends_when_it_was_said_to_and_goes(
    people: People, database: TestDatabase
) -> None:
    owner, friend = await people.register(role="editor"), await people.register()
    thing = await product_of(owner)
    end = datetime.now(UTC) + timedelta(seconds=1)
    await share(owner, thing, READ, friend)
    await share(owner, thing, READ, friend, expires_at=end.isoformat())
    await until(lambda: datetime.now(UTC) > end, seconds=30)
    assert not await sees(friend, thing)
    services: Services = people.app.state.services
    assert (await services.get(ForgetWhatIsOver)())["object_grants"] == 1
    assert await grants_on(owner, thing) == []


async def test_grants_on_what_is_gone_go_as_well(people: People) -> None:
    owner, friend = await people.register(role="editor"), await people.register()
    thing, kept = await product_of(owner), await product_of(owner)
    for one in (thing, kept):
        await share(owner, one, READ, friend)
    place = f"{PRODUCTS}/{thing['id']}"
    assert (await owner.http.delete(place, headers={"if-match": '"v1"'})).status_code == 204
    services: Services = people.app.state.services
    assert (await services.get(ForgetWhatIsOver)())["grants on nothing"] == 1
    left = (await friend.http.get(f"{GRANTS}/mine")).json()["items"]
    assert [one["object_id"] for one in left] == [kept["id"]]


async def test_everybody_sees_what_is_shared_with_them_and_may_give_it_up(people: People) -> None:
    owner, friend, stranger = [await people.register(role="editor") for _ in range(3)]
    thing = await product_of(owner)
    given = await share(owner, thing, READ, friend)
    place = given.headers["location"]
    assert (await friend.http.get(f"{GRANTS}/mine")).json()["items"] == [given.json()]
    assert (await friend.http.get(place)).json() == given.json()
    assert (await stranger.http.get(f"{GRANTS}/mine")).json()["items"] == []
    for method in ("GET", "DELETE"):
        answer = await stranger.http.request(method, place)
        assert refusal(answer) == (404, "access.no_such_grant")
    refused = await friend.http.get(GRANTS, params={"resource": RESOURCE, "object_id": thing["id"]})
    assert refusal(refused) == (403, "permission_denied")
    assert (await friend.http.delete(place)).status_code == 204
    assert not await sees(friend, thing)


async def test_a_closed_account_loses_what_was_shared_with_it(
    people: People, database: TestDatabase
) -> None:
    owner, friend = await people.register(role="editor"), await people.register()
    thing = await product_of(owner)
    await share(owner, thing, READ, friend)
    body = {"password": PASSWORD}
    closed = await friend.http.request("DELETE", "/v1/identity/me", json=body)
    assert closed.status_code == 204, closed.text
    connection = await asyncpg.connect(database.owner_url)
    try:
        async with asyncio.timeout(30):
            counted = "select count(*) from access.object_grants"
            while await connection.fetchval(counted):  # noqa: ASYNC110 - no event tells it
                await asyncio.sleep(0.1)
    finally:
        await connection.close()
    assert await grants_on(owner, thing) == []
    assert refusal(await share(owner, thing, READ, friend)) == (422, "access.no_such_account")


async def test_sharing_is_in_the_audit_log_of_the_object(people: People) -> None:
    administrator, owner = [await people.register(role=r) for r in ("administrator", "editor")]
    friend = await people.register()
    thing = await product_of(owner)
    given = await share(owner, thing, READ, friend)
    await owner.http.delete(given.headers["location"])
    log = await administrator.http.get("/v1/audit/events", params={"subject_id": thing["id"]})
    entries = [one for one in log.json()["items"] if one["action"].startswith("access.")]
    assert [one["action"] for one in entries] == ["access.ObjectUnshared", "access.ObjectShared"]
    assert entries[1]["detail"] == {
        "resource": RESOURCE,
        "permission": READ,
        "account_id": str(friend.id),
    }
    assert {one["actor_id"] for one in entries} == {str(owner.id)}
