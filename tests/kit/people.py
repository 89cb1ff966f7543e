"""People who use the system over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

import httpx2
from fastapi import FastAPI

from modules.access.public import RoleAssignments
from modules.identity.application.admission import Admission, SignedIn
from modules.identity.application.registration import SignUp
from modules.identity.application.sign_in import PASSWORD as BY_PASSWORD
from modules.identity.domain.account import Account
from modules.identity.domain.session import Device
from shared_kernel.application import Origin, origin
from shared_kernel.domain import AccountId
from shared_kernel.module import Services
from tests.kit.running import client_of

PASSWORD = "gravel teapot oxbow lantern"
HERE = "127.0.0.1"


@dataclass(slots=True)
class Person:
    """Somebody with an account. `http` sends their access token with every request."""

    id: AccountId
    email: str
    http: httpx2.AsyncClient
    refresh_token: str
    password: str = PASSWORD


@dataclass(slots=True)
class People:
    """Makes people who have registered and signed in."""

    app: FastAPI
    made: list[Person] = field(default_factory=list["Person"])

    async def register(self, role: str | None = None) -> Person:
        """Return a new person, signed in, with a role when one is named.

        What registering and signing in over HTTP leave behind, in one transaction: most tests
        begin with it.
        """
        services: Services = self.app.state.services
        email = f"{uuid4().hex}@example.com"
        http = client_of(self.app)
        account_id, tokens = await _entered(services, email)
        http.headers["authorization"] = f"Bearer {tokens.access.text}"
        person = Person(account_id, email, http, tokens.refresh_token)
        if role is not None:
            await services.get(RoleAssignments).assign(person.id, role)
        self.made.append(person)
        return person

    async def close(self) -> None:
        """Close everybody's connections."""
        for person in self.made:
            await person.http.aclose()


async def _entered(services: Services, email: str) -> tuple[AccountId, SignedIn]:
    """Open an account with the password of everybody here, and a session of it."""
    sign_up, admission = services.get(SignUp), services.get(Admission)
    stored = await sign_up.passwords.hash(PASSWORD)
    account = Account.register(sign_up.emails.parse(email), stored, at=sign_up.clock.now())
    account.release_events()  # it did so before the test begins, and had its mail then
    here = origin.set(Origin(request_id=uuid4().hex, address=HERE))
    try:
        async with sign_up.begin() as tx:
            assert await tx.accounts.open(account)
            device = Device(address=HERE, user_agent="test")
            admitted = await admission.admit(tx, account, methods=[BY_PASSWORD], device=device)
    finally:
        origin.reset(here)
    assert isinstance(admitted, SignedIn)
    return account.account_id, admitted
