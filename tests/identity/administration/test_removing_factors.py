"""An administrator helps an owner in who lost both their phone and their recovery codes."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg
import httpx2
import pytest

from tests.identity.administration.clerks import (
    ME,
    READ,
    REFRESH,
    REMOVE,
    USERS,
    WHY,
    WRITE,
    clerk,
    logged,
    login,
)
from tests.identity.second_factors.phones import CONFIRM, FINISH, MFA, STEP, TOTP, code_at
from tests.kit.cluster import TestDatabase
from tests.kit.passkey import SoftwarePasskey
from tests.kit.people import People, Person
from tests.kit.running import client_of
from tests.kit.smtp import Mailbox

pytestmark = pytest.mark.usefixtures("own_roles")
PASSKEYS = f"{ME}/passkeys"


async def protect(person: Person) -> str:
    """Protect an account by an app, and return a recovery code."""
    secret = (await person.http.post(TOTP)).json()["secret"]
    shown = await person.http.post(CONFIRM, json={"code": code_at(secret, datetime.now(UTC))})
    assert shown.status_code == 200, shown.text
    return str(shown.json()["recovery_codes"][0])


async def remove(actor: Person, person: Person) -> httpx2.Response:
    return await actor.http.post(f"{USERS}/{person.id}/remove-second-factors", json=WHY)


async def run(database: TestDatabase, statement: str, *values: object) -> None:
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute(statement, *values)
    finally:
        await connection.close()


async def test_the_password_alone_is_enough_again_and_the_owner_is_told(
    people: People, mailbox: Mailbox
) -> None:
    helper, owner = await clerk(people, REMOVE), await people.register()
    await protect(owner)
    async with client_of(people.app) as http:
        waiting = await login(http, owner)
        assert waiting.status_code == 202
    answer = await remove(helper, owner)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["second_factors"], answer.json()["recovery_codes_left"]) == ([], 0)
    assert (await owner.http.get(ME)).status_code == 401, "signed out everywhere"
    async with client_of(people.app) as http:
        signed_in = await login(http, owner)
        assert signed_in.status_code == 200, signed_in.text
        access = {"authorization": f"Bearer {signed_in.json()['access_token']}"}
        assert (await http.get(MFA, headers=access)).json()["totp"] is None
    assert await mailbox.next(owner.email, subject="An administrator removed your second factors")


async def test_a_sign_in_that_waits_is_over(people: People) -> None:
    helper, owner = await clerk(people, REMOVE), await people.register()
    code = await protect(owner)
    async with client_of(people.app) as http:
        waiting = (await login(http, owner)).json()
        await remove(helper, owner)
        body = {"pending_token": waiting["pending_token"], "code": code}
        assert (await http.post(FINISH, json=body)).status_code == 401


async def test_passkeys_go_too(people: People, database: TestDatabase) -> None:
    helper, owner = await clerk(people, REMOVE), await people.register()
    verified = "update identity.accounts set email_verified_at = now() where id = $1"
    await run(database, verified, owner.id)
    options = (await owner.http.post(f"{PASSKEYS}/options")).json()
    body = {"name": "Phone", "credential": SoftwarePasskey().create(options)}
    assert (await owner.http.post(PASSKEYS, json=body)).status_code == 201
    answer = await remove(helper, owner)
    assert (answer.status_code, answer.json()["ways_in"]) == (200, ["password"])


async def test_it_is_audited_with_its_reason(people: People) -> None:
    administrator, owner = await people.register(role="administrator"), await people.register()
    await protect(owner)
    assert (await remove(administrator, owner)).status_code == 200
    [entry] = await logged(administrator, owner, "second_factors_removed")
    assert entry["actor_id"] == str(administrator.id)
    assert entry["detail"]["reason"] == WHY["reason"]


async def test_other_permissions_over_accounts_do_not_allow_it(people: People) -> None:
    other, owner = await clerk(people, READ, WRITE), await people.register()
    await protect(owner)
    assert (await remove(other, owner)).status_code == 403
    async with client_of(people.app) as http:
        assert (await login(http, owner)).status_code == 202


async def test_nobody_removes_their_own_here(people: People) -> None:
    helper = await clerk(people, REMOVE)
    await protect(helper)
    refused = await remove(helper, helper)
    assert (refused.status_code, refused.json()["code"]) == (409, "identity.not_upon_yourself")


async def test_it_asks_for_a_proof_of_the_last_minutes(
    people: People, database: TestDatabase
) -> None:
    helper, owner = await clerk(people, REMOVE), await people.register()
    await protect(owner)
    past = "update identity.sessions set authenticated_at = now() - interval '11 minutes'"
    await run(database, f"{past} where account_id = $1", helper.id)
    body = {"refresh_token": helper.refresh_token}
    stale = (await helper.http.post(REFRESH, json=body)).json()["access_token"]
    helper.http.headers["authorization"] = f"Bearer {stale}"
    refused = await remove(helper, owner)
    assert (refused.status_code, refused.json()["code"]) == (401, "insufficient_authentication")
    assert 'max_age="600"' in refused.headers["www-authenticate"]


async def test_who_has_a_second_factor_proves_it_first(people: People) -> None:
    helper, owner = await clerk(people, REMOVE), await people.register()
    await protect(owner)
    secret, now = (await helper.http.post(TOTP)).json()["secret"], datetime.now(UTC)
    await helper.http.post(CONFIRM, json={"code": code_at(secret, now)})
    refused = await remove(helper, owner)
    assert refused.status_code == 401
    assert 'acr_values="mfa"' in refused.headers["www-authenticate"]
    code = {"code": code_at(secret, now + STEP)}
    proved = (await helper.http.post(f"{ME}/reauthenticate", json=code)).json()
    helper.http.headers["authorization"] = f"Bearer {proved['access_token']}"
    assert (await remove(helper, owner)).status_code == 200


async def test_where_nothing_protects_nothing_is_removed(people: People) -> None:
    helper, owner = await clerk(people, REMOVE), await people.register()
    refused = await remove(helper, owner)
    assert (refused.status_code, refused.json()["code"]) == (409, "identity.no_second_factor")
    assert (await owner.http.get(ME)).status_code == 200
