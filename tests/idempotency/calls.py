"""How each route that takes keys is called so that it succeeds: once, on things made for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx2
from fastapi import FastAPI

from tests.catalog.shop import category, draft, product_body, publish, tag
from tests.kit.cluster import TestDatabase
from tests.kit.passkey import a_passkey
from tests.kit.people import People, Person

ACCESS, IDENTITY = "/v1/access", "/v1/identity"


@dataclass(frozen=True, slots=True)
class World:
    """Who calls, and the system they call."""

    app: FastAPI
    database: TestDatabase
    admin: Person


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    async def send(
        self, http: httpx2.AsyncClient, key: str | None = None, **more: str
    ) -> httpx2.Response:
        """Send it, under a key when one is given."""
        keyed = {} if key is None else {"Idempotency-Key": key}
        headers = {**self.headers, **keyed, **more}
        return await http.request(self.method, self.path, json=self.body, headers=headers)


Making = Callable[[World], Awaitable[Call]]


def a_draft(**changes: Any) -> Call:
    """Return the request for a new product."""
    return Call("POST", "/v1/catalog/products", product_body(**changes))


async def _create_product(world: World) -> Call:
    return a_draft()


async def _change_product(world: World) -> Call:
    made = await draft(world.admin.http)
    return Call("PATCH", made.headers["location"], {"name": "Sandstone"}, tag(made))


async def _publish_product(world: World) -> Call:
    return Call("POST", (await draft(world.admin.http)).headers["location"] + "/publish")


async def _archive_product(world: World) -> Call:
    made = (await publish(world.admin.http)).json()
    return Call("POST", f"/v1/catalog/products/{made['id']}/archive")


async def _restore_product(world: World) -> Call:
    made = await draft(world.admin.http)
    path = made.headers["location"]
    assert (await world.admin.http.delete(path, headers=tag(made))).status_code == 204
    return Call("POST", f"{path}/restore")


async def _add_variant(world: World) -> Call:
    path = (await draft(world.admin.http)).headers["location"] + "/variants"
    return Call("POST", path, {"sku": f"V-{uuid4().hex[:8]}", "options": {"size": "M"}})


async def _change_variant(world: World) -> Call:
    adding = await _add_variant(world)
    made = await _made(world, adding.path, adding.body or {})
    return Call("PATCH", made.headers["location"], {"options": {"size": "L"}}, tag(made))


async def _create_category(world: World) -> Call:
    return Call("POST", "/v1/catalog/categories", {"name": "Chisels"})


async def _change_category(world: World) -> Call:
    made = await category(world.admin.http)
    return Call("PATCH", made.headers["location"], {"name": "Mallets"}, tag(made))


async def _move_category(world: World) -> Call:
    made = await category(world.admin.http)
    return Call("POST", made.headers["location"] + "/move", {}, tag(made))


def _role() -> dict[str, Any]:
    return {"name": f"role-{uuid4().hex[:8]}", "permissions": ["catalog.products.read"]}


def _policy() -> dict[str, Any]:
    return {
        "name": f"policy-{uuid4().hex[:8]}",
        "effect": "allow",
        "permissions": ["catalog.products.read"],
        "roles": ["viewer"],
        "enabled": False,
    }


async def _create_role(world: World) -> Call:
    return Call("POST", f"{ACCESS}/roles", _role())


async def _change_role(world: World) -> Call:
    made = await _made(world, f"{ACCESS}/roles", _role())
    return Call("PATCH", made.headers["location"], {"permissions": []}, tag(made))


async def _create_policy(world: World) -> Call:
    return Call("POST", f"{ACCESS}/policies", _policy())


async def _change_policy(world: World) -> Call:
    made = await _made(world, f"{ACCESS}/policies", _policy())
    return Call("PATCH", made.headers["location"], {"description": "none"}, tag(made))


async def _assign_role(world: World) -> Call:
    account = await _somebody(world)
    return Call("POST", f"{ACCESS}/assignments", {"account_id": account, "role": "editor"})


async def _share_object(world: World) -> Call:
    product = (await draft(world.admin.http)).json()["id"]
    shared = {"resource": "catalog.products", "object_id": product}
    shared |= {"permission": "catalog.products.read", "account_id": await _somebody(world)}
    return Call("POST", f"{ACCESS}/grants", shared)


async def _restore_version(world: World) -> Call:
    await _made(world, f"{ACCESS}/roles", _role())
    versions = (await world.admin.http.get(f"{ACCESS}/versions")).json()["items"]
    return Call("POST", f"{ACCESS}/versions/{versions[-1]['version']}/restore", {})


async def _change_me(world: World) -> Call:
    seen = await world.admin.http.get(f"{IDENTITY}/me")
    return Call("PATCH", f"{IDENTITY}/me", {"display_name": uuid4().hex[:8]}, tag(seen))


async def _change_user(world: World) -> Call:
    path = f"{IDENTITY}/users/{await _somebody(world)}"
    return Call("PATCH", path, {"display_name": "Ada"}, tag(await world.admin.http.get(path)))


async def _suspend_user(world: World) -> Call:
    path = f"{IDENTITY}/users/{await _somebody(world)}/suspend"
    return Call("POST", path, {"reason": "a test"})


async def _restore_user(world: World) -> Call:
    path = f"{IDENTITY}/users/{await _somebody(world)}"
    reason = {"reason": "a test"}
    assert (await world.admin.http.post(f"{path}/suspend", json=reason)).status_code == 200
    return Call("POST", f"{path}/restore", reason)


async def _create_service_account(world: World) -> Call:
    return Call("POST", f"{IDENTITY}/service-accounts", {"name": f"robot {uuid4().hex[:8]}"})


async def _change_service_account(world: World) -> Call:
    made = await _made(world, f"{IDENTITY}/service-accounts", {"name": f"robot {uuid4().hex[:8]}"})
    return Call("PATCH", made.headers["location"], {"description": "tests"}, tag(made))


async def _rename_my_api_key(world: World) -> Call:
    wanted = {"name": "backup", "scope": ["catalog.products.write"]}
    made = await _made(world, f"{IDENTITY}/me/api-keys", wanted)
    seen = await world.admin.http.get(made.headers["location"])
    return Call("PATCH", made.headers["location"], {"name": "another"}, tag(seen))


async def _rename_my_passkey(world: World) -> Call:
    path = f"{IDENTITY}/me/passkeys/{await a_passkey(world.database, world.admin.id)}"
    return Call("PATCH", path, {"name": "another"}, tag(await world.admin.http.get(path)))


async def _name_my_session(world: World) -> Call:
    session = (await world.admin.http.get(f"{IDENTITY}/me/sessions")).json()["items"][0]["id"]
    return Call("PATCH", f"{IDENTITY}/me/sessions/{session}", {"name": "the desk"})


async def _made(world: World, path: str, body: Mapping[str, Any]) -> httpx2.Response:
    answer = await world.admin.http.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer


async def _somebody(world: World) -> str:
    return str((await People(world.app).register()).id)


CALLS: Final[Mapping[str, Making]] = {
    one.__name__.removeprefix("_"): one
    for one in (
        _create_product,
        _change_product,
        _publish_product,
        _archive_product,
        _restore_product,
        _add_variant,
        _change_variant,
        _create_category,
        _change_category,
        _move_category,
        _create_role,
        _change_role,
        _create_policy,
        _change_policy,
        _assign_role,
        _share_object,
        _restore_version,
        _change_me,
        _change_user,
        _suspend_user,
        _restore_user,
        _create_service_account,
        _change_service_account,
        _rename_my_api_key,
        _rename_my_passkey,
        _name_my_session,
    )
}
"""By the name of the endpoint. A route marked `@idempotent` needs one."""
