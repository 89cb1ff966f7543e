"""Identities of an account: how they get there, and what never leads to one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import pytest

from tests.identity.federation.browsers import (
    EXCHANGE,
    MINE,
    Browser,
    me,
    proven,
    rows,
    verify_address,
)
from tests.kit.cluster import TestDatabase
from tests.kit.oidc_peers import Peer
from tests.kit.people import PASSWORD, People

pytestmark = pytest.mark.xdist_group("providers")


async def test_an_address_leads_to_no_account_that_is_there_already(
    browser: Browser, peers: Sequence[Peer], people: People, database: TestDatabase
) -> None:
    """Neither does the owner of the address get into it, nor who registered it before them."""
    body = {"email": "Ada@Example.com", "password": PASSWORD}
    assert (await browser.http.post("/v1/identity/register", json=body)).status_code == 202
    for peer in peers:
        answer = await browser.http.post(EXCHANGE, json=await proven(browser, peer))
        assert answer.json()["code"] == "identity.address_has_account"
        assert answer.status_code == 409
    assert len(await rows(database, "select 1 from identity.federated_identities")) == 0


async def test_an_address_the_provider_has_not_verified_is_never_used(
    browser: Browser, peers: Sequence[Peer], people: People, database: TestDatabase
) -> None:
    for peer in peers:
        body = await proven(browser, peer, "unverified-ivan")
        answer = await browser.http.post(EXCHANGE, json=body)
        assert answer.json()["code"] == "identity.address_not_vouched_for"
    assert len(await rows(database, "select 1 from identity.accounts")) == 0
    person = await people.register()
    await verify_address(database, person)
    linked = await person.http.post(MINE, json=await proven(browser, peers[0], "unverified-ivan"))
    assert linked.status_code == 204
    stored = str(await rows(database, "select * from identity.federated_identities"))
    assert "unverified-ivan@example.com" not in stored


async def test_an_identity_is_linked_listed_used_and_unlinked(
    browser: Browser, north: Peer, people: People, database: TestDatabase
) -> None:
    person = await people.register()
    await verify_address(database, person)
    body = await proven(browser, north)
    assert (await person.http.post(MINE, json=body)).status_code == 204
    assert (await person.http.post(MINE, json=body)).status_code == 401  # the code is used up
    repeated = await person.http.post(MINE, json=await proven(browser, north))
    assert repeated.status_code == 204
    (listed,) = (await person.http.get(MINE)).json()["items"]
    assert (listed["provider"], listed["label"]) == ("north", "ada@example.com")
    signed = await browser.http.post(EXCHANGE, json=await proven(browser, north))
    assert (await me(browser, signed))["id"] == str(person.id)

    assert (await person.http.delete(f"{MINE}/{listed['id']}")).status_code == 204
    assert (await person.http.get(MINE)).json()["items"] == []
    told = await rows(
        database, "select action from audit.events where subject_id = $1 order by id", person.id
    )
    actions = [one["action"] for one in told if "Identity" in one["action"]]
    assert actions == ["identity.IdentityLinked", "identity.IdentityUnlinked"]


async def test_linking_asks_for_a_verified_address(
    browser: Browser, north: Peer, people: People
) -> None:
    """Who registered a stranger's address cannot leave a way in behind for later."""
    person = await people.register()
    answer = await person.http.post(MINE, json=await proven(browser, north))
    assert (answer.status_code, answer.json()["code"]) == (403, "identity.address_not_verified")


async def test_an_identity_opens_one_account(
    browser: Browser, north: Peer, people: People, database: TestDatabase
) -> None:
    person, other = await people.register(), await people.register()
    for one in (person, other):
        await verify_address(database, one)
    assert (await person.http.post(MINE, json=await proven(browser, north))).status_code == 204
    answer = await other.http.post(MINE, json=await proven(browser, north))
    assert (answer.status_code, answer.json()["code"]) == (409, "identity.identity_taken")
    (listed,) = (await person.http.get(MINE)).json()["items"]
    foreign = await other.http.delete(f"{MINE}/{listed['id']}")
    unknown = await other.http.delete(f"{MINE}/{uuid4()}")
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.json()["detail"] == unknown.json()["detail"]


async def test_the_last_way_in_stays(
    browser: Browser, north: Peer, south: Peer, database: TestDatabase
) -> None:
    signed = await browser.http.post(EXCHANGE, json=await proven(browser, north))
    headers = {"authorization": f"Bearer {signed.json()['access_token']}"}
    (only,) = (await browser.http.get(MINE, headers=headers)).json()["items"]
    refused = await browser.http.delete(f"{MINE}/{only['id']}", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "identity.last_way_in")
    body = await proven(browser, south, "grace")
    assert (await browser.http.post(MINE, json=body, headers=headers)).status_code == 204
    both = (await browser.http.get(MINE, headers=headers)).json()["items"]
    answers = await asyncio.gather(
        *(browser.http.delete(f"{MINE}/{one['id']}", headers=headers) for one in both)
    )
    assert sorted(one.status_code for one in answers) == [204, 409]
    assert len(await rows(database, "select 1 from identity.federated_identities")) == 1


async def test_closing_an_account_frees_its_identities(
    browser: Browser, north: Peer, people: People, database: TestDatabase
) -> None:
    person = await people.register()
    await verify_address(database, person)
    assert (await person.http.post(MINE, json=await proven(browser, north))).status_code == 204
    closed = await person.http.request("DELETE", "/v1/identity/me", json={"password": PASSWORD})
    assert closed.status_code == 204
    for _ in range(200):  # the event is delivered in its own time
        if not await rows(database, "select 1 from identity.federated_identities"):
            break
        await asyncio.sleep(0.05)
    answer = await browser.http.post(EXCHANGE, json=await proven(browser, north))
    assert (await me(browser, answer))["id"] != str(person.id)
