"""People who use the system over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx2
from fastapi import FastAPI

from modules.access.public import RoleAssignments
from shared_kernel.domain import AccountId
from shared_kernel.module import Services
from tests.kit.running import client_of

PASSWORD = "gravel teapot oxbow lantern"


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
    """Makes people by registering and signing in, as anybody would."""

    app: FastAPI
    made: list[Person] = field(default_factory=list["Person"])

    async def register(self, role: str | None = None) -> Person:
        """Return a new person, signed in, with a role when one is named."""
        email = f"{uuid4().hex}@example.com"
        http = client_of(self.app)
        body = {"email": email, "password": PASSWORD}
        assert (await http.post("/v1/identity/register", json=body)).status_code == 202
        signed_in = await http.post("/v1/identity/login", json=body)
        assert signed_in.status_code == 200, signed_in.text
        http.headers["authorization"] = f"Bearer {signed_in.json()['access_token']}"
        me = (await http.get("/v1/identity/me")).json()
        person = Person(AccountId(UUID(me["id"])), email, http, signed_in.json()["refresh_token"])
        if role is not None:
            services: Services = self.app.state.services
            await services.get(RoleAssignments).assign(person.id, role)
        self.made.append(person)
        return person

    async def close(self) -> None:
        """Close everybody's connections."""
        for person in self.made:
            await person.http.aclose()
