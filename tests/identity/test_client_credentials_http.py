"""The token endpoint of OAuth 2, over HTTP and on PostgreSQL."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote_plus
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI

from bootstrap.settings import PlatformSettings
from modules.identity.adapters.settings import IdentitySettings
from tests.kit.people import People
from tests.kit.programs import (
    MY_KEYS,
    TOKEN,
    WRITE,
    Program,
    a_key,
    a_program,
    bearer,
    drafting,
)
from tests.kit.running import client_of, identity_settings, running

FORM = "application/x-www-form-urlencoded"


def basic(id: str, secret: str) -> dict[str, str]:
    pair = f"{quote_plus(id)}:{quote_plus(secret)}"
    return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}


async def test_a_client_may_name_itself_by_http_basic(
    people: People, client: httpx2.AsyncClient
) -> None:
    program = await a_program(await people.register(role="administrator"), "importer")
    by_header = await client.post(
        TOKEN,
        content="grant_type=client_credentials",
        headers={**basic(program.id, program.secret), "content-type": FORM},
    )
    assert by_header.status_code == 200


async def test_a_token_is_limited_to_the_scope_asked_for(
    app: FastAPI, people: People, client: httpx2.AsyncClient
) -> None:
    administrator = await people.register(role="administrator")
    program = await a_program(administrator, "importer")
    wide = await program.token(client, scope=f"{WRITE} access.roles.read")
    assert wide.json()["scope"] == f"access.roles.read {WRITE}"
    assert (await drafting(app, wide.json()["access_token"], "SLATE-3")).status_code == 201
    headers = bearer(wide.json()["access_token"])
    assert (await client.get("/v1/access/roles", headers=headers)).status_code == 403, "no role"
    narrow = await program.token(client, scope="access.roles.read")
    assert (await drafting(app, narrow.json()["access_token"], "SLATE-4")).status_code == 403


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, 400, "unsupported_grant_type"),
        ({"client_id": ""}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"client_secret": "app_sat_nonsense"}, 401, "invalid_client"),
        ({"client_id": "00000000-0000-0000-0000-000000000000"}, 401, "invalid_client"),
        ({"client_id": "importer"}, 401, "invalid_client"),
        ({"scope": "no.such.permission"}, 400, "invalid_scope"),
        ({"scope": 'a"b'}, 400, "invalid_scope"),
        ({"scope": "  "}, 400, "invalid_scope"),
    ],
)
async def test_the_token_endpoint_says_what_is_wrong_as_rfc_6749_wants(
    people: People, client: httpx2.AsyncClient, fields: dict[str, str], status: int, error: str
) -> None:
    program = await a_program(await people.register(role="administrator"), "importer")
    answer = await program.token(client, **fields)
    assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_a_token_request_that_can_be_read_in_two_ways_is_none(
    people: People, client: httpx2.AsyncClient
) -> None:
    program = await a_program(await people.register(role="administrator"), "importer")
    good = f"grant_type=client_credentials&client_id={program.id}&client_secret={program.secret}"
    in_header = basic(program.id, program.secret)
    for body, headers in (
        (f"{good}&scope=a&scope=b", {}),
        (f"{good}&client_id={program.id}", {}),
        (good, in_header),
        (f"grant_type=client_credentials&client_id={uuid4()}", in_header),
        (f"{good}&scope=%ff", {}),
        (f"{good}&scope=a%00", {}),
        (f"{good}&scope={'x' * 9000}", {}),
        (good + "&a=1" * 30, {}),
        (good, {"content-type": "text/plain"}),
        (good, {"content-type": f"{FORM}; charset=utf-16"}),
        (f'{{"grant_type": "client_credentials", "client_id": "{program.id}"}}',
         {"content-type": "application/json"}),
    ):  # fmt: skip
        answer = await client.post(TOKEN, content=body, headers={"content-type": FORM, **headers})
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"}), body
    for wrong in ("Basic", "Basic !!!", "Basic bm9jb2xvbg==", "Bearer x", f"Basic {'A' * 40}"):
        headers = {"content-type": FORM, "authorization": wrong}
        answer = await client.post(TOKEN, content="grant_type=client_credentials", headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"}), wrong


async def test_a_personal_key_and_somebody_elses_secret_are_no_client(
    people: People, client: httpx2.AsyncClient
) -> None:
    administrator = await people.register(role="administrator")
    one, other = [await a_program(administrator, name) for name in ("one", "other")]
    mixed = Program(one.id, one.name, other.secret_id, other.secret)
    assert (await mixed.token(client)).json() == {"error": "invalid_client"}
    key = await a_key(administrator)
    posing = Program(str(administrator.id), "", key["id"], key["key"])
    assert (await posing.token(client)).json() == {"error": "invalid_client"}
    log = await administrator.http.get(
        "/v1/audit/events", params={"action": "identity.client_refused", "subject_id": other.id}
    )
    assert len(log.json()["items"]) == 1


async def test_who_keeps_sending_wrong_secrets_is_sent_away_and_no_key_in_force_is_locked_out(
    settings: PlatformSettings, people: People
) -> None:
    administrator = await people.register(role="administrator")
    program, key = await a_program(administrator, "importer"), await a_key(administrator)
    revoked = await a_key(administrator)
    await administrator.http.delete(f"{MY_KEYS}/{revoked['id']}")
    wrong = Program(str(uuid4()), "", program.secret_id, program.secret)
    strict = {IdentitySettings: identity_settings(refreshes_per_client=5)}
    async with running(settings, replace=strict) as app, client_of(app) as http:
        asked = [(await wrong.token(http)) for _ in range(6)]
        assert [one.status_code for one in asked] == [401] * 5 + [429]
        assert int(asked[-1].headers["retry-after"]) >= 1
        sent = [(await drafting(app, revoked["key"], "SLATE-9")).status_code for _ in range(6)]
        assert sent == [401] * 5 + [429]
        mistyped = [(await drafting(app, key["key"] + "x", "SLATE-9")).status_code for _ in "123"]
        assert mistyped == [401] * 3, "costs nothing, and counts for nothing"
        for turn, text in enumerate((key["key"], program.secret)):
            assert (await drafting(app, text, f"SLATE-9-{turn}")).status_code == 201
