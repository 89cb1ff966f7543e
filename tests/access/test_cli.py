"""`app user create-admin` and `app policy list`, over a running application."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from fastapi import FastAPI

from modules.access.adapters import cli
from modules.access.application.administering.administrators import AppointFirstAdministrator
from shared_kernel.module import Services
from tests.kit.commands import Type, typing_over
from tests.kit.running import client_of

pytestmark = pytest.mark.usefixtures("own_roles", "clean")

PASSWORD = "gravel teapot oxbow lantern"


@pytest_asyncio.fixture
async def type_in(app: FastAPI) -> Type:
    """Type a command."""
    return typing_over(app)


def address() -> str:
    return f"{uuid4().hex}@example.com"


async def roles_seen_by(app: FastAPI, email: str, password: str) -> int:
    """Sign in, ask for the roles, and return the status of the answer."""
    async with client_of(app) as http:
        body = {"email": email, "password": password}
        answer = await http.post("/v1/identity/login", json=body)
        assert answer.status_code == 200, answer.text
        bearer = {"authorization": f"Bearer {answer.json()['access_token']}"}
        return (await http.get("/v1/access/roles", headers=bearer)).status_code


async def test_a_new_administrator_gets_a_password_that_is_shown_once(
    app: FastAPI, type_in: Type
) -> None:
    email = address()
    first = await type_in(cli.user, "create-admin", email, "--json")
    made: dict[str, Any] = json.loads(first.stdout)
    assert (first.exit_code, made["is_new_account"]) == (0, True)
    assert await roles_seen_by(app, email, made["password"]) == 200
    again = await type_in(cli.user, "create-admin", email)
    assert (again.exit_code, made["password"] in again.stdout) == (0, False)
    assert "had an account" in again.stdout
    assert await roles_seen_by(app, email, made["password"]) == 200


async def test_the_password_may_come_from_a_file_and_is_not_shown(
    app: FastAPI, type_in: Type, tmp_path: Path
) -> None:
    email, file = address(), tmp_path / "password"
    file.write_text(PASSWORD + "\n", "utf-8")
    done = await type_in(cli.user, "create-admin", email, "--password-file", str(file))
    assert (done.exit_code, PASSWORD in done.output) == (0, False)
    assert await roles_seen_by(app, email, PASSWORD) == 200


@pytest.mark.parametrize("email", ["", "nobody", "a@b@c"])
async def test_an_address_that_is_none_is_refused_in_one_line(type_in: Type, email: str) -> None:
    done = await type_in(cli.user, "create-admin", email)
    assert (done.exit_code, done.stdout) == (4, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


async def test_an_existing_account_becomes_administrator(app: FastAPI, type_in: Type) -> None:
    email = address()
    async with client_of(app) as http:
        await http.post("/v1/identity/register", json={"email": email, "password": PASSWORD})
    done = await type_in(cli.user, "create-admin", email)
    assert "had an account" in done.stdout
    assert await roles_seen_by(app, email, PASSWORD) == 200


async def test_the_policy_is_listed_with_what_each_role_holds(type_in: Type) -> None:
    told = await type_in(cli.policy, "list")
    assert {"administrator", "editor", "viewer"} <= set(told.stdout.splitlines())
    listed = json.loads((await type_in(cli.policy, "list", "--json")).stdout)
    administrator = next(one for one in listed if one["name"] == "administrator")
    assert "access.roles.write" in administrator["permissions"]


async def test_a_new_installation_gets_one_first_administrator(app: FastAPI) -> None:
    services: Services = app.state.services
    appoint = services.get(AppointFirstAdministrator)
    who, password = await appoint()
    email = who.removeprefix("first administrator: ")
    assert await roles_seen_by(app, email, password.rpartition(" ")[2]) == 200
    assert await appoint() == []
