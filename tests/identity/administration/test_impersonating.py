"""Acting as somebody else, over HTTP: what it opens, what it never does, and who hears of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from modules.access.public import RoleAssignments
from shared_kernel.module import Services
from tests.identity.administration.clerks import (
    IMPERSONATE,
    ME,
    READ,
    ROLES,
    USERS,
    WHY,
    WRITE,
    clerk,
)
from tests.identity.second_factors.phones import CONFIRM, STEP, STEP_UP, TOTP, claims_of, code_at
from tests.kit.cluster import TestDatabase
from tests.kit.people import PASSWORD, People, Person
from tests.kit.running import client_of
from tests.kit.smtp import Mailbox

pytestmark = pytest.mark.usefixtures("own_roles")
EVENTS = "/v1/audit/events"


async def begin(actor: Person, target: Person) -> httpx2.Response:
    return await actor.http.post(f"{USERS}/{target.id}/impersonate", json=WHY)


async def acting_as(people: People, actor: Person, target: Person) -> httpx2.AsyncClient:
    """Return a client that acts as somebody. It is closed with the others."""
    begun = await begin(actor, target)
    assert begun.status_code == 200, begun.text
    http = client_of(people.app)
    http.headers["authorization"] = f"Bearer {begun.json()['access_token']}"
    return http


async def test_it_is_seen_by_everybody(people: People, mailbox: Mailbox) -> None:
    support, target = await clerk(people, IMPERSONATE), await people.register()
    begun = await begin(support, target)
    tokens = begun.json()
    assert set(tokens) == {"session_id", "access_token", "token_type", "expires_in"}
    assert tokens["expires_in"] <= 600
    assert "no-store" in begun.headers["cache-control"]
    claims = claims_of(tokens)
    assert (claims["sub"], claims["act"]) == (str(target.id), {"sub": str(support.id)})
    assert "auth_time" not in claims
    async with client_of(people.app) as http:
        http.headers["authorization"] = f"Bearer {tokens['access_token']}"
        me = (await http.get(ME)).json()
    assert (me["id"], me["impersonated_by"]) == (str(target.id), str(support.id))
    assert (await target.http.get(ME)).json()["impersonated_by"] is None
    listed = (await target.http.get(f"{ME}/sessions")).json()["items"]
    assert [(one["id"], one["impersonator_id"]) for one in listed if not one["current"]] == [
        (tokens["session_id"], str(support.id))
    ]
    assert await mailbox.next(target.email, subject="An administrator used your account")


async def test_its_start_its_end_and_what_is_done_are_audited(people: People) -> None:
    support, target = await clerk(people, IMPERSONATE), await people.register()
    reader = await people.register(role="administrator")
    http = await acting_as(people, support, target)
    tag = {"if-match": (await http.get(ME)).headers["etag"]}
    assert (await http.patch(ME, json={"locale": "de"}, headers=tag)).status_code == 200
    assert (await http.get(ROLES)).status_code == 403
    assert (await http.post("/v1/identity/logout")).status_code == 204
    assert (await http.get(ME)).status_code == 401
    await http.aclose()
    assert (await target.http.get(ME)).status_code == 200

    log = (await reader.http.get(EVENTS, params={"actor_id": str(target.id), "limit": 200})).json()
    by = {
        one["action"]: one["detail"].get("impersonator_id")
        for one in log["items"]
        if one["action"] in {"identity.ProfileChanged", "access.denied", "identity.signed_out"}
    }
    assert by == dict.fromkeys(by, str(support.id))
    assert len(by) == 3
    where = {"action": "identity.impersonation_started", "subject_id": str(target.id)}
    (started,) = (await reader.http.get(EVENTS, params=where)).json()["items"]
    assert started["actor_id"] == str(support.id)
    assert started["detail"]["reason"] == WHY["reason"]
    assert "impersonator_id" not in started["detail"]


async def test_what_only_the_owner_may_do_is_refused(people: People) -> None:
    support, target = await clerk(people, IMPERSONATE), await people.register()
    key = await target.http.post(f"{ME}/api-keys", json={"name": "key", "scope": [READ]})
    http = await acting_as(people, support, target)
    sessions = (await http.get(f"{ME}/sessions")).json()["items"]
    place, now = f"{ME}/sessions/{sessions[0]['id']}", "gravel teapot oxbow lantern"
    attempts: list[tuple[str, str, Any]] = [
        ("POST", f"{ME}/password", {"current_password": now, "password": f"{now} again"}),
        ("POST", f"{ME}/email", {"email": "thief@example.com"}),
        ("DELETE", ME, {"password": PASSWORD}),
        ("POST", f"{ME}/erase", {"password": PASSWORD}),
        ("GET", f"{ME}/export", None),
        ("DELETE", f"{ME}/sessions", None),
        ("DELETE", place, None),
        ("PATCH", place, {"name": "mine now"}),
        ("POST", f"{ME}/api-keys", {"name": "another", "scope": [READ]}),
        ("DELETE", f"{ME}/api-keys/{key.json()['id']}", None),
        ("PATCH", f"{ME}/api-keys/{key.json()['id']}", {"name": "mine now"}),
        ("POST", f"{ME}/mfa/totp", None),
        ("POST", f"{ME}/reauthenticate", {"password": PASSWORD}),
        ("POST", f"{USERS}/{uuid4()}/impersonate", WHY),
    ]
    for method, path, body in attempts:
        answer = await http.request(method, path, json=body)
        assert answer.status_code == 403, (method, path, answer.text)
    await http.aclose()
    assert (await target.http.get(ME)).status_code == 200


async def test_a_clerk_becomes_no_administrator(people: People) -> None:
    support = await clerk(people, IMPERSONATE, READ)
    administrator, target = await people.register(role="administrator"), await people.register()
    refused = await begin(support, administrator)
    assert (refused.status_code, refused.json()["code"]) == (403, "identity.beyond_own_rights")

    http = await acting_as(people, support, target)
    services: Services = people.app.state.services
    await services.get(RoleAssignments).assign(target.id, "administrator")
    assert (await target.http.get(ROLES)).status_code == 200
    assert (await http.get(ROLES)).status_code == 403, "the target's new rights are not theirs"
    assert (await http.get(USERS)).status_code == 200, "both may read users now"
    held = {"account_id": str(support.id), "role": "administrator"}
    assert (await http.post("/v1/access/assignments", json=held)).status_code == 403
    checked = await http.post("/v1/access/check", json={"questions": [{"permission": WRITE}]})
    assert checked.json()["answers"] == [{"allowed": False}]
    await http.aclose()


async def test_an_administrator_has_no_more_rights_than_who_they_act_as(people: People) -> None:
    administrator, target = await people.register(role="administrator"), await people.register()
    http = await acting_as(people, administrator, target)
    assert (await http.get(ROLES)).status_code == 403
    assert (await http.get(USERS)).status_code == 403
    await http.aclose()


@pytest.mark.parametrize("what", ["suspend", "close"])
async def test_nobody_acts_as_who_is_out(people: People, what: str) -> None:
    administrator, target = await people.register(role="administrator"), await people.register()
    http = await acting_as(people, administrator, target)
    place = f"{USERS}/{target.id}"
    if what == "suspend":
        await administrator.http.post(f"{place}/suspend", json=WHY)
    else:
        tag = {"if-match": (await administrator.http.get(place)).headers["etag"]}
        assert (await administrator.http.delete(place, headers=tag)).status_code == 204
    assert (await http.get(ME)).status_code == 401
    await http.aclose()
    refused = await begin(administrator, target)
    assert (refused.status_code, refused.json()["code"]) == (409, "identity.not_to_be_impersonated")
    assert (await begin(administrator, Person(target.id, "", administrator.http, ""))).is_error
    assert (await administrator.http.post(f"{USERS}/{uuid4()}/impersonate", json=WHY)).is_error


@pytest.mark.parametrize("what", ["suspend", "sessions", "closes"])
async def test_who_is_out_acts_as_nobody(people: People, what: str) -> None:
    administrator, target = await people.register(role="administrator"), await people.register()
    support = await clerk(people, IMPERSONATE)
    http = await acting_as(people, support, target)
    if what == "suspend":
        await administrator.http.post(f"{USERS}/{support.id}/suspend", json=WHY)
    elif what == "sessions":
        await administrator.http.delete(f"{USERS}/{support.id}/sessions")
    else:
        closed = await support.http.request("DELETE", ME, json={"password": PASSWORD})
        assert closed.status_code == 204
    async with asyncio.timeout(5):
        while (await http.get(ME)).status_code == 200:  # noqa: ASYNC110 - as clients see it
            await asyncio.sleep(0.05)
    await http.aclose()
    assert (await target.http.get(ME)).status_code == 200


async def test_the_owner_throws_them_out(people: People) -> None:
    support, target = await clerk(people, IMPERSONATE), await people.register()
    http = await acting_as(people, support, target)
    assert (await target.http.delete(f"{ME}/sessions")).status_code == 204
    assert (await http.get(ME)).status_code == 401
    await http.aclose()


async def test_who_has_a_second_factor_proves_it_first(people: People) -> None:
    support, target = await clerk(people, IMPERSONATE), await people.register()
    before = support.http.headers["authorization"]
    secret, now = (await support.http.post(TOTP)).json()["secret"], datetime.now(UTC)
    await support.http.post(CONFIRM, json={"code": code_at(secret, now)})
    support.http.headers["authorization"] = before
    refused = await begin(support, target)
    assert refused.status_code == 401
    assert 'acr_values="mfa"' in refused.headers["www-authenticate"]
    proved = await support.http.post(STEP_UP, json={"code": code_at(secret, now + STEP)})
    support.http.headers["authorization"] = f"Bearer {proved.json()['access_token']}"
    begun = await begin(support, target)
    assert begun.status_code == 200, begun.text
    assert "mfa" in claims_of(begun.json())["amr"]


async def test_it_lasts_ten_minutes_and_no_refresh_token_is_given_out(
    people: People, database: TestDatabase
) -> None:
    support, target = await clerk(people, IMPERSONATE), await people.register()
    begun = (await begin(support, target)).json()
    connection = await asyncpg.connect(database.owner_url)
    try:
        row = await connection.fetchrow(
            "select started_at, expires_at, authenticated_at from identity.sessions where id = $1",
            begun["session_id"],
        )
    finally:
        await connection.close()
    assert row is not None
    assert row["expires_at"] - row["started_at"] == timedelta(minutes=10)
    assert row["authenticated_at"] is None
