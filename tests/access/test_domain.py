"""The rules of roles."""

from __future__ import annotations

import pytest

from modules.access.domain import AdministratorIsFixed, BadRoleName, BuiltInRole, Role
from modules.access.public import ADMINISTRATOR
from tests.kit.access import NOON


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a",
        "Auditor",
        "eve, administrator",
        "a\nb",
        "ab\n",
        "*",
        "ädmin",
        "1st",
        "x" * 41,
        "a b",
    ],
)
def test_a_role_cannot_have_a_name_that_could_be_taken_for_something_else(name: str) -> None:
    with pytest.raises(BadRoleName) as refused:
        Role.named(name, [], at=NOON)
    assert (refused.value.code, refused.value.field) == ("access.bad_role_name", "/name")


def test_a_role_holds_what_it_was_given_and_nothing_twice() -> None:
    role = Role.named("auditor", ["a.b.c", "a.b.d", "a.b.c"], at=NOON)
    assert sorted(one.permission for one in role.grants) == ["a.b.c", "a.b.d"]


def test_what_a_role_keeps_is_not_written_anew() -> None:
    role = Role.named("auditor", ["a.b.c", "a.b.d"], at=NOON)
    kept = next(one for one in role.grants if one.permission == "a.b.d")
    role.hold_only(["a.b.d", "a.b.e"], at=NOON)
    assert role.permissions == {"a.b.d", "a.b.e"}
    assert kept in role.grants


def test_a_role_holds_no_permission_that_nobody_declares_any_more() -> None:
    role = Role.named("auditor", ["gone.things.read", "a.b.c"], at=NOON)
    assert role.held({"a.b.c", "a.b.d"}) == {"a.b.c"}


def test_the_administrator_holds_everything_there_is_and_cannot_be_changed() -> None:
    administrator = Role(name=ADMINISTRATOR, built_in=True, changed_at=NOON)
    assert administrator.held({"a.b.c", "a.b.d"}) == {"a.b.c", "a.b.d"}
    with pytest.raises(AdministratorIsFixed):
        administrator.hold_only([], at=NOON)


def test_a_role_that_comes_with_the_system_cannot_be_deleted() -> None:
    Role.named("auditor", [], at=NOON).require_deletable()
    with pytest.raises(BuiltInRole):
        Role(name="viewer", built_in=True, changed_at=NOON).require_deletable()
