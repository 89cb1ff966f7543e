"""A key that is revoked in one application is refused in another at its next request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from bootstrap.settings import PlatformSettings
from modules.identity.application.callers import BearerCallers
from modules.identity.application.cookies import CookieCallers
from modules.identity.application.key_callers import KeyCallers
from modules.identity.domain.account import Account, EmailAddress
from modules.identity.domain.api_key import ApiKey
from modules.identity.domain.api_secret import ApiKeyRefused, ApiSecret, SecretKind
from modules.identity.domain.throttle import Flow, TooManyAttempts
from shared_kernel.adapters.signals import Signals
from shared_kernel.adapters.sql import Database
from shared_kernel.application import Caller, Credentials, Means
from tests.kit.identity import (
    LIMITS,
    NOON,
    IdentityInMemory,
    MovableClock,
    PlainAccessTokens,
)
from tests.kit.identity_api_keys import CountedSecrets, KeysInMemory, RememberedUses
from tests.kit.identity_cookies import KeptSessionsInMemory
from tests.kit.people import PASSWORD, People
from tests.kit.programs import (
    MY_KEYS,
    SERVICES,
    Program,
    a_key,
    a_program,
    bearer,
    drafting,
)
from tests.kit.running import running
from tests.kit.throttle import PatientThrottle

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest_asyncio.fixture
async def elsewhere(settings: PlatformSettings, people: People) -> AsyncGenerator[FastAPI]:
    """Another application over the same database, which hears no signals."""
    async with running(settings, replace={Signals: Signals(Database(NOWHERE))}) as other:
        yield other


async def works(app: FastAPI, text: str) -> None:
    """Use a key until it works: the role of its owner comes to be known there within a second."""
    async with asyncio.timeout(10):
        while (await drafting(app, text, f"SLATE-{uuid4().hex}")).status_code == 403:  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.05)
    assert (await drafting(app, text, f"SLATE-{uuid4().hex}")).status_code == 201


async def test_revoking_a_key_is_known_elsewhere_at_once(
    elsewhere: FastAPI, people: People
) -> None:
    person = await people.register(role="editor")
    made = await a_key(person)
    await works(elsewhere, made["key"])
    await person.http.delete(f"{MY_KEYS}/{made['id']}")
    assert (await drafting(elsewhere, made["key"], "SLATE-2")).status_code == 401


async def test_rotating_a_key_without_overlap_is_known_elsewhere_at_once(
    elsewhere: FastAPI, people: People
) -> None:
    person = await people.register(role="editor")
    made = await a_key(person)
    await works(elsewhere, made["key"])
    path = f"{MY_KEYS}/{made['id']}/rotate"
    rotated = await person.http.post(path, json={}, headers={"if-match": '"v1"'})
    assert (await drafting(elsewhere, made["key"], "SLATE-2")).status_code == 401
    assert (await drafting(elsewhere, rotated.json()["key"], "SLATE-2")).status_code == 201


async def test_closing_the_account_is_known_elsewhere_at_once(
    elsewhere: FastAPI, people: People
) -> None:
    person = await people.register(role="editor")
    made = await a_key(person)
    await works(elsewhere, made["key"])
    await person.http.request("DELETE", "/v1/identity/me", json={"password": PASSWORD})
    assert (await drafting(elsewhere, made["key"], "SLATE-2")).status_code == 401


@pytest.mark.parametrize("how", ["secret revoked", "account disabled", "account deleted"])
async def test_a_token_ends_with_the_secret_it_was_made_of(
    elsewhere: FastAPI, people: People, client: httpx2.AsyncClient, how: str
) -> None:
    administrator = await people.register(role="administrator")
    program = await a_program(administrator, "importer")
    token = (await program.token(client)).json()["access_token"]
    for text in (program.secret, token):
        await works(elsewhere, text)
    await _end(administrator.http, program, how)
    for text in (program.secret, token):
        assert (await drafting(elsewhere, text, "SLATE-2")).status_code == 401


async def _end(http: httpx2.AsyncClient, program: Program, how: str) -> None:
    path = f"{SERVICES}/{program.id}"
    match = {"if-match": (await http.get(path)).headers["etag"]}
    if how == "secret revoked":
        answer = await http.delete(f"{path}/secrets/{program.secret_id}")
    elif how == "account disabled":
        answer = await http.patch(path, json={"disabled": True}, headers=match)
    else:
        answer = await http.delete(path, headers=match)
    assert answer.is_success


@dataclass
class Gate:
    """What identifies callers, over doubles that count."""

    clock: MovableClock = field(default_factory=MovableClock)
    keys: KeysInMemory = field(default_factory=KeysInMemory)
    uses: RememberedUses = field(default_factory=RememberedUses)
    throttle: PatientThrottle = field(default_factory=PatientThrottle)
    tokens: PlainAccessTokens = field(default_factory=PlainAccessTokens)

    def __post_init__(self) -> None:
        store: IdentityInMemory = self.keys.store
        self.callers = BearerCallers(
            self.tokens,
            store.live,
            CookieCallers(KeptSessionsInMemory(store), self.clock, LIMITS),
            KeyCallers(self.keys, self.uses, self.throttle, self.clock),
            self.clock,
        )

    async def identify(self, text: str) -> Caller:
        caller = await self.callers.identify(Credentials(**bearer(text)))
        assert caller is not None
        return caller

    async def a_key(self) -> tuple[UUID, ApiSecret]:
        address = EmailAddress(written="ada@example.com", normalized="ada@example.com")
        account = Account.register(address, "hash", at=NOON)
        secret = CountedSecrets().draw(SecretKind.PERSONAL)
        key = ApiKey.make(
            account.account_id,
            secret,
            name="backup",
            scope=["a.b.c"],
            methods=["pwd", "mfa"],
            at=NOON,
            expires_at=NOON.replace(year=2031),
        )
        async with self.keys.begin() as tx:
            tx.accounts.add(account)
            tx.api_keys.add(key)
        return account.id, secret


async def test_a_key_costs_one_read_and_names_its_owner_its_scope_and_how_it_was_made() -> None:
    gate = Gate()
    owner, secret = await gate.a_key()
    caller = await gate.identify(secret.text)
    assert gate.keys.reads == 1
    assert (caller.id, caller.session_id, caller.means) == (owner, secret.id, Means.KEY)
    assert (caller.scope, caller.methods) == (frozenset({"a.b.c"}), frozenset({"pwd", "mfa"}))
    assert caller.authenticated_at is None, "a key is no fresh proof of a person"
    assert gate.throttle.tried == []
    assert gate.uses.noted == [(SecretKind.PERSONAL, secret.id, NOON)]


async def test_a_use_is_noted_when_the_last_one_is_a_minute_ago() -> None:
    gate = Gate()
    _, secret = await gate.a_key()
    gate.keys.kept_keys[secret.id].last_used_at = NOON
    for _ in range(60):
        await gate.identify(secret.text)
        gate.clock.move(timedelta(seconds=1))
    assert gate.uses.noted == []
    await gate.identify(secret.text)
    assert [at for *_, at in gate.uses.noted] == [NOON + timedelta(minutes=1)]


async def test_a_storm_of_mistyped_keys_reads_nothing_and_one_of_unknown_keys_is_stopped() -> None:
    gate = Gate()
    _, secret = await gate.a_key()
    for turn in range(1000):
        with pytest.raises(ApiKeyRefused):
            await gate.identify(secret.text[:-4] + f"{turn:04}")
    assert gate.keys.reads == 0
    unknown = ApiSecret(SecretKind.PERSONAL, uuid4(), bytes(32)).text
    with pytest.raises(ApiKeyRefused):
        await gate.identify(unknown)
    assert gate.throttle.tried == [(Flow.API_KEY, None, None)]
    gate.throttle.closed.add(Flow.API_KEY)
    with pytest.raises(TooManyAttempts):
        await gate.identify(unknown)
    assert (await gate.identify(secret.text)).means is Means.KEY, "who has a key is not stopped"
