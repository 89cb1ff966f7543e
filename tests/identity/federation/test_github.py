"""Signing in with GitHub, which has no ID tokens."""

from __future__ import annotations

import json

import httpx2
import pytest

from tests.identity.federation.browsers import Browser, assert_refused
from tests.kit.odd_provider import OddProvider

pytestmark = pytest.mark.xdist_group("providers")


GITHUB = "/login/oauth/access_token"
USER, EMAILS = "/api/v3/user", "/api/v3/user/emails"


def github_answers(odd: OddProvider, user: object, emails: object) -> None:
    token = {"access_token": "gho_odd", "token_type": "bearer", "scope": "user:email"}
    for path, document in ((GITHUB, token), (USER, user), (EMAILS, emails)):
        odd.answers[path] = (200, {}, json.dumps(document).encode())


async def test_github_is_known_by_the_number_of_the_user(
    visitor: Browser, odd: OddProvider
) -> None:
    addresses = [
        {"email": "old@example.com", "primary": False, "verified": True},
        {"email": "octo@example.com", "primary": True, "verified": True},
    ]
    ids: set[str] = set()
    for login in ("octocat", "renamed"):
        github_answers(odd, {"id": 583231, "login": login}, addresses)
        answer = await returned_from_github(visitor)
        assert answer.status_code == 200, answer.text
        headers = {"authorization": f"Bearer {answer.json()['access_token']}"}
        me = (await visitor.http.get("/v1/identity/me", headers=headers)).json()
        ids.add(me["id"])
        assert me["email"] == "octo@example.com"
    assert len(ids) == 1
    assert "code_verifier=" in odd.asked[GITHUB]
    assert "client_secret=" in odd.asked[GITHUB]


@pytest.mark.parametrize(
    ("user", "emails", "code"),
    [
        ({"id": "583231"}, [], "identity.proof_refused"),
        ({"id": True}, [], "identity.proof_refused"),
        ({}, [], "identity.proof_refused"),
        ([], [], "identity.provider_unavailable"),
        ({"id": 1}, ["x"], "identity.provider_unavailable"),
        ({"id": 1}, {"message": "no"}, "identity.address_not_vouched_for"),
        (
            {"id": 1, "email": "boss@example.com"},
            [{"email": "boss@example.com", "primary": True, "verified": False}],
            "identity.address_not_vouched_for",
        ),
    ],
)
async def test_github_has_to_say_who_it_is_and_that_the_address_is_verified(
    visitor: Browser,
    odd: OddProvider,
    *,
    user: object,
    emails: object,
    code: str,
) -> None:
    github_answers(odd, user, emails)
    assert (await returned_from_github(visitor)).json()["code"] == code


async def test_github_answers_errors_with_200(visitor: Browser, odd: OddProvider) -> None:
    odd.answers[GITHUB] = (200, {}, b'{"error": "bad_verification_code"}')
    assert_refused(await returned_from_github(visitor))
    url = await visitor.leave("github")
    query = {"state": url.params["state"], "code": "x", "iss": "http://127.0.0.1:1"}
    calls = odd.calls[GITHUB]
    assert_refused(await visitor.answer("github", **query))
    assert odd.calls[GITHUB] == calls


async def returned_from_github(browser: Browser) -> httpx2.Response:
    url = await browser.leave("github")
    assert url.path == "/login/oauth/authorize"
    assert url.params["code_challenge_method"] == "S256"
    assert url.params["scope"] == "user:email"
    return await browser.answer("github", state=url.params["state"], code="a-code")
