"""Everything that can be done with accounts, over HTTP, and the mails that come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2

from tests.kit.cluster import TestDatabase
from tests.kit.people import PASSWORD
from tests.kit.smtp import Mailbox, Received

IDENTITY = "/v1/identity"
OTHER_PASSWORD = "sieben schwarze Steine im Fluss"

VERIFY, RESET = "Confirm your address", "Choose a new password"
TAKEN, CONFIRM = "You have an account already", "Confirm your new address"
CHANGED, MOVED = "Your password was changed", "Your address was changed"
ERASED = "Your data was erased"


def new_address() -> str:
    """Return an address nobody used before."""
    return f"{uuid4().hex}@example.com"


@dataclass
class Desk:
    """Somebody's browser, their mailbox, and a look into the database."""

    http: httpx2.AsyncClient
    mailbox: Mailbox
    database: TestDatabase

    async def post(self, path: str, *, token: str | None = None, **body: Any) -> httpx2.Response:
        """Send a request, signed in where an access token is given."""
        return await self.http.post(IDENTITY + path, json=body, headers=bearer(token))

    async def register(self, email: str, password: str = PASSWORD) -> None:
        """Register, and be told nothing."""
        answer = await self.post("/register", email=email, password=password)
        assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})

    async def login(self, email: str, password: str = PASSWORD) -> httpx2.Response:
        """Try to sign in."""
        return await self.post("/login", email=email, password=password)

    async def signed_in(self, email: str, password: str = PASSWORD) -> str:
        """Sign in, and return the access token."""
        answer = await self.login(email, password)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    async def settled(self, email: str | None = None, password: str = PASSWORD) -> str:
        """Register and verify an address, and return it."""
        address = email or new_address()
        await self.register(address, password)
        await self.follow("/verify", await self.mail(address, VERIFY))
        return address

    async def mail(self, email: str, subject: str) -> Received:
        """Return the next mail of this subject to an address."""
        return await self.mailbox.next(email, subject=subject)

    async def follow(self, path: str, mail: Received, **more: Any) -> None:
        """Open the link of a mail."""
        answer = await self.http.post(IDENTITY + path, json={"token": mail.token, **more})
        assert answer.status_code == 204, answer.text

    async def post_link(self, path: str, token: str, **more: Any) -> httpx2.Response:
        """Try to use a token."""
        return await self.http.post(IDENTITY + path, json={"token": token, **more})

    async def forgotten(self, email: str) -> str:
        """Forget the password, and return the token that is mailed."""
        answer = await self.post("/forgot-password", email=email)
        assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
        return (await self.mail(email, RESET)).token

    async def me(self, token: str) -> httpx2.Response:
        """Ask who one is."""
        return await self.http.get(f"{IDENTITY}/me", headers=bearer(token))

    async def rows(self, statement: str, *values: object) -> list[asyncpg.Record]:
        """Look into the database."""
        connection = await asyncpg.connect(self.database.owner_url)
        try:
            return await connection.fetch(statement, *values)
        finally:
            await connection.close()

    async def audited(self, action: str) -> int:
        """Return how often something was audited."""
        [row] = await self.rows("select count(*) from audit.events where action = $1", action)
        found: int = row[0]
        return found


def bearer(token: str | None) -> Mapping[str, str]:
    """Return the headers that carry an access token."""
    return {"authorization": f"Bearer {token}"} if token else {}


def assert_link_refused(answer: httpx2.Response) -> None:
    """The one answer to every link that is not good."""
    assert (answer.status_code, answer.json()["code"]) == (422, "identity.link_refused")
    assert answer.json()["errors"][0]["pointer"] == "/body/token"


def assert_unauthenticated(answer: httpx2.Response) -> None:
    """Nobody is signed in."""
    assert answer.status_code == 401, answer.text
