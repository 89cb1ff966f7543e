"""Service accounts, over HTTP and on PostgreSQL."""

from __future__ import annotations

from uuid import uuid4

import httpx2
from fastapi import FastAPI

from tests.kit.people import People
from tests.kit.programs import (
    MY_KEYS,
    SERVICES,
    a_program,
    bearer,
    drafting,
)


async def test_only_those_who_may_see_or_change_service_accounts(people: People) -> None:
    administrator = await people.register(role="administrator")
    for role, held in (("readers", "read"), ("writers", "write")):
        body = {"name": role, "permissions": [f"identity.service-accounts.{held}"]}
        assert (await administrator.http.post("/v1/access/roles", json=body)).status_code == 201
    someone, reader, writer = [
        await people.register(role=role) for role in (None, "readers", "writers")
    ]
    path, secrets = f"{SERVICES}/{uuid4()}", f"{SERVICES}/{uuid4()}/secrets"
    for method, route, opens_to in (
        ("GET", SERVICES, reader),
        ("GET", path, reader),
        ("POST", SERVICES, writer),
        ("PATCH", path, writer),
        ("DELETE", path, writer),
        ("POST", secrets, writer),
        ("DELETE", f"{secrets}/{uuid4()}", writer),
    ):
        for person in (someone, reader, writer):
            answer = await person.http.request(
                method, route, json=None if method == "GET" else {}, headers={"if-match": '"v1"'}
            )
            assert (answer.status_code == 403) is (person is not opens_to), (method, route)


async def test_a_service_account_acts_with_its_roles_by_secret_and_by_token(
    app: FastAPI, people: People, client: httpx2.AsyncClient
) -> None:
    administrator = await people.register(role="administrator")
    program = await a_program(administrator, "importer")
    assert program.secret.startswith("app_sat_")
    drafted = await drafting(app, program.secret, "SLATE-1")
    assert (drafted.status_code, drafted.json()["owner_id"]) == (201, program.id)

    answer = await program.token(client)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    token = answer.json()
    assert token.keys() == {"access_token", "token_type", "expires_in"}
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 600)
    assert (await drafting(app, token["access_token"], "SLATE-2")).status_code == 201
    shown = (await administrator.http.get(f"{SERVICES}/{program.id}")).text
    assert program.secret not in shown


async def test_programs_are_refused_where_people_sign_in(
    people: People, client: httpx2.AsyncClient
) -> None:
    program = await a_program(await people.register(role="administrator"), "importer")
    token = (await program.token(client)).json()["access_token"]
    for text in (program.secret, token):
        for method, path in (
            ("GET", "/v1/identity/me"),
            ("POST", MY_KEYS),
            ("POST", "/v1/identity/logout"),
        ):
            answer = await client.request(method, path, headers=bearer(text))
            assert (answer.status_code, answer.json()["code"]) == (403, "api_key_not_accepted")
    refused = await client.post("/v1/identity/refresh", json={"refresh_token": program.secret})
    assert refused.status_code == 401


async def test_whoever_lacks_a_service_accounts_rights_gets_no_secret_of_it(
    people: People,
) -> None:
    administrator = await people.register(role="administrator")
    program = await a_program(administrator, "powerful", role="administrator")
    body = {
        "name": "keepers",
        "permissions": ["identity.service-accounts.read", "identity.service-accounts.write"],
    }
    assert (await administrator.http.post("/v1/access/roles", json=body)).status_code == 201
    keeper = await people.register(role="keepers")
    path = f"{SERVICES}/{program.id}"
    refused = await keeper.http.post(f"{path}/secrets", json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "identity.beyond_own_rights")
    version = (await keeper.http.get(path)).headers["etag"]
    off = await keeper.http.patch(path, json={"disabled": True}, headers={"if-match": version})
    assert off.status_code == 200, "taking power away is no grant"
    on = await keeper.http.patch(
        path, json={"disabled": False}, headers={"if-match": off.headers["etag"]}
    )
    assert on.status_code == 403
    plain = (await keeper.http.post(SERVICES, json={"name": "plain"})).json()
    secret = await keeper.http.post(f"{SERVICES}/{plain['id']}/secrets", json={})
    assert secret.status_code == 201
    log = await administrator.http.get(
        "/v1/audit/events", params={"action": "access.denied", "actor_id": str(keeper.id)}
    )
    assert len([one for one in log.json()["items"] if one["subject_id"]]) == 2


async def test_a_secret_is_replaced_without_a_gap_and_two_are_the_most(
    app: FastAPI, people: People
) -> None:
    administrator = await people.register(role="administrator")
    program = await a_program(administrator, "importer")
    secrets = f"{SERVICES}/{program.id}/secrets"
    second = (await administrator.http.post(secrets, json={"expires_in_days": 30})).json()
    third = await administrator.http.post(secrets, json={})
    assert (third.status_code, third.json()["code"]) == (409, "identity.too_many_secrets")
    for turn, text in enumerate((program.secret, second["secret"])):
        assert (await drafting(app, text, f"SLATE-5-{turn}")).status_code == 201
    gone = await administrator.http.delete(f"{secrets}/{program.secret_id}")
    assert gone.status_code == 204
    assert (await drafting(app, program.secret, "SLATE-6")).status_code == 401
    assert (await drafting(app, second["secret"], "SLATE-6")).status_code == 201
    again = await administrator.http.delete(f"{secrets}/{program.secret_id}")
    assert again.status_code == 404
    elsewhere = await a_program(administrator, "other")
    wrong = await administrator.http.delete(f"{SERVICES}/{elsewhere.id}/secrets/{second['id']}")
    assert wrong.status_code == 404


async def test_what_is_disabled_or_deleted_is_refused_at_once(
    app: FastAPI, people: People, client: httpx2.AsyncClient
) -> None:
    administrator = await people.register(role="administrator")
    program = await a_program(administrator, "importer")
    path = f"{SERVICES}/{program.id}"
    token = (await program.token(client)).json()["access_token"]
    version = (await administrator.http.get(path)).headers["etag"]
    off = await administrator.http.patch(
        path, json={"disabled": True}, headers={"if-match": version}
    )
    assert off.json()["disabled"] is True
    for text in (program.secret, token):
        assert (await drafting(app, text, "SLATE-7")).status_code == 401
    assert (await program.token(client)).json() == {"error": "invalid_client"}
    on = await administrator.http.patch(
        path, json={"disabled": False}, headers={"if-match": off.headers["etag"]}
    )
    assert (await drafting(app, token, "SLATE-7")).status_code == 201
    headers = {"if-match": on.headers["etag"]}
    assert (await administrator.http.delete(path)).status_code == 428
    assert (await administrator.http.delete(path, headers=headers)).status_code == 204
    for text in (program.secret, token):
        assert (await drafting(app, text, "SLATE-8")).status_code == 401
    assert (await administrator.http.get(path)).status_code == 404
    assert (await administrator.http.post(SERVICES, json={"name": "importer"})).status_code == 201
    body = {"account_id": program.id, "role": "editor"}
    gone = await administrator.http.post("/v1/access/assignments", json=body)
    assert (gone.status_code, gone.json()["code"]) == (422, "access.no_such_account")


async def test_service_accounts_are_listed_by_name_and_names_are_unique(people: People) -> None:
    administrator = await people.register(role="administrator")
    for name in ("b", "a", "c"):
        made = await administrator.http.post(SERVICES, json={"name": name, "description": "x"})
        assert made.json()["created_by"] == str(administrator.id)
    taken = await administrator.http.post(SERVICES, json={"name": "a"})
    assert (taken.status_code, taken.json()["code"]) == (409, "identity.service_account_name_taken")
    first = await administrator.http.get(SERVICES, params={"limit": 2})
    assert [one["name"] for one in first.json()["items"]] == ["a", "b"]
    rest = await administrator.http.get(
        SERVICES, params={"limit": 2, "cursor": first.json()["next_cursor"]}
    )
    assert [one["name"] for one in rest.json()["items"]] == ["c"]
