"""People with an authenticator app, on a day whose time the test decides."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx2

from tests.identity.timed import Place
from tests.kit.people import PASSWORD, Person
from tests.kit.running import client_of

IDENTITY = "/v1/identity"
LOGIN, FINISH, REFRESH = (
    f"{IDENTITY}/{name}" for name in ("login", "login/second-factor", "refresh")
)
ME, MFA, STEP_UP = (f"{IDENTITY}/me{name}" for name in ("", "/mfa", "/reauthenticate"))
TOTP, CONFIRM, CODES = f"{MFA}/totp", f"{MFA}/totp/confirm", f"{MFA}/recovery-codes"
STEP = timedelta(seconds=30)


def code_at(secret: str, at: datetime) -> str:
    """Return what an app shows: RFC 6238 once more, written without ours."""
    seed = base64.b32decode(secret + "=" * (-len(secret) % 8))
    counter = (int(at.timestamp()) // 30).to_bytes(8, "big")
    digest = hmac.new(seed, counter, "sha1").digest()
    start = digest[19] % 16
    number = int.from_bytes(digest[start : start + 4], "big") % 2**31
    return f"{number % 1_000_000:06}"


@dataclass
class Holder:
    """Somebody whose account is protected by an app on their phone."""

    person: Person
    secret: str
    recovery_codes: list[str]

    @property
    def http(self) -> httpx2.AsyncClient:
        return self.person.http


@dataclass
class Town(Place):
    """An application, and people with phones."""

    def code(self, holder: Holder, *, steps: int = 0) -> str:
        """Return what the phone shows now, or some steps later."""
        return code_at(holder.secret, self.clock.now() + steps * STEP)

    def wait(self, seconds: float = 30) -> None:
        """Let time pass: a step of the app, unless told otherwise."""
        self.clock.move(timedelta(seconds=seconds))

    async def holder(self) -> Holder:
        """Return somebody who set an app up, in the session that `http` is signed in with."""
        person = await self.people.register()
        secret = (await person.http.post(TOTP)).json()["secret"]
        shown = await person.http.post(CONFIRM, json={"code": code_at(secret, self.clock.now())})
        assert shown.status_code == 200, shown.text
        self.wait()
        return Holder(person, secret, shown.json()["recovery_codes"])

    async def first_step(self, holder: Holder, **query: str) -> dict[str, Any]:
        """Prove the password, and return what comes of it."""
        body = {"email": holder.person.email, "password": PASSWORD}
        async with client_of(self.app) as http:
            answer = await http.post(LOGIN, json=body, params=query)
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def finish(self, token: str, code: str, **query: str) -> httpx2.Response:
        """Show a code, from a device that knows nothing else."""
        async with client_of(self.app) as http:
            body = {"pending_token": token, "code": code}
            return await http.post(FINISH, json=body, params=query)

    async def sign_in(self, holder: Holder) -> dict[str, Any]:
        """Sign in with both factors, and return the tokens. The phone goes on to its next code."""
        token = (await self.first_step(holder))["pending_token"]
        answer = await self.finish(token, self.code(holder))
        assert answer.status_code == 200, answer.text
        self.wait()
        found: dict[str, Any] = answer.json()
        return found

    async def actions(self, holder: Holder) -> list[str]:
        """Return what identity wrote to the audit log about the holder, oldest first."""
        found = await self.rows(
            "select action from audit.events where actor_id = $1 and action like 'identity.%'"
            " order by occurred_at, id",
            holder.person.id,
        )
        return [row["action"] for row in found]


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    """Return the header that goes with an access token."""
    return {"authorization": f"Bearer {tokens['access_token']}"}


def claims_of(tokens: dict[str, Any]) -> dict[str, Any]:
    """Return what an access token says, unverified."""
    payload = tokens["access_token"].split(".")[1]
    found: dict[str, Any] = json.loads(
        base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    )
    return found


def assert_refused(answer: httpx2.Response, status: int, code: str) -> None:
    """Check a refusal by its stable code."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
