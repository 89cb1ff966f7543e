"""What administrators send over HTTP to say who may do what."""

from __future__ import annotations

from typing import Any

import httpx2

from tests.kit.people import Person

ROLES = "/v1/access/roles"
ASSIGNMENTS = "/v1/access/assignments"
POLICIES = "/v1/access/policies"
VERSIONS = "/v1/access/versions"
GRANTS = "/v1/access/grants"

READ_ROLES, WRITE_ROLES = "access.roles.read", "access.roles.write"
READ_POLICIES, WRITE_POLICIES = "access.policies.read", "access.policies.write"
AUDIT = "audit.events.read"

ALWAYS: dict[str, object] = {"all": []}


async def make_role(by: Person, name: str, *permissions: str, **more: object) -> dict[str, Any]:
    """Make a role and return it."""
    return await made(by, ROLES, {"name": name, "permissions": permissions, **more})


async def make_policy(
    by: Person, name: str, effect: str, *permissions: str, **more: object
) -> dict[str, Any]:
    """Make a policy and return it; for anyone, if no role is named."""
    whom = {} if "roles" in more else {"anyone": True}
    body = {"name": name, "effect": effect, "permissions": permissions, **whom, **more}
    return await made(by, POLICIES, body)


async def made(by: Person, place: str, body: dict[str, object]) -> dict[str, Any]:
    """Make something that has to be allowed, and return it."""
    answer = await by.http.post(place, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"{place}/{found['id']}"
    return found


async def change(
    by: Person, place: str, thing: dict[str, Any], **members: object
) -> httpx2.Response:
    """Change a role or a policy as it was last seen."""
    tag = {"if-match": f'"v{thing["version"]}"'}
    return await by.http.patch(f"{place}/{thing['id']}", json=members, headers=tag)


async def delete(
    by: Person, place: str, thing: dict[str, Any], **parameters: str
) -> httpx2.Response:
    """Delete a role or a policy as it was last seen."""
    tag = {"if-match": f'"v{thing["version"]}"'}
    return await by.http.delete(f"{place}/{thing['id']}", headers=tag, params=parameters)


async def role_named(by: Person, name: str) -> dict[str, Any]:
    """Return a role by its name."""
    roles = (await by.http.get(ROLES, params={"limit": 200})).json()["items"]
    found: dict[str, Any] = next(one for one in roles if one["name"] == name)
    return found


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    """Return how something was refused."""
    return answer.status_code, answer.json()["code"]
