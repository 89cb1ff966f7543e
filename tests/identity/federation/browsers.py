"""An application that people sign in to with providers, and what their browsers do."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import asyncpg
import httpx2
from fastapi import FastAPI

from bootstrap.settings import PlatformSettings
from modules.identity.adapters.oidc import ConfiguredProviders
from modules.identity.adapters.settings import IdentitySettings
from modules.identity.domain.federated import Proof, VisitKeys
from modules.identity.ports.federation import ProviderAnswer
from shared_kernel.application import Clock
from tests.kit.cluster import TestDatabase
from tests.kit.odd_provider import Answer, OddProvider
from tests.kit.oidc_peers import Peer
from tests.kit.people import Person
from tests.kit.running import client_of, identity_settings, running

FRONT = "https://app.example.com/signed-in"
COOKIE = "__Host-oauth"
BASE = "http://127.0.0.1:8000"
EXCHANGE, MINE = "/v1/identity/oauth/exchange", "/v1/identity/me/identities"


def verifier_and_challenge() -> tuple[str, str]:
    """Return what a front end keeps, and what it sends (RFC 7636)."""
    verifier = secrets.token_urlsafe(32)
    digest = sha256(verifier.encode()).digest()
    return verifier, base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass
class Browser:
    """Somebody's browser: it keeps the cookie, and follows where it is sent."""

    http: httpx2.AsyncClient
    cookie: str | None = None
    verifier: str = field(default="", repr=False)

    @property
    def headers(self) -> dict[str, str]:
        return {"cookie": f"{COOKIE}={self.cookie}"} if self.cookie else {}

    async def authorize(self, provider: str, **query: str) -> httpx2.Response:
        """Ask to be sent to a provider."""
        path = f"/v1/identity/oauth/{provider}/authorize"
        answer = await self.http.get(path, params=query, headers=self.headers)
        if "set-cookie" in answer.headers:
            self.cookie = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]
        return answer

    async def leave(self, provider: str, *, front: bool = False) -> httpx2.URL:
        """Return where a provider's page is that one is sent to."""
        query: dict[str, str] = {}
        if front:
            self.verifier, challenge = verifier_and_challenge()
            query = {"redirect_to": FRONT, "code_challenge": challenge}
        answer = await self.authorize(provider, **query)
        assert answer.status_code == 303, answer.text
        return httpx2.URL(answer.headers["location"])

    async def come_back(self, url: httpx2.URL) -> httpx2.Response:
        """Follow the provider back."""
        return await self.http.get(url, headers=self.headers)

    async def answer(self, provider: str, **query: str) -> httpx2.Response:
        """Come back with parameters of one's own choice."""
        path = f"/v1/identity/oauth/{provider}/callback"
        return await self.http.get(path, params=query, headers=self.headers)


def landed(answer: httpx2.Response) -> dict[str, str]:
    """Return what the front end finds in its fragment."""
    assert answer.status_code == 303, answer.text
    place, _, fragment = answer.headers["location"].partition("#")
    assert place == FRONT
    return dict(httpx2.QueryParams(fragment))


def federated(providers: dict[str, Any], **changes: Any) -> IdentitySettings:
    """Return settings of identity with these providers."""
    text = json.dumps(providers)
    return identity_settings(providers=text, oauth_redirects=FRONT, **changes)


@asynccontextmanager
async def served(
    settings: PlatformSettings,
    providers: dict[str, Any],
    *,
    clock: Clock | None = None,
    **changes: Any,
) -> AsyncGenerator[FastAPI]:
    """Run an application that knows these providers."""
    known: dict[type[Any], Any] = {IdentitySettings: federated(providers, **changes)}
    if clock is not None:
        known[Clock] = clock
    async with running(settings, replace=known) as app:
        yield app


@asynccontextmanager
async def browser_of(app: FastAPI) -> AsyncGenerator[Browser]:
    """Open a browser."""
    async with client_of(app) as http:
        yield Browser(http)


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


async def returned(browser: Browser, odd: OddProvider, name: str = "odd") -> httpx2.Response:
    """Go to the provider and come back at once, with a code that it takes."""
    url = await browser.leave(name)
    odd.nonce = url.params["nonce"]
    return await browser.answer(name, state=url.params["state"], code="a-code")


def assert_refused(answer: httpx2.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (403, "identity.proof_refused")
    assert "odd@example.com" not in answer.text


def assert_unavailable(answer: httpx2.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (503, "identity.provider_unavailable")
    assert int(answer.headers["retry-after"]) > 0


def tokens(id_token: object) -> Answer:
    body = {"access_token": "odd", "token_type": "Bearer", "id_token": id_token}
    return 200, {"content-type": "application/json"}, json.dumps(body).encode()


async def proof(gateway: ConfiguredProviders, odd: OddProvider, name: str = "odd") -> Proof:
    """Ask for the proof of a visit, with a code that the provider takes."""
    keys = VisitKeys("a-state", secrets.token_urlsafe(32), secrets.token_urlsafe(32))
    odd.nonce = keys.nonce
    return await gateway.prove(name, ProviderAnswer(code="a-code"), keys)
