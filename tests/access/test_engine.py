"""What the compiled policy says to who holds which roles."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from modules.access.adapters.casbin import CasbinEngine
from modules.access.adapters.memory import InMemoryAuthorizer
from modules.access.public import ADMINISTRATOR
from shared_kernel.application import Caller
from shared_kernel.application.conditions import FALSE, TRUE
from shared_kernel.application.resources import NOTHING
from shared_kernel.domain import AccountId, Unavailable, new_id
from tests.access.shop import (
    ALL,
    DRAFT,
    READ,
    REPORTS,
    SHARE,
    WRITE,
    deciding,
    policy,
    stored,
    thing,
)
from tests.kit.access import NOON, FakePolicyStore, calling


class Watch:
    """A clock that is set by hand."""

    at = NOON

    def now(self) -> datetime:
        return self.at


def decisions_of(decides: InMemoryAuthorizer) -> int:
    """Return how many decisions are kept."""
    engine = decides.policy.engine
    assert isinstance(engine, CasbinEngine)
    return engine.decisions


def holder(store: FakePolicyStore, role: str, scope: str = "") -> Caller:
    """Return somebody who holds a role that is there already."""
    caller = calling(AccountId(new_id()))
    store.assign(caller.id, next(one.id for one in store.kept if one.name == role), scope)
    return caller


def somebody() -> Caller:
    return calling(AccountId(new_id()))


async def test_a_role_holds_what_those_hold_from_which_it_inherits_near_or_far() -> None:
    store = stored()
    store.add_role("first", REPORTS, WRITE.name)
    store.add_role("second", inherits=["first"])
    store.add_role("third", ALL.name, inherits=["second"])
    third, first = holder(store, "third"), holder(store, "first")
    async with deciding(store) as decides:
        assert decides.permits(third, WRITE.name)
        assert decides.permits(third, ALL.name)
        assert not decides.permits(first, ALL.name)


async def test_what_is_inherited_through_a_guarded_role_needs_a_second_factor() -> None:
    store = stored()
    store.add_role("base", WRITE.name)
    store.add_role("guarded", inherits=["base"], guarded=True)
    store.add_role("top", ALL.name, inherits=["guarded"])
    caller = holder(store, "top")
    async with deciding(store) as decides:
        assert decides.permits(caller, ALL.name)
        assert not decides.permits(caller, WRITE.name)
        assert decides.permits(caller.with_second_factor(), WRITE.name)


async def test_another_way_to_the_same_role_needs_no_second_factor() -> None:
    store = stored()
    store.add_role("base", WRITE.name)
    store.add_role("guarded", inherits=["base"], guarded=True)
    store.add_role("top", inherits=["guarded", "base"])
    caller = holder(store, "top")
    async with deciding(store) as decides:
        assert decides.permits(caller, WRITE.name)


async def test_the_owner_changes_what_is_theirs_if_they_hold_the_permission_at_all() -> None:
    store = stored()
    store.add_role("writer", WRITE.name)
    owner, other = holder(store, "writer"), somebody()
    async with deciding(store) as decides:
        assert decides.allows(owner, WRITE.name, thing(owner_id=owner.id))
        assert not decides.allows(owner, WRITE.name, thing(owner_id=other.id))
        assert not decides.allows(owner, WRITE.name, thing())
        assert not decides.allows(other, WRITE.name, thing(owner_id=other.id))


async def test_strangers_see_what_is_open_and_nothing_else() -> None:
    async with deciding(stored()) as decides:
        assert decides.allows(None, READ.name, thing(status="open"))
        assert not decides.allows(None, READ.name, thing())
        assert not decides.allows(None, WRITE.name, thing(status="open"))
        assert not decides.allows(None, REPORTS, NOTHING)
        assert decides.condition(None, WRITE.name, NOTHING) == FALSE


async def test_a_role_within_a_scope_counts_for_the_objects_in_it_alone() -> None:
    store = stored()
    store.add_role("keeper", ALL.name)
    caller = holder(store, "keeper", "north")
    async with deciding(store) as decides:
        assert decides.allows(caller, WRITE.name, thing(place="north"))
        for elsewhere in (thing(place="south"), thing(place=""), thing(place=None), thing()):
            assert not decides.allows(caller, WRITE.name, elsewhere)
        assert not decides.permits(caller, ALL.name)
        assert not decides.allows(caller, ALL.name, NOTHING)
        assert decides.could_permit(caller, WRITE.name)
        assert not decides.could_permit(somebody(), WRITE.name)


async def test_roles_of_several_scopes_and_of_none_come_together() -> None:
    store = stored()
    store.add_role("keeper", ALL.name)
    store.add_role("writer", WRITE.name)
    caller = holder(store, "keeper", "north")
    keeper = next(one.id for one in store.kept if one.name == "keeper")
    store.assign(caller.id, keeper, "south")
    store.assign(caller.id, next(one.id for one in store.kept if one.name == "writer"))
    async with deciding(store) as decides:
        assert all(decides.allows(caller, WRITE.name, thing(place=p)) for p in ("north", "south"))
        assert decides.allows(caller, WRITE.name, thing(place="west", owner_id=caller.id))
        assert not decides.allows(caller, WRITE.name, thing(place="west"))


async def test_a_role_ends_by_the_clock_without_anything_being_loaded() -> None:
    store, watch = stored(), Watch()
    role_id, caller = store.add_role("keeper", ALL.name), somebody()
    store.assign(caller.id, role_id, "", NOON + timedelta(minutes=5))
    async with deciding(store, watch) as decides:
        assert decides.permits(caller, ALL.name)
        assert decides.allows(caller, WRITE.name, thing())
        watch.at = NOON + timedelta(minutes=5)
        assert not decides.permits(caller, ALL.name)
        assert not decides.allows(caller, WRITE.name, thing())
        assert decides.permits(caller, REPORTS)


async def test_a_deny_beats_everything_the_administrator_too() -> None:
    store = stored()
    store.add_role(ADMINISTRATOR)
    store.add_policy(policy("deny", WRITE.name, when=DRAFT))
    store.add_policy(policy("allow", WRITE.name, when=DRAFT))
    caller = holder(store, ADMINISTRATOR)
    async with deciding(store) as decides:
        assert not decides.allows(caller, WRITE.name, thing())
        assert decides.allows(caller, WRITE.name, thing(status="open"))
        assert decides.permits(caller, WRITE.name)


async def test_a_deny_that_is_met_whatever_it_is_used_on_ends_the_permission() -> None:
    store = stored()
    store.add_role("writer", WRITE.name)
    store.add_policy(policy("deny", WRITE.name, REPORTS, roles=["writer"]))
    writer = holder(store, "writer")
    async with deciding(store) as decides:
        assert not decides.permits(writer, WRITE.name)
        assert not decides.permits(writer, REPORTS)
        assert not decides.could_permit(writer, WRITE.name)
        assert decides.permits(somebody(), REPORTS)


async def test_not_to_prove_a_second_factor_is_no_way_around_a_deny() -> None:
    store = stored()
    store.add_role("contractor", guarded=True)
    store.add_policy(policy("deny", REPORTS, roles=["contractor"]))
    caller = holder(store, "contractor")
    async with deciding(store) as decides:
        assert not decides.permits(caller, REPORTS)
        assert not decides.permits(caller.with_second_factor(), REPORTS)


async def test_a_policy_that_is_switched_off_says_nothing() -> None:
    store = stored()
    store.add_policy(policy("deny", REPORTS, enabled=False))
    async with deciding(store) as decides:
        assert decides.permits(somebody(), REPORTS)


@pytest.mark.parametrize(
    ("fact", "op", "value", "meets"),
    [
        ("caller.verified", "eq", True, {"verified": True}),
        ("caller.second_factor", "eq", True, {"methods": frozenset({"mfa"})}),
        ("caller.methods", "has", "hwk", {"methods": frozenset({"hwk"})}),
        ("caller.authentication_age", "lt", 60, {"authenticated_at": NOON - timedelta(seconds=59)}),
    ],
)
async def test_a_policy_reads_how_the_caller_signed_in(
    fact: str, op: str, value: object, meets: dict[str, object]
) -> None:
    store = stored()
    when = {"attribute": fact, "op": op, "value": value}
    store.add_policy(policy("allow", ALL.name, when=when))
    poor = replace(somebody(), verified=False, authenticated_at=NOON - timedelta(seconds=60))
    async with deciding(store) as decides:
        assert decides.permits(replace(poor, **meets), ALL.name)  # type: ignore[arg-type]  # by name
        assert not decides.permits(poor, ALL.name)
        assert not decides.allows(None, ALL.name, NOTHING)


async def test_a_key_reaches_no_farther_than_its_scope() -> None:
    store = stored()
    store.add_role("keeper", ALL.name, WRITE.name)
    caller = holder(store, "keeper")
    key = replace(caller, scope=frozenset({WRITE.name}))
    own, other = thing(owner_id=caller.id), thing()
    async with deciding(store) as decides:
        assert decides.permits(key, WRITE.name)
        assert not decides.permits(key, ALL.name)
        assert decides.allows(key, WRITE.name, own)
        assert not decides.allows(key, WRITE.name, other), "that takes a right it was not given"
        assert not decides.allows(key, SHARE.name, own)
        assert decides.allows(key, READ.name, own), "who may change a thing may be shown it"
        assert not decides.allows(replace(key, scope=frozenset({REPORTS})), READ.name, own)


async def test_who_acts_as_somebody_else_may_do_what_both_may() -> None:
    store = stored()
    store.add_role("keeper", ALL.name)
    store.add_role("writer", WRITE.name)
    keeper, writer, nobody = holder(store, "keeper"), holder(store, "writer"), somebody()
    things = [thing(owner_id=writer.id), thing(owner_id=keeper.id)]
    async with deciding(store) as decides:

        def as_writer(actor: Caller) -> list[bool]:
            acting = replace(writer, impersonator_id=actor.id)
            return [decides.allows(acting, WRITE.name, one) for one in things]

        assert as_writer(keeper) == [True, False]
        assert as_writer(nobody) == [False, False]


async def test_what_nobody_declares_is_refused_and_leaves_nothing_behind() -> None:
    store = stored()
    store.add_role(ADMINISTRATOR)
    caller = holder(store, ADMINISTRATOR)
    async with deciding(store) as decides:
        for number in range(1_000):
            name = f"made.up.{number}"
            assert not decides.permits(caller, name)
            assert not decides.allows(caller, name, thing())
            assert decides.condition(caller, name, NOTHING) == FALSE
        assert decisions_of(decides) == 0


async def test_however_many_ask_no_more_is_kept_than_for_one() -> None:
    store = stored()
    role_id = store.add_role("writer", WRITE.name)
    callers = [somebody() for _ in range(300)]
    for caller in callers:
        store.assign(caller.id, role_id)
    async with deciding(store) as decides:

        def ask(caller: Caller) -> int:
            decides.permits(caller, REPORTS)
            decides.allows(caller, WRITE.name, thing(owner_id=caller.id))
            return decisions_of(decides)

        assert len({ask(one) for one in [*callers[:1], *callers]}) == 1


async def test_what_is_certain_is_no_condition_and_what_is_impossible_is_none() -> None:
    store = stored()
    store.add_role("keeper", ALL.name)
    caller = holder(store, "keeper")
    async with deciding(store) as decides:
        assert decides.condition(caller, WRITE.name, NOTHING) == TRUE
        assert decides.condition(somebody(), WRITE.name, NOTHING) == FALSE
        assert decides.condition(somebody(), READ.name, {"resource.status": "open"}) == TRUE


async def test_where_a_decision_fails_nobody_is_allowed_anything() -> None:
    """A module that gives an attribute of another kind than it declares makes it fail."""
    store = stored()
    store.add_role("keeper", ALL.name)
    light: dict[str, object] = {"attribute": "resource.weight", "op": "lt", "value": 5}
    store.add_policy(policy("deny", WRITE.name, when=light))
    caller = holder(store, "keeper")
    async with deciding(store) as decides:
        assert decides.allows(caller, WRITE.name, thing(weight=7))
        with pytest.raises(Unavailable):
            decides.allows(caller, WRITE.name, thing(weight="heavy"))
        assert decides.allows(caller, READ.name, thing(weight="heavy")), "others are decided"
