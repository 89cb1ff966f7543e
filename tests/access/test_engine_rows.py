"""Rows as they may be stored, by hand, by mistake or to deceive."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import packages_distributions

import pytest

from modules.access.adapters import memory
from modules.access.adapters.casbin import MODEL, load
from modules.access.ports import (
    MalformedPolicy,
    StoredAssignment,
    StoredGrant,
    StoredPolicy,
    StoredRole,
)
from modules.access.public import ADMINISTRATOR, VIEWER
from shared_kernel.domain import AccountId, Unavailable, new_id
from tests.access.shop import ALL, DRAFT, READ, REPORTS, WRITE, deciding, policy, stored, thing
from tests.kit.access import FakePolicyStore, calling

LOOKALIKE = "\u0430dministrator"
ODD = [
    "eve, administrator",
    "eve,administrator",
    "*",
    ".*",
    "a|b",
    '"',
    "'",
    "]",
    "(",
    "[administrator]",
    "role:administrator",
    "holds:shop.things.all",
    "anyone",
    "# administrator",
    " administrator ",
    "\n",
    "p, administrator, shop.things.all",
    LOOKALIKE,
    "Administrator",
    "\u202erotartsinimda",
    "x" * 10_000,
]
BY_NUMBER = [f"odd-{number}" for number in range(len(ODD))]


@pytest.mark.parametrize("odd", ODD, ids=BY_NUMBER)
async def test_an_odd_role_is_that_role_and_nothing_wider(odd: str) -> None:
    store, caller, eve = stored(), calling(AccountId(new_id())), calling(AccountId(new_id()))
    store.add_role(ADMINISTRATOR)
    store.assign(caller.id, store.add_role(odd, WRITE.name))
    store.assign(eve.id, store.add_role("eve", REPORTS))
    store.add_policy(policy("allow", READ.name, roles=[odd]))
    async with deciding(store) as decides:
        assert decides.permits(caller, WRITE.name)
        assert decides.allows(caller, READ.name, thing())
        assert not decides.permits(caller, ALL.name)
        assert not decides.allows(caller, WRITE.name, thing())
        assert not decides.permits(eve, WRITE.name)
        assert not decides.allows(eve, READ.name, thing())


@pytest.mark.parametrize("odd", ODD, ids=BY_NUMBER)
async def test_an_odd_scope_is_that_scope_and_nothing_wider(odd: str) -> None:
    store, caller = stored(), calling(AccountId(new_id()))
    store.assign(caller.id, store.add_role("keeper", ALL.name), odd)
    async with deciding(store) as decides:
        assert decides.allows(caller, WRITE.name, thing(place=odd))
        for elsewhere in ("north", odd + " ", odd.upper() + "x", None):
            assert not decides.allows(caller, WRITE.name, thing(place=elsewhere))


@pytest.mark.parametrize("odd", ODD, ids=BY_NUMBER)
async def test_an_odd_permission_is_held_by_nobody(odd: str) -> None:
    store, caller = stored(), calling(AccountId(new_id()))
    store.assign(caller.id, store.add_role("keeper", odd))
    store.add_policy(policy("allow", odd))
    async with deciding(store) as decides:
        assert not decides.permits(caller, odd)
        assert not decides.permits(caller, ALL.name)


@pytest.mark.parametrize("odd", ODD, ids=BY_NUMBER)
def test_every_name_comes_out_of_casbin_as_it_went_in(odd: str) -> None:
    role = StoredRole(new_id(), odd, False, [REPORTS], [])
    heir = StoredRole(new_id(), f"heir of {odd}", False, [], [odd])
    added = replace(policy("allow", REPORTS, roles=[odd]), name=odd)
    model = load([role, heir], [added], {}, frozenset({REPORTS}))
    assert [f"role:heir of {odd}", f"role:{odd}"] in model["g"]["g"].policy
    assert [f"role:{odd}", REPORTS, '{"all": []}', "allow", "policy", odd] in model["p"]["p"].policy


def circle(store: FakePolicyStore) -> object:
    store.add_role("ring", inherits=["ring-2"])
    store.add_role("ring-2", inherits=["ring-3"])
    return store.add_role("ring-3", inherits=["ring"])


def itself(store: FakePolicyStore) -> object:
    return store.add_role("ring", inherits=["ring"])


def orphan(store: FakePolicyStore) -> object:
    return store.add_role("orphan", inherits=["nobody"])


def nameless(store: FakePolicyStore) -> object:
    return store.add_role("", REPORTS)


def kept(store: FakePolicyStore, bad: StoredPolicy) -> object:
    store.add_policy(bad)
    return bad.id


def nested(depth: int) -> dict[str, object]:
    found: dict[str, object] = DRAFT
    for _ in range(depth):
        found = {"not": found}
    return found


def of_no_role(store: FakePolicyStore) -> object:
    store.held.append(StoredAssignment(new_id(), new_id(), new_id(), "north"))
    store.current += 1
    return store.held[-1].id


def of_no_role_for_ever(store: FakePolicyStore) -> object:
    store.assign(AccountId(new_id()), new_id())
    return store.held[-1].role_id


def to_no_role(store: FakePolicyStore) -> object:
    store.share(StoredGrant(new_id(), "shop.things", new_id(), READ.name, None, new_id()))
    return store.shared[-1].id


def when(**members: object) -> Callable[[FakePolicyStore], object]:
    return lambda store: kept(store, policy("deny", READ.name, when=dict(members)))


BAD: dict[str, Callable[[FakePolicyStore], object]] = {
    "a role that inherits from itself": itself,
    "a role that inherits from what is not there": orphan,
    "a role without a name": nameless,
    "an assignment of no role": of_no_role,
    "a lasting assignment of no role": of_no_role_for_ever,
    "a grant to no role": to_no_role,
    "no condition": when(),
    "an unknown attribute": when(attribute="resource.colour", op="eq", value="red"),
    "an attribute of nothing": when(attribute="", op="eq", value="red"),
    "a wrong type": when(attribute="resource.status", op="eq", value=7),
    "a wrong comparison": when(attribute="resource.status", op="lt", value="draft"),
    "an unknown comparison": when(attribute="resource.status", op="eval", value="1"),
    "a list that is none": when(all="draft"),
    "too deep": lambda store: kept(store, policy("deny", READ.name, when=nested(100))),
    "an unknown effect": lambda store: kept(store, policy("Allow", READ.name)),
    "a policy of no role": lambda store: kept(store, policy("deny", READ.name, roles=["gone"])),
    "a policy without a name": lambda store: kept(
        store, replace(policy("deny", READ.name), name="")
    ),
    "a policy for nobody": lambda store: kept(
        store, replace(policy("deny", READ.name), anyone=False)
    ),
}


@pytest.mark.parametrize("spoil", BAD.values(), ids=BAD)
async def test_a_bad_row_is_refused_by_its_id_and_the_last_good_policy_stays_in_force(
    spoil: Callable[[FakePolicyStore], object],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(memory, "POLL_SECONDS", 0.02)
    store, caller = stored(), calling(AccountId(new_id()))
    store.assign(caller.id, store.add_role("keeper", ALL.name))
    async with deciding(store) as decides:
        id = spoil(store)
        with caplog.at_level(logging.ERROR):
            await decides.changed()
        assert str(id) in caplog.text
        assert decides.permits(caller, ALL.name)
        assert decides.allows(caller, READ.name, thing())
        await decides.check()
        monkeypatch.setattr(memory, "STALE_SECONDS", 0.05)
        await asyncio.sleep(0.1)
        with pytest.raises(Unavailable):
            await decides.check()
        assert caplog.text.count(str(id)) == 1, "it is said once"


async def test_a_circle_of_three_is_found_whoever_of_them_is_named() -> None:
    store = stored()
    circle(store)
    with pytest.raises(MalformedPolicy) as refused:
        await deciding(store).__aenter__()
    assert refused.value.id in {one.id for one in store.kept[1:]}


async def test_an_application_does_not_start_on_a_bad_row() -> None:
    store = stored()
    id = BAD["an unknown attribute"](store)
    with pytest.raises(MalformedPolicy, match=str(id)):
        await deciding(store).__aenter__()


async def test_a_bad_policy_that_is_switched_off_harms_nobody() -> None:
    store = stored()
    store.add_policy(policy("deny", READ.name, when={"eval": "1"}, enabled=False))
    async with deciding(store) as decides:
        assert decides.permits(calling(AccountId(new_id())), REPORTS)


async def test_a_role_made_while_the_policy_is_read_is_no_fault() -> None:
    class Growing(FakePolicyStore):
        """A role is made and given after the roles were read."""

        async def policies(self) -> list[StoredPolicy]:
            if len(self.kept) == 1:
                self.assign(AccountId(new_id()), self.add_role("late", ALL.name))
            return []

    store = Growing()
    store.add_role(VIEWER, REPORTS)
    async with deciding(store) as decides:
        assert decides.version == 2
        await decides.changed()
        assert decides.version == store.current


def test_the_model_evaluates_no_stored_text() -> None:
    assert "eval" not in MODEL


def test_exactly_one_distribution_provides_casbin() -> None:
    assert packages_distributions()["casbin"] == ["pycasbin"]
