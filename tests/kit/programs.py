"""Programs that use the system over HTTP, with keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx2
from fastapi import FastAPI

from tests.kit.people import Person
from tests.kit.running import client_of

MY_KEYS = "/v1/identity/me/api-keys"
SERVICES = "/v1/identity/service-accounts"
TOKEN = "/v1/identity/oauth/token"
WRITE, PUBLISH = "catalog.products.write", "catalog.products.publish"


def bearer(text: str) -> dict[str, str]:
    """Return the header that carries a key or a token."""
    return {"authorization": f"Bearer {text}"}


async def a_key(person: Person, **changes: Any) -> dict[str, Any]:
    """Have a person make an API key, and return what they are shown."""
    body = {"name": "backup", "scope": [WRITE], **changes}
    answer = await person.http.post(MY_KEYS, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@dataclass(frozen=True, slots=True)
class Program:
    """A service account, one of its secrets, and what it is shown as."""

    id: str
    name: str
    secret_id: str
    secret: str

    async def token(self, http: httpx2.AsyncClient, **fields: str) -> httpx2.Response:
        """Ask for an access token."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self.id,
            "client_secret": self.secret,
            **fields,
        }
        return await http.post(TOKEN, data=form)


async def a_program(administrator: Person, name: str, *, role: str | None = "editor") -> Program:
    """Have an administrator make a service account with a secret, and with a role."""
    http = administrator.http
    made = await http.post(SERVICES, json={"name": name})
    assert made.status_code == 201, made.text
    id = made.json()["id"]
    if role is not None:
        given = await http.post("/v1/access/assignments", json={"account_id": id, "role": role})
        assert given.status_code == 201, given.text
    secret = await http.post(f"{SERVICES}/{id}/secrets", json={})
    assert secret.status_code == 201, secret.text
    return Program(id, name, secret.json()["id"], secret.json()["secret"])


async def drafting(app: FastAPI, text: str, sku: str) -> httpx2.Response:
    """Draft a product with a key or a token."""
    body = {"sku": sku, "name": "Slate", "price": {"amount": "3.20", "currency": "EUR"}}
    async with client_of(app) as http:
        return await http.post("/v1/catalog/products", json=body, headers=bearer(text))
