"""`app policy`: roles and policies as a file."""

from __future__ import annotations

import json

import asyncpg
import pytest

from bootstrap.doctor import examine
from shared_kernel.application.examination import Finding
from tests.access.desk import POLICY, Desk, desk
from tests.kit.cluster import TestDatabase
from tests.kit.people import People
from tests.kit.ruling import (
    AUDIT,
    READ_ROLES,
    VERSIONS,
    make_policy,
    make_role,
    role_named,
)
from tests.kit.running import settings_for

__all__ = ["desk"]

pytestmark = pytest.mark.usefixtures("settled", "own_roles", "clean")

CLERK = """
  clerk:
    inherits: [viewer]
    permissions: [access.roles.read]
"""


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


async def doctors_finding(database: TestDatabase) -> Finding:
    """Return what `app doctor` says of roles and policies."""
    found = await examine(settings_for(database), production=False)
    (about_policy,) = [one for one in found if one.name == "access policy"]
    return about_policy


async def test_what_nobody_declares_any_more_is_reported(
    desk: Desk, people: People, database: TestDatabase
) -> None:
    administrator = await people.register(role="administrator")
    role = await make_role(administrator, "clerk", READ_ROLES)
    assert (await desk.policy("check")).exit_code == 0
    assert (await doctors_finding(database)).ok
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
    told = await doctors_finding(database)
    assert (told.ok, told.detail) == (False, found.stdout.strip())
    assert "app policy check" in told.fix
    shown = await role_named(administrator, "clerk")
    assert (shown["undeclared"], shown["effective_permissions"]) == (
        ["shop.carts.read"],
        [READ_ROLES],
    )
    await desk.export()
    assert (await desk.policy("apply", "FILE")).exit_code == 0
