"""Who administers accounts, and where."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx2

from tests.kit.people import PASSWORD, People, Person

USERS, LOGIN, REFRESH, ME = (f"/v1/identity/{name}" for name in ("users", "login", "refresh", "me"))
ROLES = "/v1/access/roles"
READ, WRITE, IMPERSONATE = (
    f"identity.accounts.{name}" for name in ("read", "write", "impersonate")
)
REMOVE = "identity.second-factors.remove"
WHY = {"reason": "a complaint"}


async def clerk(people: People, *permissions: str) -> Person:
    """Return somebody who holds exactly these permissions."""
    administrator = await people.register(role="administrator")
    name = f"clerk-{uuid4().hex[:8]}"
    made = await administrator.http.post(ROLES, json={"name": name, "permissions": permissions})
    assert made.status_code == 201, made.text
    return await people.register(role=name)


async def login(http: httpx2.AsyncClient, person: Person) -> httpx2.Response:
    return await http.post(LOGIN, json={"email": person.email, "password": PASSWORD})


async def logged(reader: Person, subject: Person, action: str) -> list[dict[str, Any]]:
    where = {"subject_id": str(subject.id), "action": f"identity.{action}"}
    found: list[dict[str, Any]] = (await reader.http.get("/v1/audit/events", params=where)).json()[
        "items"
    ]
    return found
