"""Casbin, as access uses it."""

from __future__ import annotations

from importlib.metadata import packages_distributions

import pytest

from modules.access.adapters.casbin import MODEL, CasbinEngine, EmptyPolicy

READ, WRITE = "things.things.read", "things.things.write"

ODD = ["eve, administrator", "eve,administrator", "*", "a|b", '"', "\n", "ädmin", "x" * 10_000]


def test_a_role_may_do_what_a_rule_allows_and_nothing_else() -> None:
    engine = CasbinEngine([("editor", WRITE, "allow"), ("viewer", READ, "allow")])
    assert engine.allows("editor", WRITE)
    assert not engine.allows("editor", READ)
    assert not engine.allows("viewer", WRITE)
    assert not engine.allows("nobody", READ)


def test_a_deny_beats_every_allow_whatever_their_order() -> None:
    allow, deny = ("editor", WRITE, "allow"), ("editor", WRITE, "deny")
    for rules in ([allow, deny], [deny, allow], [deny]):
        assert not CasbinEngine(rules).allows("editor", WRITE)


def test_an_effect_it_does_not_know_allows_nothing() -> None:
    assert not CasbinEngine([("editor", WRITE, "Allow")]).allows("editor", WRITE)


def test_an_empty_policy_is_refused() -> None:
    with pytest.raises(EmptyPolicy):
        CasbinEngine([])


@pytest.mark.parametrize(("role", "permission"), [("", ""), ("", READ), ("viewer", "")])
def test_empty_names_are_refused(role: str, permission: str) -> None:
    assert not CasbinEngine([("viewer", READ, "allow")]).allows(role, permission)


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_name_is_that_name_and_nothing_wider(odd: str) -> None:
    engine = CasbinEngine([("administrator", WRITE, "allow"), (odd, READ, "allow")])
    assert engine.allows(odd, READ)
    assert not engine.allows(odd, WRITE)
    assert not engine.allows("eve", WRITE)
    assert not engine.allows("eve", READ)
    assert not engine.allows("administrator", READ)


def test_names_nobody_knows_leave_nothing_behind() -> None:
    engine = CasbinEngine([("viewer", READ, "allow")])
    for number in range(1_000):
        assert not engine.allows("viewer", f"made.up.{number}")
        assert not engine.allows(f"made-up-{number}", READ)
    assert engine.decisions == 0


def test_the_model_evaluates_no_stored_text() -> None:
    assert "eval" not in MODEL


def test_exactly_one_distribution_provides_casbin() -> None:
    assert packages_distributions()["casbin"] == ["pycasbin"]
