"""Signing in with real OpenID providers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from bootstrap.settings import PlatformSettings
from tests.identity.federation.browsers import (
    EXCHANGE,
    Browser,
    browser_of,
    landed,
    me,
    proven,
    rows,
    served,
    verifier_and_challenge,
)
from tests.kit.cluster import TestDatabase
from tests.kit.identity import MovableClock
from tests.kit.oidc_peers import Peer

pytestmark = pytest.mark.xdist_group("providers")


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


async def test_two_providers_with_one_address_are_two_people(
    browser: Browser, north: Peer, south: Peer
) -> None:
    assert (await browser.http.post(EXCHANGE, json=await proven(browser, north))).status_code == 200
    answer = await browser.http.post(EXCHANGE, json=await proven(browser, south))
    assert answer.json()["code"] == "identity.address_has_account"


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
