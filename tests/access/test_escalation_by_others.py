"""Programs, keys and whoever acts as somebody else get no more than those behind them have."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from tests.catalog.shop import PRODUCTS, draft
from tests.kit.people import People, Person
from tests.kit.programs import MY_KEYS, SERVICES, Program, a_key, a_program, bearer
from tests.kit.ruling import (
    ASSIGNMENTS,
    AUDIT,
    GRANTS,
    POLICIES,
    ROLES,
    VERSIONS,
    WRITE_POLICIES,
    WRITE_ROLES,
    change,
    make_policy,
    make_role,
    role_named,
)
from tests.kit.running import client_of

pytestmark = pytest.mark.usefixtures("settled", "own_roles")

ASSIGN, READ = "access.assignments.write", "catalog.products.read"
RULING = (WRITE_ROLES, WRITE_POLICIES, ASSIGN)
EVENTS = "/v1/audit/events"
BY_PROGRAM = {"attribute": "caller.methods", "op": "has", "value": "pwd"}


@pytest_asyncio.fixture
async def http(app: FastAPI) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client that is nobody yet."""
    async with client_of(app) as made:
        yield made


async def tries(
    http: httpx2.AsyncClient, by: dict[str, str], me: str, other: str, ruler: dict[str, Any]
) -> None:
    """Try every way to read the audit log that the rights to change roles and policies open."""
    to_me = {"account_id": me, "role": "administrator", "force": True}
    allow = {"name": "mine", "effect": "allow", "permissions": [AUDIT], "force": True}
    tag = {"if-match": f'"v{ruler["version"]}"'}
    attempts: list[tuple[str, str, dict[str, Any], dict[str, str]]] = [
        ("POST", ROLES, {"name": "mine", "permissions": [AUDIT], "force": True}, {}),
        ("POST", ROLES, {"name": "mine", "permissions": [], "inherits": ["auditor"]}, {}),
        ("PATCH", f"{ROLES}/{ruler['id']}", {"permissions": [*RULING, AUDIT]}, tag),
        ("PATCH", f"{ROLES}/{ruler['id']}", {"inherits": ["auditor"]}, tag),
        ("POST", POLICIES, {**allow, "anyone": True}, {}),
        ("POST", POLICIES, {**allow, "roles": ["ruler"], "when": {"not": BY_PROGRAM}}, {}),
        ("POST", ASSIGNMENTS, to_me, {}),
        ("POST", ASSIGNMENTS, {**to_me, "role": "auditor", "scope": "north"}, {}),
        ("POST", ASSIGNMENTS, {**to_me, "role": "auditor", "account_id": other}, {}),
        ("POST", f"{VERSIONS}/1/restore", {"force": True}, {}),
        ("POST", MY_KEYS, {"name": "key", "scope": [AUDIT]}, {}),
        ("POST", SERVICES, {"name": "another"}, {}),
        ("POST", f"{SERVICES}/{me}/secrets", {}, {}),
    ]
    for method, path, body, headers in attempts:
        answer = await http.request(method, path, json=body, headers={**by, **headers})
        assert answer.status_code in {401, 403, 404, 409}, (method, path, body, answer.text)
    assert (await http.get(EVENTS, headers=by)).status_code == 403


async def ruler_and_auditor(people: People) -> tuple[Person, dict[str, Any]]:
    """Return an administrator, and the role that may change everything but is no auditor."""
    administrator = await people.register(role="administrator")
    await make_role(administrator, "auditor", AUDIT)
    return administrator, await make_role(administrator, "ruler", *RULING)


async def token_of(program: Program, http: httpx2.AsyncClient, **fields: str) -> dict[str, str]:
    answer = await program.token(http, **fields)
    assert answer.status_code == 200, answer.text
    return bearer(answer.json()["access_token"])


async def test_a_program_gives_neither_itself_nor_others_more_than_it_has(
    people: People, http: httpx2.AsyncClient
) -> None:
    administrator, ruler = await ruler_and_auditor(people)
    program = await a_program(administrator, "ruling", role="ruler")
    other = await a_program(administrator, "other", role=None)
    by = await token_of(program, http)
    await tries(http, by, program.id, other.id, ruler)
    given = {"account_id": other.id, "role": "ruler"}
    assert (await http.post(ASSIGNMENTS, json=given, headers=by)).status_code == 201


async def test_a_token_of_narrow_scope_gives_no_more_than_it_reaches_to(
    people: People, http: httpx2.AsyncClient
) -> None:
    administrator, ruler = await ruler_and_auditor(people)
    program = await a_program(administrator, "powerful", role="administrator")
    other = await a_program(administrator, "other", role=None)
    by = await token_of(program, http, scope=" ".join(RULING))
    await tries(http, by, program.id, other.id, ruler)
    assert (await http.get(EVENTS, headers=await token_of(program, http))).status_code == 200


async def test_an_api_key_gives_no_more_than_it_reaches_to(
    people: People, http: httpx2.AsyncClient
) -> None:
    administrator, ruler = await ruler_and_auditor(people)
    friend = await people.register()
    key = bearer((await a_key(administrator, scope=list(RULING)))["key"])
    await tries(http, key, str(administrator.id), str(friend.id), ruler)


async def test_a_key_may_no_more_than_its_owner_by_now(
    people: People, http: httpx2.AsyncClient
) -> None:
    administrator, _ = await ruler_and_auditor(people)
    owner = await people.register(role="auditor")
    key = bearer((await a_key(owner, scope=[AUDIT]))["key"])
    assert (await http.get(EVENTS, headers=key)).status_code == 200
    auditor = await role_named(administrator, "auditor")
    assert (await change(administrator, ROLES, auditor, permissions=[])).status_code == 200
    assert (await http.get(EVENTS, headers=key)).status_code == 403


async def test_who_acts_as_somebody_gets_nothing_of_what_that_one_is_given(
    people: People, http: httpx2.AsyncClient
) -> None:
    administrator, ruler = await ruler_and_auditor(people)
    await make_role(administrator, "support", "identity.accounts.impersonate", *RULING)
    support, target = await people.register(role="support"), await people.register(role="ruler")
    why = {"reason": "a complaint"}
    begun = await support.http.post(f"/v1/identity/users/{target.id}/impersonate", json=why)
    assert begun.status_code == 200, begun.text
    by = bearer(begun.json()["access_token"])
    given = {"account_id": str(target.id), "role": "auditor"}
    assert (await administrator.http.post(ASSIGNMENTS, json=given)).status_code == 201
    assert (await target.http.get(EVENTS)).status_code == 200
    await tries(http, by, str(target.id), str(support.id), ruler)


async def test_who_acts_as_somebody_shares_none_of_their_things_with_themselves(
    people: People, http: httpx2.AsyncClient
) -> None:
    administrator, _ = await ruler_and_auditor(people)
    await make_role(administrator, "support", "identity.accounts.impersonate")
    support, target = await people.register(role="support"), await people.register()
    why = {"reason": "a complaint"}
    begun = await support.http.post(f"/v1/identity/users/{target.id}/impersonate", json=why)
    by = bearer(begun.json()["access_token"])
    thing = (await draft(administrator.http)).json()["id"]
    about = {"resource": "catalog.products", "object_id": thing, "permission": READ}
    mine = {**about, "account_id": str(target.id)}
    assert (await administrator.http.post(GRANTS, json=mine)).status_code == 201
    assert (await target.http.get(f"{PRODUCTS}/{thing}")).status_code == 200
    assert (await http.get(f"{PRODUCTS}/{thing}", headers=by)).status_code == 404
    theirs = {**about, "account_id": str(support.id)}
    assert (await http.post(GRANTS, json=theirs, headers=by)).status_code == 404
    await make_policy(administrator, "sharing", "allow", "catalog.products.share", anyone=True)
    assert (await http.post(GRANTS, json=theirs, headers=by)).status_code == 404
    assert (await support.http.get(f"{PRODUCTS}/{thing}")).status_code == 404
