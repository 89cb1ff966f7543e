"""What attackers try between a browser, its provider and us: all for nothing, and no call made."""

from __future__ import annotations

import asyncio

import pytest
from fastapi import FastAPI

from bootstrap.settings import PlatformSettings
from tests.identity.federation.browsers import (
    EXCHANGE,
    FRONT,
    Browser,
    browser_of,
    landed,
    proven,
    rows,
    served,
    verifier_and_challenge,
)
from tests.kit.cluster import TestDatabase
from tests.kit.oidc_peers import Peer

pytestmark = pytest.mark.xdist_group("providers")


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


async def test_failed_sign_ins_are_audited_without_what_they_carried(
    browser: Browser, north: Peer, database: TestDatabase
) -> None:
    await browser.answer("north", state="made-up-state", code="made-up-code")
    await browser.answer("no-such-provider", state="made-up-state", code="made-up-code")
    told = await rows(
        database,
        "select outcome, detail::text from audit.events where action = $1 order by id desc limit 2",
        "identity.provider_sign_in_failed",
    )
    assert [one["outcome"] for one in told] == ["refused"] * 2
    assert "unknown" in told[0]["detail"]
    assert "north" in told[1]["detail"]
    assert "identity.sign_in_not_started" in told[1]["detail"]
    assert "made-up" not in str(told)


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
