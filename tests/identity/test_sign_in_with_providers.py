"""Signing in with real OpenID providers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from bootstrap.settings import PlatformSettings
from tests.identity.providers import (
    FRONT,
    Browser,
    browser_of,
    landed,
    served,
    verifier_and_challenge,
)
from tests.kit.cluster import TestDatabase
from tests.kit.identity import MovableClock
from tests.kit.oidc_peers import Peer, oidc_peers
from tests.kit.people import PASSWORD, People, Person

pytestmark = pytest.mark.xdist_group("providers")

EXCHANGE, MINE = "/v1/identity/oauth/exchange", "/v1/identity/me/identities"


@pytest.fixture(scope="module")
def peers() -> Generator[Sequence[Peer]]:
    with oidc_peers("http://127.0.0.1:8000") as started:
        yield started


@pytest_asyncio.fixture(scope="module")
async def site(settings: PlatformSettings, peers: Sequence[Peer]) -> AsyncGenerator[FastAPI]:
    async with served(settings, {one.name: one.settings() for one in peers}) as app:
        yield app


@pytest_asyncio.fixture
async def browser(site: FastAPI, clean: None) -> AsyncGenerator[Browser]:
    async with browser_of(site) as opened:
        yield opened


@pytest.fixture
def north(peers: Sequence[Peer]) -> Peer:
    return peers[0]


@pytest.fixture
def south(peers: Sequence[Peer]) -> Peer:
    return peers[1]


async def rows(database: TestDatabase, statement: str, *values: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database.owner_url)
    try:
        return await connection.fetch(statement, *values)
    finally:
        await connection.close()


async def proven(browser: Browser, peer: Peer, person: str = "ada") -> dict[str, str]:
    """Sign in at the provider, and return the body that uses what it proved."""
    back = await peer.sign_in(str(await browser.leave(peer.name, front=True)), person)
    found = landed(await browser.come_back(back))
    return {"code": found["code"], "code_verifier": browser.verifier}


async def me(browser: Browser, tokens: httpx2.Response) -> dict[str, str]:
    headers = {"authorization": f"Bearer {tokens.json()['access_token']}"}
    found: dict[str, str] = (await browser.http.get("/v1/identity/me", headers=headers)).json()
    return found


async def verify_address(database: TestDatabase, person: Person) -> None:
    statement = "update identity.accounts set email_verified_at = now() where id = $1"
    await rows(database, statement, person.id)


async def test_visits_last_ten_minutes_and_codes_one(
    settings: PlatformSettings, north: Peer, clean: None
) -> None:
    clock, known = MovableClock(datetime.now(UTC)), {"north": north.settings()}
    async with served(settings, known, clock=clock) as app, browser_of(app) as browser:
        late = await north.sign_in(str(await browser.leave("north")))
        used = await proven(browser, north)
        in_time = await proven(browser, north)
        clock.move(timedelta(seconds=59))
        assert (await browser.http.post(EXCHANGE, json=in_time)).status_code == 200
        clock.move(timedelta(seconds=2))
        assert (await browser.http.post(EXCHANGE, json=used)).status_code == 401
        clock.move(timedelta(minutes=9))
        answer = await browser.come_back(late)
        assert (answer.status_code, answer.json()["code"]) == (403, "identity.sign_in_not_started")


async def test_somebody_new_gets_an_account_and_finds_it_again(
    browser: Browser, peers: Sequence[Peer], database: TestDatabase
) -> None:
    for peer, person in zip(peers, ["ada", "grace"], strict=True):
        first = await browser.http.post(EXCHANGE, json=await proven(browser, peer, person))
        again = await browser.http.post(EXCHANGE, json=await proven(browser, peer, person))
        assert [first.status_code, again.status_code] == [200, 200], first.text
        assert first.headers["cache-control"] == "no-store"
        mine, later = await me(browser, first), await me(browser, again)
        assert mine["id"] == later["id"]
        assert mine["email"] == f"{person}@example.com"
        stored = await rows(
            database,
            "select password_hash, email_verified_at from identity.accounts where email = $1",
            f"{person}@example.com",
        )
        assert stored[0]["password_hash"] is None
        assert stored[0]["email_verified_at"] is not None


async def test_without_a_front_end_the_callback_answers_with_tokens(
    browser: Browser, north: Peer
) -> None:
    back = await north.sign_in(str(await browser.leave("north")))
    answer = await browser.come_back(back)
    assert answer.status_code == 200
    assert (await me(browser, answer))["email"] == "ada@example.com"
    assert answer.headers["cache-control"] == "no-store"


async def test_a_front_end_may_have_the_code_as_json(browser: Browser, north: Peer) -> None:
    verifier, challenge = verifier_and_challenge()
    sent = await browser.authorize("north", code_challenge=challenge)
    answer = await browser.come_back(await north.sign_in(sent.headers["location"]))
    body = {"code": answer.json()["code"], "code_verifier": verifier}
    assert answer.json()["expires_in"] == 60
    assert (await browser.http.post(EXCHANGE, json=body)).status_code == 200


async def test_a_browser_may_keep_the_session_in_a_cookie(browser: Browser, north: Peer) -> None:
    body = await proven(browser, north)
    same = {"sec-fetch-site": "same-origin"}
    answer = await browser.http.post(f"{EXCHANGE}?mode=cookie", json=body, headers=same)
    assert answer.status_code == 200
    assert "access_token" not in answer.json()
    assert answer.headers["set-cookie"].startswith("__Host-session=")


async def test_the_provider_gets_all_that_protects_the_visit(browser: Browser) -> None:
    answer = await browser.authorize("north")
    query = httpx2.URL(answer.headers["location"]).params
    assert query["response_type"] == "code"
    assert query["code_challenge_method"] == "S256"
    assert len(query["code_challenge"]) == 43
    assert query["scope"] == "openid email"
    assert query["redirect_uri"] == "http://127.0.0.1:8000/v1/identity/oauth/north/callback"
    assert len(query["state"]) > 43
    assert len(query["nonce"]) == 43
    set_cookie = answer.headers["set-cookie"]
    assert set_cookie.startswith("__Host-oauth=app_browser_")
    flags = {one.strip() for one in set_cookie.lower().split(";")[1:]}
    assert flags == {"max-age=600", "path=/", "secure", "httponly", "samesite=lax"}


async def test_twenty_first_sign_ins_at_once_make_one_account_with_one_small_cookie(
    browser: Browser, north: Peer, database: TestDatabase
) -> None:
    urls = [await browser.leave("north") for _ in range(20)]
    assert len(browser.headers["cookie"]) < 200
    backs = await asyncio.gather(*(north.sign_in(str(one)) for one in urls))
    answers = await asyncio.gather(*(browser.come_back(one) for one in backs))
    assert {one.status_code for one in answers} == {200}
    assert len({(await me(browser, one))["id"] for one in answers}) == 1
    assert len(await rows(database, "select 1 from identity.accounts")) == 1
    assert len(await rows(database, "select 1 from identity.federated_identities")) == 1


async def test_a_visit_is_of_use_once_however_many_come_back_with_it(
    browser: Browser, north: Peer
) -> None:
    back = await north.sign_in(str(await browser.leave("north")))
    before = await north.token_calls() if north.strict else 0
    answers = await asyncio.gather(*(browser.come_back(back) for _ in range(20)))
    assert sorted(one.status_code for one in answers) == [200] + [403] * 19
    if north.strict:
        assert await north.token_calls() == before + 1


async def test_another_browser_cannot_finish_what_this_one_started(
    site: FastAPI, browser: Browser, north: Peer
) -> None:
    back = await north.sign_in(str(await browser.leave("north")))
    before = await north.token_calls() if north.strict else 0
    async with browser_of(site) as victim:
        without = await victim.come_back(back)
        await victim.leave("north")
        with_another = await victim.come_back(back)
    for answer in (without, with_another):
        assert (answer.status_code, answer.json()["code"]) == (403, "identity.sign_in_not_started")
    if north.strict:
        assert await north.token_calls() == before


async def test_a_state_that_is_not_ours_costs_the_provider_no_call(
    browser: Browser, north: Peer
) -> None:
    back = await north.sign_in(str(await browser.leave("north")))
    before = await north.token_calls() if north.strict else 0
    state = back.params["state"]
    for made_up in (
        "",
        "x",
        state[:-1],
        state[:-1] + "~",
        f"{state} ",
        state.upper(),
        "\u00e9" * 9,
    ):
        answer = await browser.come_back(back.copy_set_param("state", made_up))
        assert (answer.status_code, answer.json()["code"]) == (403, "identity.sign_in_not_started")
    assert (await browser.come_back(back.copy_remove_param("state"))).status_code == 403
    if north.strict:
        assert await north.token_calls() == before
    assert (await browser.come_back(back)).status_code == 200


async def test_an_answer_of_another_provider_is_refused_before_any_call(
    browser: Browser, north: Peer, south: Peer
) -> None:
    if not north.strict:
        pytest.skip("the simple providers do not say who answers")
    before = await north.token_calls(), await south.token_calls()
    for change in ("path", "iss", "no iss"):
        back = await north.sign_in(str(await browser.leave("north")))
        assert back.params["iss"] == north.issuer
        if change == "path":
            back = back.copy_with(path="/v1/identity/oauth/south/callback")
        elif change == "iss":
            back = back.copy_set_param("iss", south.issuer)
        else:
            back = back.copy_remove_param("iss")
        answer = await browser.come_back(back)
        assert answer.status_code == 403, change
        assert (await browser.come_back(back)).json()["code"] == "identity.sign_in_not_started"
    assert (await north.token_calls(), await south.token_calls()) == before


async def test_whoever_turns_back_at_the_provider_is_told_so(browser: Browser, north: Peer) -> None:
    if not north.strict:
        pytest.skip("nobody can turn back at the simple providers")
    back = await north.sign_in(str(await browser.leave("north")), "nobody")
    answer = await browser.come_back(back)
    assert (answer.status_code, answer.json()["code"]) == (403, "identity.provider_refused")
    back = await north.sign_in(str(await browser.leave("north", front=True)), "nobody")
    assert landed(await browser.come_back(back)) == {"error": "identity.provider_refused"}


async def test_a_code_from_elsewhere_is_refused_by_pkce(
    site: FastAPI, browser: Browser, north: Peer
) -> None:
    """A stolen code is put into a sign-in of the thief's own (RFC 9700, section 4.5)."""
    if not north.strict:
        pytest.skip("the simple providers know nothing of PKCE")
    stolen = await north.sign_in(str(await browser.leave("north")))
    async with browser_of(site) as thief:
        own = await north.sign_in(str(await thief.leave("north")), "grace")
        answer = await thief.come_back(own.copy_set_param("code", stolen.params["code"]))
    assert (answer.status_code, answer.json()["code"]) == (403, "identity.proof_refused")


async def test_a_sign_in_code_works_once_and_for_its_front_end_only(
    browser: Browser, north: Peer
) -> None:
    body = await proven(browser, north)
    answers = await asyncio.gather(*(browser.http.post(EXCHANGE, json=body) for _ in range(20)))
    assert sorted(one.status_code for one in answers) == [200] + [401] * 19
    assert {one.json()["code"] for one in answers if one.status_code == 401} == {
        "identity.sign_in_code_refused"
    }
    stolen = await proven(browser, north)
    other, _ = verifier_and_challenge()
    refused = await browser.http.post(EXCHANGE, json={**stolen, "code_verifier": other})
    assert refused.status_code == 401
    assert (await browser.http.post(EXCHANGE, json=stolen)).status_code == 401


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


async def test_two_providers_with_one_address_are_two_people(
    browser: Browser, north: Peer, south: Peer
) -> None:
    assert (await browser.http.post(EXCHANGE, json=await proven(browser, north))).status_code == 200
    answer = await browser.http.post(EXCHANGE, json=await proven(browser, south))
    assert answer.json()["code"] == "identity.address_has_account"


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
    events = await rows(database, "select kind from platform.outbox where kind like '%Identity%'")
    assert {one["kind"] for one in events} == {
        "identity.IdentityLinked",
        "identity.IdentityUnlinked",
    }


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


async def test_a_suspended_account_is_not_entered_by_a_provider(
    browser: Browser, north: Peer, database: TestDatabase
) -> None:
    await browser.http.post(EXCHANGE, json=await proven(browser, north))
    await rows(database, "update identity.accounts set status = 'suspended'")
    answer = await browser.http.post(EXCHANGE, json=await proven(browser, north))
    assert (answer.status_code, answer.json()["code"]) == (403, "identity.account_not_open")


async def test_only_names_of_providers_are_shown_and_known(browser: Browser) -> None:
    listed = await browser.http.get("/v1/identity/oauth/providers")
    assert listed.json() == {"providers": ["north", "south"]}
    assert (await browser.authorize("east")).status_code == 404
    assert (await browser.answer("east", state="x", code="x")).status_code == 403


HOSTILE = [
    "//evil.example/signed-in",
    "///evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:\\\\evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "https://evil.example/signed-in",
    "http://app.example.com/signed-in",
    "https://app.example.com.evil.example/signed-in",
    "https://app.example.com@evil.example/signed-in",
    "https://evil.example#@app.example.com/signed-in",
    "https://evil.example?https://app.example.com/signed-in",
    "https://evil.example\\@app.example.com/signed-in",
    "https://app.example.com:8443/signed-in",
    "https://app.example.com/signed-in/../admin",
    "https://app.example.com/signed-in?next=//evil.example",
    "https://app.example.com/signed-in#",
    "https://app.example.com/signed-in ",
    " https://app.example.com/signed-in",
    "https://app.example.com/signed-in%0d%0aSet-Cookie:%20a=b",
    "https://app.example.com/signed-in\r\nSet-Cookie: a=b",
    "https://\u0430pp.example.com/signed-in",
    "https://app.example\u3002com/signed-in",
    "HTTPS://APP.EXAMPLE.COM/signed-in",
    "javascript:alert(1)//https://app.example.com/signed-in",
    "data:text/html,<script>alert(1)</script>",
    "app.example.com/signed-in",
    "",
]


async def test_nobody_is_sent_anywhere_but_to_the_front_end(browser: Browser) -> None:
    _, challenge = verifier_and_challenge()
    assert len(HOSTILE) >= 25
    for target in HOSTILE:
        answer = await browser.authorize("north", redirect_to=target, code_challenge=challenge)
        assert answer.status_code in {400, 422}, target
        assert "location" not in answer.headers
        assert "set-cookie" not in answer.headers
        assert "evil" not in answer.text


async def test_a_front_end_has_to_bring_a_challenge(browser: Browser) -> None:
    for query in ({"redirect_to": FRONT}, {"redirect_to": FRONT, "code_challenge": "short"}):
        assert (await browser.authorize("north", **query)).status_code == 422


async def test_nothing_secret_of_a_sign_in_is_stored_as_it_is(
    browser: Browser, north: Peer, database: TestDatabase
) -> None:
    url = await browser.leave("north", front=True)
    stored = str(await rows(database, "select * from identity.provider_visits"))
    for secret in (url.params["state"], url.params["nonce"], browser.cookie or "?"):
        assert secret not in stored
    found = landed(await browser.come_back(await north.sign_in(str(url))))
    assert await rows(database, "select 1 from identity.provider_visits") == []
    assert found["code"] not in str(await rows(database, "select * from identity.provider_proofs"))


async def test_too_many_sign_ins_of_one_client_have_to_wait(
    settings: PlatformSettings, north: Peer, clean: None
) -> None:
    known = {"north": north.settings()}
    async with served(settings, known, attempts_per_client=4) as app, browser_of(app) as browser:
        limited = [await browser.authorize("north") for _ in range(5)]
        assert [one.status_code for one in limited] == [303] * 4 + [429]
        before = await north.token_calls() if north.strict else 0
        back = await browser.answer("north", state="x", code="x")
        used = await browser.http.post(EXCHANGE, json={"code": "x", "code_verifier": "v" * 43})
        for answer in (limited[-1], back, used):
            assert (answer.status_code, answer.json()["code"]) == (
                429,
                "identity.too_many_attempts",
            )
            assert int(answer.headers["retry-after"]) > 0
        if north.strict:
            assert await north.token_calls() == before
