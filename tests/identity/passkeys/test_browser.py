"""A real browser with a virtual authenticator, on a page of the application's own origin."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from bootstrap.api import create_app
from bootstrap.settings import PlatformSettings
from modules.identity.adapters.settings import IdentitySettings
from tests.identity.federation.browsers import verify_address
from tests.kit.chromium import PROGRAM, Page, browsing
from tests.kit.cluster import TestDatabase
from tests.kit.people import People, Person
from tests.kit.running import identity_settings
from tests.kit.smtp import Mailbox

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no chromium on this machine")

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}

TALK = """
const send = async (path, body, token) => {
    const headers = {'content-type': 'application/json'};
    if (token) headers.authorization = 'Bearer ' + token;
    const sent = {method: 'POST', headers, body: body && JSON.stringify(body)};
    const answer = await fetch('/v1/identity' + path, sent);
    const read = await answer.json();
    if (!answer.ok) throw new Error(path + ': ' + JSON.stringify(read));
    return read;
};
const make = async (token) => {
    const options = await send('/me/passkeys/options', null, token);
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return (await navigator.credentials.create({publicKey})).toJSON();
};
const ask = async (path, body, token) => {
    const options = await send(path, body, token);
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    return (await navigator.credentials.get({publicKey})).toJSON();
};
"""


@asynccontextmanager
async def served(
    settings: PlatformSettings, mailbox: Mailbox
) -> AsyncGenerator[tuple[FastAPI, str]]:
    """Serve the application at an origin of its own, which passkeys are made for."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        origin = f"http://localhost:{listening.getsockname()[1]}"
        parts = identity_settings(passkey_origins=[origin], **mailbox.settings)
        app = create_app(settings, replace={IdentitySettings: parts})
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
        running = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            while not server.started:  # noqa: ASYNC110 - the server has no event for it
                await asyncio.sleep(0.01)
            yield app, origin
        finally:
            server.should_exit = True
            await running


def live_with(page: Page, origin: str, person: Person) -> list[str]:
    """Add a passkey, sign in with it, and prove it again: return the methods of each session."""
    page.call("Page.enable")
    page.call("Page.setBypassCSP", enabled=True)  # ours lets no script run on an answer's page
    page.call("WebAuthn.enable")
    page.call("WebAuthn.addVirtualAuthenticator", options=AUTHENTICATOR)
    page.call("Page.navigate", url=f"{origin}/health/live")
    page.wait_for("Page.loadEventFired")
    token = person.http.headers["authorization"].removeprefix("Bearer ")
    added = page.run(
        TALK + f"const token = '{token}';"
        "return send('/me/passkeys', {name: 'Laptop', credential: await make(token)}, token);"
    )
    assert (added["name"], added["transports"]) == ("Laptop", ["internal"])
    assert len(added["recovery_codes"]) == 10
    signed_in: list[str] = page.run(
        TALK + "const methods = (one) => JSON.parse(atob(one.access_token.split('.')[1]"
        ".replace(/-/g, '+').replace(/_/g, '/'))).amr.join(' ');"
        f"const email = '{person.email}', password = '{person.password}';"
        "const alone = await send('/login/passkey',"
        " {credential: await ask('/login/passkey/options')});"
        "const {pending_token} = await send('/login', {email, password});"
        "const path = '/login/second-factor/passkey';"
        "const credential = await ask(path + '/options', {pending_token});"
        "const second = await send(path, {pending_token, credential});"
        "const token = second.access_token, up = '/me/reauthenticate/passkey';"
        "const fresh = await send(up, {credential: await ask(up + '/options', null, token)},"
        " token);"
        "return [methods(alone), methods(second), methods(fresh)];"
    )
    return signed_in


async def test_a_browser_makes_a_passkey_and_signs_in_with_it(
    settings: PlatformSettings,
    mailbox: Mailbox,
    database: TestDatabase,
    tmp_path: Path,
    clean: None,
) -> None:
    async with served(settings, mailbox) as (app, origin):
        people = People(app)
        person = await people.register()
        await verify_address(database, person)
        try:
            with browsing(tmp_path) as page:
                async with asyncio.timeout(30):
                    found = await asyncio.to_thread(live_with, page, origin, person)
        finally:
            await people.close()
    assert found == ["hwk mfa user", "hwk mfa pwd user", "hwk mfa pwd user"]
