"""Nobody gets more for themselves or for a friend by what they may administer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from tests.catalog.shop import CATEGORIES, PRODUCTS, draft
from tests.kit.people import People, Person
from tests.kit.ruling import (
    ASSIGNMENTS,
    AUDIT,
    GRANTS,
    POLICIES,
    READ_POLICIES,
    ROLES,
    VERSIONS,
    WRITE_POLICIES,
    WRITE_ROLES,
    change,
    delete,
    make_policy,
    make_role,
    refusal,
)
from tests.kit.running import client_of

pytestmark = pytest.mark.usefixtures("settled", "own_roles")

ASSIGN = "access.assignments.write"
READ, WRITE = "catalog.products.read", "catalog.products.write"
BEYOND = (403, "access.beyond_own_rights")
EVENTS = "/v1/audit/events"

SOON = timedelta(hours=1)
FACTOR = {"attribute": "caller.second_factor", "op": "eq", "value": False}
PUBLIC = {"attribute": "environment.address", "op": "eq", "value": "192.0.2.1"}
PUBLISHED = {"attribute": "resource.status", "op": "eq", "value": "published"}


def trusted(name: str) -> dict[str, Any]:
    """Return the condition that who asks holds a role."""
    return {"attribute": "caller.roles", "op": "has", "value": name}


async def give(by: Person, to: Person, role: str, **more: object) -> tuple[int, str]:
    """Let somebody hold a role, and return how that was refused."""
    body = {"account_id": str(to.id), "role": role, **more}
    answer = await by.http.post(ASSIGNMENTS, json=body)
    return (answer.status_code, answer.json().get("code", ""))


async def clerk_with(people: People, *permissions: str) -> tuple[Person, Person]:
    """Return an administrator, and a clerk who holds these permissions."""
    administrator = await people.register(role="administrator")
    await make_role(administrator, "clerk", *permissions)
    return administrator, await people.register(role="clerk")


async def test_who_may_change_their_own_things_lets_nobody_change_those_of_others(
    people: People,
) -> None:
    _, clerk = await clerk_with(people, WRITE_POLICIES, WRITE)
    body = {"name": "mine", "effect": "allow", "permissions": [WRITE], "roles": ["clerk"]}
    assert refusal(await clerk.http.post(POLICIES, json=body)) == BEYOND
    anyone = {**body, "roles": [], "anyone": True, "when": PUBLISHED}
    assert refusal(await clerk.http.post(POLICIES, json=anyone)) == BEYOND


async def test_a_role_to_which_a_policy_gives_the_things_of_others_is_not_theirs_to_give(
    people: People,
) -> None:
    administrator, clerk = await clerk_with(people, ASSIGN, WRITE)
    await make_role(administrator, "menders")
    await make_policy(administrator, "mending", "allow", WRITE, roles=["menders"])
    assert await give(clerk, clerk, "menders") == BEYOND


async def test_a_role_that_a_condition_names_is_worth_what_the_policy_allows(
    people: People,
) -> None:
    administrator, clerk = await clerk_with(people, ASSIGN)
    await make_role(administrator, "trusted")
    await make_policy(administrator, "log", "allow", AUDIT, when=trusted("trusted"))
    assert await give(clerk, clerk, "trusted") == BEYOND
    assert (await clerk.http.get(EVENTS)).status_code == 403


async def test_a_role_that_a_condition_names_is_not_inherited_either(people: People) -> None:
    administrator = await people.register(role="administrator")
    own = await make_role(administrator, "clerk", WRITE_ROLES)
    clerk = await people.register(role="clerk")
    await make_role(administrator, "trusted")
    await make_policy(
        administrator, "log", "allow", AUDIT, when={"not": {"not": trusted("trusted")}}
    )
    assert refusal(await change(clerk, ROLES, own, inherits=["trusted"])) == BEYOND


async def test_a_role_with_which_something_is_shared_is_worth_that(people: People) -> None:
    administrator, clerk = await clerk_with(people, ASSIGN, WRITE_ROLES)
    await make_role(administrator, "readers")
    thing = (await draft(administrator.http)).json()
    body = {"resource": "catalog.products", "object_id": thing["id"], "permission": READ}
    shared = await administrator.http.post(GRANTS, json={**body, "role": "readers"})
    assert shared.status_code == 201
    assert await give(clerk, clerk, "readers") == BEYOND
    wanted = {"name": "heirs", "permissions": [], "inherits": ["readers"]}
    assert refusal(await clerk.http.post(ROLES, json=wanted)) == BEYOND
    assert (await clerk.http.get(f"{PRODUCTS}/{thing['id']}")).status_code == 404


async def test_what_is_held_under_a_condition_is_not_given_on(people: People) -> None:
    administrator = await people.register(role="administrator")
    own = await make_role(administrator, "clerk", WRITE_ROLES, WRITE_POLICIES)
    clerk = await people.register(role="clerk")
    await make_policy(administrator, "log", "allow", AUDIT, roles=["clerk"], when=FACTOR)
    assert (await clerk.http.get(EVENTS)).status_code == 200
    assert refusal(await change(clerk, ROLES, own, permissions=[WRITE_ROLES, AUDIT])) == BEYOND
    body = {"name": "mine", "effect": "allow", "permissions": [AUDIT], "anyone": True}
    assert refusal(await clerk.http.post(POLICIES, json=body)) == BEYOND


async def test_what_is_held_for_a_while_is_not_given_for_longer(people: People) -> None:
    administrator, clerk = await clerk_with(people, ASSIGN, WRITE_ROLES)
    friend = await people.register()
    await make_role(administrator, "auditor", AUDIT)
    end = datetime.now(UTC) + SOON
    assert (await give(administrator, clerk, "auditor", expires_at=end.isoformat()))[0] == 201
    assert await give(clerk, clerk, "auditor") == BEYOND
    later = (end + SOON).isoformat()
    assert await give(clerk, friend, "auditor", expires_at=later) == BEYOND
    body = {"name": "mine", "permissions": [AUDIT]}
    assert refusal(await clerk.http.post(ROLES, json=body)) == BEYOND
    assert (await give(clerk, friend, "auditor", expires_at=end.isoformat()))[0] == 201


async def test_who_comes_under_a_deny_takes_it_from_nobody(people: People) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "clerk", READ_POLICIES, WRITE_POLICIES, WRITE)
    clerk = await people.register(role="clerk")
    denied = await make_policy(
        administrator, "sold", "deny", WRITE, roles=["clerk"], when=PUBLISHED
    )
    never: dict[str, object] = {"any": []}
    attempts = [
        await delete(clerk, POLICIES, denied),
        await change(clerk, POLICIES, denied, enabled=False),
        await change(clerk, POLICIES, denied, when=never),
        await change(clerk, POLICIES, denied, roles=["viewer"]),
        await change(clerk, POLICIES, denied, effect="allow"),
    ]
    assert [refusal(one) for one in attempts] == [BEYOND] * 5


async def test_nobody_leaves_a_role_to_get_rid_of_what_it_is_denied(people: People) -> None:
    administrator, clerk = await clerk_with(people, ASSIGN, WRITE)
    await make_role(administrator, "bound")
    await make_policy(administrator, "sold", "deny", WRITE, roles=["bound"], when=PUBLISHED)
    place = f"{ASSIGNMENTS}"
    given = await administrator.http.post(
        place, json={"account_id": str(clerk.id), "role": "bound"}
    )
    gone = await clerk.http.delete(given.headers["location"], params={"force": "true"})
    assert refusal(gone) == BEYOND
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    assert await give(clerk, clerk, "bound", expires_at=soon) == BEYOND


async def test_an_earlier_version_brings_back_nothing_its_restorer_lacks(people: People) -> None:
    administrator, clerk = await clerk_with(people, WRITE_POLICIES, READ_POLICIES, WRITE)
    made = await make_policy(administrator, "mending", "allow", WRITE, roles=["clerk"])
    version = (await administrator.http.get(VERSIONS)).json()["items"][0]["version"]
    assert (await delete(administrator, POLICIES, made)).status_code == 204
    back = await clerk.http.post(f"{VERSIONS}/{version}/restore", json={})
    assert refusal(back) == BEYOND


async def test_the_secret_of_a_program_is_not_for_who_may_do_less_in_its_scope(
    people: People,
) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "managers", "catalog.products.manage")
    await make_role(administrator, "keeper", "identity.service-accounts.write")
    keeper = await people.register(role="keeper")
    place = "/v1/identity/service-accounts"
    body = {"name": "importer", "description": "Imports."}
    program = (await administrator.http.post(place, json=body)).json()["id"]
    secrets = f"{place}/{program}/secrets"
    assert (await keeper.http.post(secrets, json={})).status_code == 201
    scope = (await administrator.http.post(CATEGORIES, json={"name": "Tools"})).json()["id"]
    given = {"account_id": program, "role": "managers", "scope": scope}
    assert (await administrator.http.post(ASSIGNMENTS, json=given)).status_code == 201
    assert (await keeper.http.post(secrets, json={})).status_code == 403
    assert (await administrator.http.post(secrets, json={})).status_code == 201


async def test_who_manages_for_a_while_shares_for_no_longer(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    await make_role(administrator, "managers", "catalog.products.manage")
    scope = (await administrator.http.post(CATEGORIES, json={"name": "Tools"})).json()["id"]
    end = datetime.now(UTC) + SOON
    given = await give(administrator, person, "managers", scope=scope, expires_at=end.isoformat())
    assert given[0] == 201
    thing = (await draft(administrator.http, category_id=scope)).json()
    body = {
        "resource": "catalog.products",
        "object_id": thing["id"],
        "permission": WRITE,
        "account_id": str(person.id),
    }
    assert refusal(await person.http.post(GRANTS, json=body)) == BEYOND
    later = {**body, "expires_at": (end + SOON).isoformat()}
    assert refusal(await person.http.post(GRANTS, json=later)) == BEYOND
    as_long = {**body, "expires_at": end.isoformat()}
    assert (await person.http.post(GRANTS, json=as_long)).status_code == 201


async def test_a_key_gives_nothing_beyond_its_scope_though_its_owner_could(
    people: People, app: FastAPI
) -> None:
    administrator, friend = await people.register(role="administrator"), await people.register()
    denied = await make_policy(administrator, "log", "deny", AUDIT, roles=["viewer"], when=PUBLIC)
    body = {"name": "key", "scope": [WRITE_ROLES, WRITE_POLICIES, ASSIGN]}
    made = await administrator.http.post("/v1/identity/me/api-keys", json=body)
    key = client_of(app)
    key.headers["authorization"] = f"Bearer {made.json()['key']}"
    allow = {"name": "mine", "effect": "allow", "permissions": [AUDIT], "anyone": True}
    given = {"account_id": str(friend.id), "role": "administrator"}
    tag = {"if-match": f'"v{denied["version"]}"'}
    attempts = [
        await key.post(ROLES, json={"name": "mine", "permissions": [AUDIT]}),
        await key.post(POLICIES, json=allow),
        await key.post(POLICIES, json={**allow, "effect": "deny", "force": True}),
        await key.delete(f"{POLICIES}/{denied['id']}", headers=tag),
        await key.post(ASSIGNMENTS, json=given),
    ]
    assert [refusal(one) for one in attempts] == [BEYOND] * 5
    harmless = {"name": "scribe", "permissions": [WRITE_ROLES]}
    assert (await key.post(ROLES, json=harmless)).status_code == 201
    await key.aclose()
