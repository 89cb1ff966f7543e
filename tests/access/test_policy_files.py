"""`app policy`: roles and policies as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from fastapi import FastAPI

from modules.access.adapters import cli
from tests.kit.cluster import TestDatabase
from tests.kit.commands import Type, typing_over
from tests.kit.people import People
from tests.kit.ruling import (
    AUDIT,
    READ_ROLES,
    VERSIONS,
    make_policy,
    make_role,
    role_named,
)

pytestmark = pytest.mark.usefixtures("settled", "own_roles", "clean")

CLERK = """
  clerk:
    inherits: [viewer]
    permissions: [access.roles.read]
"""

POLICY = """
policies:
  open-log:
    description: Everybody signed in reads the log.
    effect: allow
    roles: [viewer]
    permissions: [audit.events.read]
    when: {attribute: caller.second_factor, op: eq, value: false}
"""


@pytest_asyncio.fixture
async def type_in(app: FastAPI) -> Type:
    """Type a command."""
    return typing_over(app)


class Desk:
    """Somebody who edits the policy in a file."""

    def __init__(self, type_in: Type, folder: Path) -> None:
        self.type_in, self.path = type_in, folder / "policy.yaml"

    async def policy(self, *words: str) -> Any:
        """Type `app policy ...`, with the file in the place of FILE."""
        return await self.type_in(
            cli.policy, *(str(self.path) if one == "FILE" else one for one in words)
        )

    async def export(self) -> str:
        """Write what is in force to the file, and return it."""
        exported = await self.policy("export")
        assert exported.exit_code == 0, exported.output
        self.path.write_text(exported.stdout)
        return str(exported.stdout)

    async def edit(self, before: str, after: str) -> None:
        """Export, and replace a part of the file."""
        text = await self.export()
        assert before in text
        self.path.write_text(text.replace(before, after, 1))


@pytest.fixture
def desk(type_in: Type, tmp_path: Path) -> Desk:
    return Desk(type_in, tmp_path)


async def test_what_was_exported_is_in_force(desk: Desk, people: People) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "clerk", READ_ROLES, inherits=["viewer"])
    await make_policy(administrator, "log", "deny", AUDIT, description="yes: 'no', [a]\u00e4")
    await desk.export()
    same = await desk.policy("diff", "FILE")
    assert (same.exit_code, same.stdout.strip()) == (0, "the file is in force")
    applied = await desk.policy("apply", "FILE")
    assert (applied.exit_code, applied.stdout.strip()) == (0, "it was in force already")


async def test_a_file_is_compared_put_in_force_and_rolled_back(desk: Desk, people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    await desk.edit("roles:\n", f"roles:{CLERK}")
    with desk.path.open("a") as file:
        file.write("\n")
    desk.path.write_text(desk.path.read_text().replace("policies: {}\n", POLICY))
    differs = await desk.policy("diff", "FILE")
    assert differs.exit_code == 1
    assert {"+  clerk:", "+  open-log:"} <= {*differs.stdout.splitlines()}
    assert (await person.http.get("/v1/audit/events")).status_code == 403
    before = (await administrator.http.get(VERSIONS)).json()["items"][0]["version"]
    applied = await desk.policy("apply", "FILE", "--reason", "We hired a clerk.")
    assert applied.exit_code == 0, applied.output
    assert "+  clerk:" in applied.stdout
    assert (await person.http.get("/v1/audit/events")).status_code == 200
    assert (await role_named(administrator, "clerk"))["inherits"] == ["viewer"]
    listed = json.loads((await desk.policy("versions", "--json")).stdout)
    assert (listed[0]["reason"], listed[0]["author_id"]) == ("We hired a clerk.", None)
    back = await desk.policy("rollback", str(before), "--reason", "We did not.")
    assert back.exit_code == 0, back.output
    assert (await person.http.get("/v1/audit/events")).status_code == 403
    assert "We did not." in (await desk.policy("versions")).stdout


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("roles: [\n", 2, "no YAML"),
        ("roles: {}\nroles: {}\n", 2, "there twice"),
        ("roles: &a {}\npolicies: *a\n", 2, "anchors"),
        ("roles:\n  clerk:\n    permissions:\n      - no.such.permission\n", 3, "declares"),
        ("roles:\n  clerk:\n    inherits: [emperor]\n", 3, "no such role"),
        ("roles:\n  Clerk: {}\n", 2, "form"),
        ("roles:\n  clerk: {salary: 1}\n", 2, "there are only"),
        ("roles:\n  clerk: {requires_second_factor: yes}\n", 2, "true or false"),
        ("roles:\n  administrator: {permissions: []}\n", 2, "there are only"),
        ("everything: {}\n", 1, "there are only"),
        ("- roles\n", None, "mapping"),
        ("!!python/object/apply:os.system ['true']\n", 1, "no YAML"),
        (POLICY.replace("caller.second_factor", "caller.password"), 8, "attribute"),
        (POLICY.replace("value: false", "value: maybe"), 8, "true or false"),
        (POLICY.replace("effect: allow", "effect: perhaps"), 5, "allow or deny"),
        (POLICY.replace("roles: [viewer]", "roles: []"), 6, "name roles"),
    ],
)
async def test_a_mistake_in_a_file_is_told_with_its_line_and_nothing_is_changed(
    desk: Desk, text: str, line: int | None, message: str
) -> None:
    before = await desk.export()
    desk.path.write_text(text)
    for command in ("diff", "apply"):
        refused = await desk.policy(command, "FILE")
        place = desk.path if line is None else f"{desk.path}:{line}"
        assert (refused.exit_code, refused.stdout) == (4, "")
        assert f"{place}: " in refused.stderr if line else message in refused.stderr
        assert message in refused.stderr
    assert await desk.export() == before


async def test_a_file_that_is_too_large_is_refused(desk: Desk) -> None:
    desk.path.write_text(f"# {'x' * 1_000_000}\nroles: {{}}\n")
    refused = await desk.policy("apply", "FILE")
    assert (refused.exit_code, "larger" in refused.stderr) == (4, True)


async def test_a_cycle_in_a_file_is_refused(desk: Desk) -> None:
    before = await desk.export()
    circle = "roles:\n  one: {inherits: [two]}\n  two: {inherits: [one]}\n"
    await desk.edit("roles:\n", circle)
    refused = await desk.policy("apply", "FILE")
    assert (refused.exit_code, "one > two > one" in refused.stderr) == (3, True)
    assert await desk.export() == before


async def test_roles_somebody_holds_do_not_go_because_a_file_forgets_them(
    desk: Desk, people: People
) -> None:
    administrator = await people.register(role="administrator")
    await desk.export()
    await make_role(administrator, "clerk")
    await people.register(role="clerk")
    refused = await desk.policy("apply", "FILE")
    assert (refused.exit_code, "withdraw the role" in refused.stderr) == (3, True)
    desk.path.write_text("policies: {}\n")
    refused = await desk.policy("apply", "FILE")
    assert (refused.exit_code, "comes with the system" in refused.stderr) == (3, True)


async def test_an_author_gives_no_more_than_they_hold(desk: Desk, people: People) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "clerk", "access.policies.write", "access.roles.write")
    clerk = await people.register(role="clerk")
    await desk.edit("policies: {}\n", POLICY)
    refused = await desk.policy("apply", "FILE", "--author", clerk.email)
    assert (refused.exit_code, "you do not hold audit.events.read" in refused.stderr) == (4, True)
    nobody = await desk.policy("apply", "FILE", "--author", "nobody@example.com")
    assert (nobody.exit_code, "no open account" in nobody.stderr) == (4, True)
    done = await desk.policy("apply", "FILE", "--author", administrator.email)
    assert done.exit_code == 0, done.output
    listed = json.loads((await desk.policy("versions", "--json")).stdout)
    assert listed[0]["author_id"] == str(administrator.id)


async def test_locking_every_administrator_out_needs_force(desk: Desk, people: People) -> None:
    await people.register(role="administrator")
    lock = "policies:\n  lock: {effect: deny, anyone: true, permissions: [access.roles.write]}\n"
    await desk.edit("policies: {}\n", lock)
    refused = await desk.policy("apply", "FILE")
    assert (refused.exit_code, "no administrator" in refused.stderr) == (3, True)
    forced = await desk.policy("apply", "FILE", "--force")
    assert forced.exit_code == 0, forced.output


TESTS = """
tests:
  - name: an editor changes a draft of their own
    who: {roles: [editor]}
    action: catalog.products.write
    object: {owner_id: caller, status: draft}
    expect: allow
  - name: and of nobody else
    who: {roles: [editor]}
    action: catalog.products.write
    object: {owner_id: 019b0000-0000-7000-8000-000000000000, status: draft}
    expect: deny
  - name: a stranger sees what is published
    who: stranger
    action: catalog.products.read
    object: {status: published}
    expect: allow
  - name: a stranger changes nothing
    who: stranger
    action: catalog.products.write
    object: {status: published}
    expect: deny
  - name: without a second factor the log is open
    who: {roles: [], verified: true}
    action: audit.events.read
    expect: allow
  - name: with one it is closed
    who: {roles: [], second_factor: true, address: 10.0.0.1, time: "2026-01-01T00:00:00Z"}
    action: audit.events.read
    expect: deny
  - name: managers count within their scope
    who: {roles: [], scopes: {019b0000-0000-7000-8000-000000000001: [managers]}}
    action: catalog.products.write
    object: {status: draft, category_id: 019b0000-0000-7000-8000-000000000001}
    expect: allow
  - name: and not outside
    who: {roles: [], scopes: {019b0000-0000-7000-8000-000000000001: [managers]}}
    action: catalog.products.write
    object: {status: draft}
    expect: deny
"""
MANAGERS = "roles:\n  managers: {permissions: [catalog.products.manage]}\n"


async def test_a_table_of_tests_is_decided_by_the_file(desk: Desk, people: People) -> None:
    await desk.edit("roles:\n", MANAGERS)
    desk.path.write_text(desk.path.read_text().replace("policies: {}\n", POLICY) + TESTS)
    met = await desk.policy("test", "FILE")
    assert met.exit_code == 0, met.output
    assert met.stdout.splitlines()[-1] == "8 tests, 0 failed"
    desk.path.write_text(desk.path.read_text().replace("effect: allow", "effect: deny"))
    failed = await desk.policy("test", "FILE")
    assert failed.exit_code == 1
    assert (
        "FAIL  without a second factor the log is open: audit.events.read expected allow, got deny"
        in failed.stdout.splitlines()
    )
    told = json.loads((await desk.policy("test", "FILE", "--json")).stdout)
    assert [one["name"] for one in told if one["expected"] != one["got"]] == [
        "without a second factor the log is open"
    ]


async def test_a_table_may_stand_in_a_file_of_its_own(
    desk: Desk, tmp_path: Path, people: People
) -> None:
    administrator = await people.register(role="administrator")
    await make_role(administrator, "managers", "catalog.products.manage")
    await make_policy(
        administrator,
        "open-log",
        "allow",
        AUDIT,
        when={"attribute": "caller.second_factor", "op": "eq", "value": False},
    )
    table = tmp_path / "tests.yaml"
    table.write_text(TESTS)
    await desk.export()
    together = await desk.policy("test", "FILE", "--tests", str(table))
    assert together.exit_code == 0, together.output
    desk.path.write_text(TESTS)
    in_force = await desk.policy("test", "FILE")
    assert in_force.exit_code == 0, in_force.output


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("expect: allow", "expect: maybe", 7),
        ("roles: [editor]", "roles: [emperor]", 4),
        ("action: catalog.products.write", "action: catalog.products.fly", 5),
        ("status: draft", "colour: red", 6),
        ("owner_id: caller", "owner_id: me", 6),
        ("    who: {roles: [editor]}\n", "    whom: {}\n", 4),
        ("action: catalog.products.write", "action: audit.events.read", 6),
    ],
)
async def test_a_mistake_in_a_table_is_told_with_its_line(
    desk: Desk, before: str, after: str, line: int
) -> None:
    desk.path.write_text(TESTS.replace(before, after, 1))
    refused = await desk.policy("test", "FILE")
    assert refused.exit_code == 4, refused.output
    assert f"{desk.path}:{line}: " in refused.stderr


async def test_a_file_without_tests_is_no_success(desk: Desk) -> None:
    await desk.export()
    assert (await desk.policy("test", "FILE")).exit_code == 4


async def test_what_nobody_declares_any_more_is_reported(
    desk: Desk, people: People, database: TestDatabase
) -> None:
    administrator = await people.register(role="administrator")
    role = await make_role(administrator, "clerk", READ_ROLES)
    assert (await desk.policy("check")).exit_code == 0
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute(
            "insert into access.grants values ($1, 'shop.carts.read')", role["id"]
        )
    finally:
        await connection.close()
    found = await desk.policy("check")
    assert (found.exit_code, found.stdout.strip()) == (
        1,
        "/roles/clerk/permissions: nobody declares shop.carts.read",
    )
    shown = await role_named(administrator, "clerk")
    assert (shown["undeclared"], shown["effective_permissions"]) == (
        ["shop.carts.read"],
        [READ_ROLES],
    )
    await desk.export()
    assert (await desk.policy("apply", "FILE")).exit_code == 0
