"""Where a stored row cannot be understood, administrators are told which one, and repair it."""

from __future__ import annotations

import asyncpg
import pytest

from tests.kit.cluster import TestDatabase
from tests.kit.people import People
from tests.kit.ruling import (
    AUDIT,
    POLICIES,
    ROLES,
    change,
    delete,
    make_policy,
    make_role,
    refusal,
)

pytestmark = pytest.mark.usefixtures("settled", "own_roles")

EVENTS = "/v1/audit/events"
BROKEN = (409, "access.rulebook_broken")
COUNT_UP = "update access.policy_version set version = version + 1"


async def execute(database: TestDatabase, *statements: str) -> None:
    connection = await asyncpg.connect(database.owner_url)
    try:
        for one in statements:
            await connection.execute(one)
    finally:
        await connection.close()


async def test_a_broken_policy_is_named_and_can_be_deleted(
    people: People, database: TestDatabase
) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    made = await make_policy(administrator, "log", "allow", AUDIT, roles=["viewer"])
    await execute(
        database,
        """update access.policies set "when" = '{"or": []}' where name = 'log'""",
        COUNT_UP,
    )
    body = {"name": "clerk", "permissions": [AUDIT]}
    refused = await administrator.http.post(ROLES, json=body)
    assert refusal(refused) == BROKEN
    assert "policy log: /when" in refused.json()["detail"]
    supposed = {"policy": {"roles": {"clerk": {"permissions": [AUDIT]}}}}
    simulated = await administrator.http.post("/v1/access/simulate", json=supposed)
    assert refusal(simulated) == BROKEN
    assert (await person.http.get(EVENTS)).status_code == 200, "the last good policy is in force"
    assert (await delete(administrator, POLICIES, made)).status_code == 204
    assert (await person.http.get(EVENTS)).status_code == 403
    assert (await administrator.http.post(ROLES, json=body)).status_code == 201


async def test_roles_in_a_circle_are_named_and_can_be_parted(
    people: People, database: TestDatabase
) -> None:
    administrator = await people.register(role="administrator")
    one = await make_role(administrator, "one")
    two = await make_role(administrator, "two", inherits=["one"])
    link = f"insert into access.role_parents values ('{one['id']}', '{two['id']}')"
    await execute(database, link, COUNT_UP)
    body = {"name": "clerk", "permissions": [AUDIT]}
    refused = await administrator.http.post(ROLES, json=body)
    assert refusal(refused) == (409, "access.inheritance_cycle")
    assert "one > two > one" in refused.json()["detail"]
    assert (await change(administrator, ROLES, one, inherits=[])).status_code == 200
    assert (await administrator.http.post(ROLES, json=body)).status_code == 201
