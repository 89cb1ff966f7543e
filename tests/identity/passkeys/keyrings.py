"""People with passkeys, on a day whose time the test decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx2

from tests.identity.second_factors.phones import bearer
from tests.identity.timed import Place
from tests.kit.passkey import SoftwarePasskey
from tests.kit.people import PASSWORD, Person
from tests.kit.running import client_of

IDENTITY = "/v1/identity"
LOGIN, LOGIN_PASSKEY = f"{IDENTITY}/login", f"{IDENTITY}/login/passkey"
SECOND, STEP_UP = (
    f"{IDENTITY}/{name}" for name in ("login/second-factor/passkey", "me/reauthenticate/passkey")
)
ME, MFA, MINE = f"{IDENTITY}/me", f"{IDENTITY}/me/mfa", f"{IDENTITY}/me/passkeys"

Json = dict[str, Any]


@dataclass
class Holder:
    """Somebody with a passkey. `http` is signed in by it."""

    person: Person
    passkey: SoftwarePasskey
    recovery_codes: list[str]

    @property
    def http(self) -> httpx2.AsyncClient:
        return self.person.http


@dataclass
class Village(Place):
    """An application, and people with passkeys."""

    async def person(self) -> Person:
        """Return somebody whose address is verified."""
        person = await self.people.register()
        verified = "update identity.accounts set email_verified_at = now() where id = $1"
        await self.rows(verified, person.id)
        return person

    async def add(
        self, http: httpx2.AsyncClient, passkey: SoftwarePasskey, name: str = "Phone"
    ) -> httpx2.Response:
        """Ask for options, and add the passkey that is made by them."""
        options = await http.post(f"{MINE}/options")
        assert options.status_code == 200, options.text
        body = {"name": name, "credential": passkey.create(options.json())}
        return await http.post(MINE, json=body)

    async def holder(self, **passkey: Any) -> Holder:
        """Return somebody with a passkey, signed in with it."""
        person, made = await self.person(), SoftwarePasskey(**passkey)
        added = await self.add(person.http, made)
        assert added.status_code == 201, added.text
        holder = Holder(person, made, added.json()["recovery_codes"])
        tokens = await self.sign_in(made)
        assert tokens.status_code == 200, tokens.text
        person.http.headers.update(bearer(tokens.json()))
        return holder

    async def options(self) -> Json:
        """Ask as somebody nobody knows."""
        async with client_of(self.app) as http:
            answer = await http.post(f"{LOGIN_PASSKEY}/options")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def sign_in(self, passkey: SoftwarePasskey, **query: str) -> httpx2.Response:
        """Sign in by the passkey alone."""
        return await self.show(passkey.get(await self.options()), **query)

    async def show(self, credential: Json, **query: str) -> httpx2.Response:
        """Show what a passkey answered."""
        async with client_of(self.app) as http:
            return await http.post(LOGIN_PASSKEY, json={"credential": credential}, params=query)

    async def first_step(self, person: Person) -> Json:
        """Prove the password, and return what comes of it."""
        async with client_of(self.app) as http:
            answer = await http.post(LOGIN, json={"email": person.email, "password": PASSWORD})
        assert answer.status_code == 202, answer.text
        found: Json = answer.json()
        return found

    async def second_step(self, pending_token: str, passkey: SoftwarePasskey) -> httpx2.Response:
        """Finish by the passkey, from a device that knows nothing else."""
        waiting = {"pending_token": pending_token}
        async with client_of(self.app) as http:
            options = await http.post(f"{SECOND}/options", json=waiting)
            assert options.status_code == 200, options.text
            body = {**waiting, "credential": passkey.get(options.json())}
            return await http.post(SECOND, json=body)

    async def step_up(self, http: httpx2.AsyncClient, passkey: SoftwarePasskey) -> httpx2.Response:
        """Prove once more who one is, by the passkey."""
        options = await http.post(f"{STEP_UP}/options")
        assert options.status_code == 200, options.text
        return await http.post(STEP_UP, json={"credential": passkey.get(options.json())})

    async def audited(self, action: str, subject: object = None) -> int:
        """Return how often the audit log says that something happened, to one or to anybody."""
        found = await self.rows(
            "select count(*) from audit.events"
            " where action = $1 and ($2::uuid is null or subject_id = $2)",
            f"identity.{action}",
            subject,
        )
        return int(found[0][0])
