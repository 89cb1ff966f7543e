"""Single objects, shared with one account or with a role."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from modules.access.ports import StoredGrant
from shared_kernel.application import Caller
from shared_kernel.application.conditions import meets
from shared_kernel.application.resources import NOTHING
from shared_kernel.domain import AccountId, new_id
from tests.access.shop import READ, REPORTS, WRITE, deciding, id_of, policy, stored, thing
from tests.kit.access import NOON, calling


def to_account(
    caller: Caller, object_id: UUID, permission: str, end: datetime | None = None
) -> StoredGrant:
    return StoredGrant(new_id(), "shop.things", object_id, permission, caller.id, None, end)


def to_role(role_id: UUID, object_id: UUID, permission: str) -> StoredGrant:
    return StoredGrant(new_id(), "shop.things", object_id, permission, None, role_id)


def somebody() -> Caller:
    return calling(AccountId(new_id()))


async def test_one_object_is_shared_with_one_account_for_one_thing() -> None:
    store, friend, shared = stored(), somebody(), thing()
    store.share(to_account(friend, id_of(shared), READ.name))
    async with deciding(store) as decides:
        assert decides.allows(friend, READ.name, shared)
        assert decides.could_permit(friend, READ.name)
        assert not decides.permits(friend, READ.name)
        assert not decides.allows(friend, WRITE.name, shared)
        assert not decides.allows(friend, READ.name, thing())
        assert not decides.allows(somebody(), READ.name, shared)
        assert not decides.allows(None, READ.name, shared)


async def test_what_is_shared_is_among_what_the_condition_shows() -> None:
    store, friend, shared = stored(), somebody(), thing()
    store.share(to_account(friend, id_of(shared), READ.name))
    async with deciding(store) as decides:
        shown = decides.condition(friend, READ.name, NOTHING)
    assert meets(shown, shared)
    assert not meets(shown, thing())


async def test_an_object_is_shared_with_whoever_holds_a_role_or_inherits_it() -> None:
    store, shared = stored(), thing()
    base = store.add_role("base", REPORTS)
    heir = store.add_role("heir", inherits=["base"])
    holders = somebody(), somebody()
    for caller, role_id in zip(holders, (base, heir), strict=True):
        store.assign(caller.id, role_id)
    store.share(to_role(base, id_of(shared), WRITE.name))
    async with deciding(store) as decides:
        assert all(decides.allows(one, WRITE.name, shared) for one in holders)
        assert not decides.allows(somebody(), WRITE.name, shared)


async def test_a_role_of_a_scope_brings_what_is_shared_with_it_within_the_scope() -> None:
    store, caller = stored(), somebody()
    role_id = store.add_role("base", REPORTS)
    store.assign(caller.id, role_id, "north")
    inside, outside = thing(place="north"), thing(place="south")
    for one in (inside, outside):
        store.share(to_role(role_id, id_of(one), WRITE.name))
    async with deciding(store) as decides:
        assert decides.allows(caller, WRITE.name, inside)
        assert not decides.allows(caller, WRITE.name, outside)


@pytest.mark.parametrize(("seconds", "allowed"), [(1, True), (0, False), (-1, False)])
async def test_what_is_shared_for_a_while_ends(seconds: int, allowed: bool) -> None:
    store, friend, shared = stored(), somebody(), thing()
    end = NOON + timedelta(seconds=seconds)
    store.share(to_account(friend, id_of(shared), READ.name, end))
    async with deciding(store) as decides:
        assert decides.allows(friend, READ.name, shared) is allowed
        assert meets(decides.condition(friend, READ.name, NOTHING), shared) is allowed


async def test_a_deny_beats_what_is_shared() -> None:
    store, friend, shared = stored(), somebody(), thing()
    store.share(to_account(friend, id_of(shared), READ.name))
    store.add_policy(policy("deny", READ.name))
    async with deciding(store) as decides:
        assert not decides.allows(friend, READ.name, shared)


async def test_what_is_shared_reaches_neither_a_narrow_key_nor_who_acts_as_the_account() -> None:
    store, friend, shared = stored(), somebody(), thing()
    store.share(to_account(friend, id_of(shared), WRITE.name))
    async with deciding(store) as decides:
        for key, allowed in ((WRITE.name, True), (READ.name, False)):
            with_key = replace(friend, scope=frozenset({key}))
            assert decides.allows(with_key, WRITE.name, shared) is allowed
        acting = replace(friend, impersonator_id=somebody().id)
        assert not decides.allows(acting, WRITE.name, shared)


async def test_what_is_shared_of_one_kind_is_not_of_another() -> None:
    """Ids of two resources may be the same: a permission names the resource."""
    store, friend, shared = stored(), somebody(), thing()
    grant = StoredGrant(new_id(), "other", id_of(shared), "other.things.read", friend.id)
    store.share(grant)
    async with deciding(store) as decides:
        assert not decides.allows(friend, READ.name, shared)
