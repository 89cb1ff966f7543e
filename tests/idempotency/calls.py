"""How each route that takes keys is called so that it succeeds: once, on things made for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from tests.catalog.shop import draft, tag
from tests.idempotency.catalog_calls import CATALOG
from tests.idempotency.world import Call, Making, World, made, named
from tests.kit.passkey import a_passkey
from tests.kit.people import People

ACCESS, IDENTITY = "/v1/access", "/v1/identity"


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
    found = await made(world, f"{ACCESS}/roles", _role())
    return Call("PATCH", found.headers["location"], {"permissions": []}, tag(found))


async def _create_policy(world: World) -> Call:
    return Call("POST", f"{ACCESS}/policies", _policy())


async def _change_policy(world: World) -> Call:
    found = await made(world, f"{ACCESS}/policies", _policy())
    return Call("PATCH", found.headers["location"], {"description": "none"}, tag(found))


async def _assign_role(world: World) -> Call:
    account = await _somebody(world)
    return Call("POST", f"{ACCESS}/assignments", {"account_id": account, "role": "editor"})


async def _share_object(world: World) -> Call:
    product = (await draft(world.admin.http)).json()["id"]
    shared = {"resource": "catalog.products", "object_id": product}
    shared |= {"permission": "catalog.products.read", "account_id": await _somebody(world)}
    return Call("POST", f"{ACCESS}/grants", shared)


async def _restore_version(world: World) -> Call:
    await made(world, f"{ACCESS}/roles", _role())
    versions = (await world.admin.http.get(f"{ACCESS}/versions")).json()["items"]
    return Call("POST", f"{ACCESS}/versions/{versions[-1]['version']}/restore", {})


async def _change_me(world: World) -> Call:
    seen = await world.admin.http.get(f"{IDENTITY}/me")
    return Call("PATCH", f"{IDENTITY}/me", {"display_name": uuid4().hex[:8]}, tag(seen))


async def _change_user(world: World) -> Call:
    path = f"{IDENTITY}/users/{await _somebody(world)}"
    return Call("PATCH", path, {"display_name": "Ada"}, tag(await world.admin.http.get(path)))


async def _suspend_user(world: World) -> Call:
    person = await People(world.app).register("administrator")  # for whom access looks on
    return Call("POST", f"{IDENTITY}/users/{person.id}/suspend", {"reason": "a test"})


async def _restore_user(world: World) -> Call:
    path = f"{IDENTITY}/users/{await _somebody(world)}"
    reason = {"reason": "a test"}
    assert (await world.admin.http.post(f"{path}/suspend", json=reason)).status_code == 200
    return Call("POST", f"{path}/restore", reason)


async def _create_service_account(world: World) -> Call:
    return Call("POST", f"{IDENTITY}/service-accounts", {"name": f"robot {uuid4().hex[:8]}"})


async def _change_service_account(world: World) -> Call:
    found = await made(world, f"{IDENTITY}/service-accounts", {"name": f"robot {uuid4().hex[:8]}"})
    return Call("PATCH", found.headers["location"], {"description": "tests"}, tag(found))


async def _rename_my_api_key(world: World) -> Call:
    wanted = {"name": "backup", "scope": ["catalog.products.write"]}
    found = await made(world, f"{IDENTITY}/me/api-keys", wanted)
    seen = await world.admin.http.get(found.headers["location"])
    return Call("PATCH", found.headers["location"], {"name": "another"}, tag(seen))


async def _rename_my_passkey(world: World) -> Call:
    path = f"{IDENTITY}/me/passkeys/{await a_passkey(world.database, world.admin.id)}"
    return Call("PATCH", path, {"name": "another"}, tag(await world.admin.http.get(path)))


async def _name_my_session(world: World) -> Call:
    session = (await world.admin.http.get(f"{IDENTITY}/me/sessions")).json()["items"][0]["id"]
    return Call("PATCH", f"{IDENTITY}/me/sessions/{session}", {"name": "the desk"})


async def _somebody(world: World) -> str:
    return str((await People(world.app).register()).id)


CALLS: Final[Mapping[str, Making]] = {
    **CATALOG,
    **named(
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
    ),
}
"""By the name of the endpoint. A route marked `@idempotent` needs one."""
