"""What a change of roles and policies gives and takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modules.access.domain import (
    EMPTY,
    AdministratorIsFixed,
    Effect,
    InheritanceCycle,
    PolicyEntry,
    RoleEntry,
    Rulebook,
    UnknownRole,
    difference,
)
from modules.access.public import ADMINISTRATOR

READ, WRITE, BURN = "a.b.read", "a.b.write", "a.b.burn"
ALL = frozenset({READ, WRITE, BURN})


def role(*permissions: str, inherits: str = "", guarded: bool = False) -> RoleEntry:
    return RoleEntry(
        permissions=frozenset(permissions),
        inherits=frozenset(inherits.split()),
        requires_second_factor=guarded,
    )


def policy(effect: Effect, *permissions: str, roles: str = "") -> PolicyEntry:
    named = frozenset(roles.split())
    return PolicyEntry(
        effect=effect,
        roles=named,
        anyone=not named,
        permissions=frozenset(permissions),
        when={"all": []},
    )


def book(roles: dict[str, RoleEntry], **policies: PolicyEntry) -> Rulebook:
    return Rulebook(roles={ADMINISTRATOR: role(), **roles}, policies=policies)


FAMILY = {
    "top": role(READ),
    "middle": role(inherits="top"),
    "bottom": role(WRITE, inherits="middle"),
}


def test_what_is_held_near_and_far_is_held() -> None:
    family = book(FAMILY)
    assert family.held("bottom", ALL) == {READ, WRITE}
    assert family.held("top", ALL) == {READ}
    assert family.held(ADMINISTRATOR, ALL) == ALL
    assert family.held("nobody", ALL) == frozenset()
    assert family.held("bottom", [WRITE]) == {WRITE}


def test_nothing_is_held_through_a_role_whose_second_factor_is_missing() -> None:
    family = book({**FAMILY, "middle": role(inherits="top", guarded=True)})
    assert family.held("bottom", ALL, proved=False) == {WRITE}
    assert family.held("bottom", ALL, proved=True) == {READ, WRITE}


def test_heirs_are_found_over_any_distance_and_in_circles() -> None:
    assert book(FAMILY).with_heirs(["top"]) == {"top", "middle", "bottom"}
    assert book(FAMILY).with_heirs(["bottom"]) == {"bottom"}
    circle = book({"one": role(inherits="two"), "two": role(inherits="one")})
    assert circle.with_heirs(["one"]) == {"one", "two"}
    assert set(circle.lineage("one")) == {"one", "two"}


CHANGES = [
    (FAMILY | {"top": role(READ, BURN)}, {BURN}),
    (FAMILY | {"top": role()}, {READ}),
    (FAMILY | {"middle": role()}, {READ}),
    (FAMILY | {"bottom": role(inherits="middle")}, {WRITE}),
    (FAMILY | {"top": role(READ, guarded=True)}, {READ}),
    (FAMILY | {"bottom": role(WRITE, inherits="middle", guarded=True)}, {READ, WRITE}),
    (FAMILY | {"new": role(inherits="bottom")}, {READ, WRITE}),
    (FAMILY | {"new": role()}, set[str]()),
    ({"top": FAMILY["top"]}, {READ, WRITE}),
    (FAMILY, set[str]()),
]


@pytest.mark.parametrize(("roles", "rights"), CHANGES)
def test_whatever_anybody_gains_or_loses_by_roles_is_told(
    roles: dict[str, RoleEntry], rights: set[str]
) -> None:
    before, after = book(FAMILY), book(roles)
    assert difference(before, after, ALL).rights == rights
    assert difference(after, before, ALL).rights == rights


def test_a_way_around_a_second_factor_is_a_gain() -> None:
    roles = {"guarded": role(READ, guarded=True), "heir": role(inherits="guarded")}
    around = roles | {"plain": role(READ), "heir": role(inherits="guarded plain")}
    before = book(roles | {"plain": role(READ)})
    assert difference(before, book(around), ALL).rights == {READ}


def test_policies_that_allow_and_deny_are_told_apart() -> None:
    allow, deny = policy(Effect.ALLOW, READ), policy(Effect.DENY, BURN)
    changed = difference(book(FAMILY), book(FAMILY, open=allow, closed=deny), ALL)
    assert (changed.rights, changed.denied) == (frozenset({READ}), frozenset({BURN}))
    assert (changed.roles, changed.policies) == ([], ["closed", "open"])


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (replace(policy(Effect.DENY, BURN), description="Why."), set[str]()),
        (replace(policy(Effect.DENY, BURN), enabled=False), {BURN}),
        (replace(policy(Effect.DENY, BURN), when={"any": []}), {BURN}),
        (policy(Effect.DENY, BURN, roles="top"), {BURN}),
        (policy(Effect.DENY, BURN, READ), {BURN, READ}),
    ],
)
def test_a_policy_that_changes_what_it_does_touches_all_it_is_about(
    changed: PolicyEntry, told: set[str]
) -> None:
    before, after = book(FAMILY, closed=policy(Effect.DENY, BURN)), book(FAMILY, closed=changed)
    assert difference(before, after, ALL).denied == told
    assert difference(before, after, ALL).policies == ["closed"]


def test_what_is_disabled_before_and_after_touches_nothing() -> None:
    off = replace(policy(Effect.ALLOW, BURN), enabled=False)
    other = replace(off, permissions=frozenset({READ}))
    changed = difference(book(FAMILY, off=off), book(FAMILY, off=other), ALL)
    assert not changed.rights | changed.denied
    assert changed.policies == ["off"]


def test_who_inherits_comes_under_the_policies_on_the_parent() -> None:
    policies = {
        "opened": policy(Effect.ALLOW, BURN, roles="plain"),
        "closed": policy(Effect.DENY, WRITE, roles="plain"),
    }
    roles = {"plain": role(), "heir": role()}
    inheriting = roles | {"heir": role(inherits="plain")}
    changed = difference(book(roles, **policies), book(inheriting, **policies), ALL)
    assert (changed.rights, changed.denied) == (frozenset({BURN}), frozenset({WRITE}))


def test_what_no_module_declares_is_nobodys_gain() -> None:
    after = book({"top": role("gone.things.read")}, odd=policy(Effect.ALLOW, "gone.things.read"))
    changed = difference(EMPTY, after, [READ])
    assert changed.rights == {READ}, "the administrator's"


def test_what_is_at_stake_with_a_role_includes_its_policies() -> None:
    rules = book(
        FAMILY,
        opened=policy(Effect.ALLOW, BURN, roles="top"),
        closed=policy(Effect.DENY, "gone.things.read", roles="top"),
    )
    assert rules.at_stake("bottom", ALL) == ALL
    assert book(FAMILY).at_stake("bottom", ALL) == {READ, WRITE}


@pytest.mark.parametrize(
    ("roles", "error"),
    [
        ({"one": role(inherits="one")}, InheritanceCycle),
        ({"one": role(inherits="two"), "two": role(inherits="one")}, InheritanceCycle),
        (FAMILY | {"top": role(inherits="bottom")}, InheritanceCycle),
        ({"one": role(inherits="emperor")}, UnknownRole),
        ({"one": role(inherits=ADMINISTRATOR)}, AdministratorIsFixed),
    ],
)
def test_a_book_that_makes_no_sense_is_refused(
    roles: dict[str, RoleEntry], error: type[Exception]
) -> None:
    with pytest.raises(error):
        book(roles).require_sound()


def test_a_diamond_is_no_circle() -> None:
    diamond = FAMILY | {"other": role(inherits="top"), "bottom": role(inherits="middle other")}
    book(diamond).require_sound()


def test_a_policy_on_a_role_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownRole) as refused:
        book(FAMILY, odd=policy(Effect.DENY, READ, roles="emperor")).require_sound()
    assert refused.value.field == "/policies/odd/roles"
