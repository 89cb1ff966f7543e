"""`app policy test`: tables of what somebody may do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.access.desk import POLICY, Desk, desk
from tests.kit.people import People
from tests.kit.ruling import AUDIT, make_policy, make_role

__all__ = ["desk"]

pytestmark = pytest.mark.usefixtures("settled", "own_roles", "clean")

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
