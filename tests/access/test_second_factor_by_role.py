"""Roles that count only for who has proved a second factor."""

from __future__ import annotations

from dataclasses import replace

import pytest
import pytest_asyncio

from modules.access.adapters.memory import InMemoryAuthorizer
from modules.access.application.administering.roles import ChangeRole, CreateRole
from modules.access.domain import AdministratorIsFixed, BeyondOwnRights, SecondFactorNotProved
from modules.access.public import ADMINISTRATOR, EDITOR, VIEWER
from shared_kernel.application import Caller
from shared_kernel.domain import AccountId, new_id
from tests.kit.access import FakePolicyStore, calling, catalogue_with
from tests.kit.access_office import AccessOffice
from tests.kit.deciding import authorizer_over

READ, WRITE, BURN = "things.things.read", "things.things.write", "things.things.burn"


def somebody() -> Caller:
    return calling(AccountId(new_id()))


def acting_as(target: Caller, actor: Caller) -> Caller:
    return replace(target, impersonator_id=actor.id, methods=actor.methods)


@pytest_asyncio.fixture
async def store() -> FakePolicyStore:
    made = FakePolicyStore()
    made.add_role(VIEWER, READ)
    return made


def over(store: FakePolicyStore) -> InMemoryAuthorizer:
    return authorizer_over(store, READ, WRITE, BURN)


async def test_a_guarded_role_counts_once_a_second_factor_is_proved(
    store: FakePolicyStore,
) -> None:
    holder = somebody()
    store.assign(holder.id, store.add_role("writer", WRITE, guarded=True))
    async with over(store) as authorizer:
        assert not authorizer.permits(holder, WRITE)
        assert authorizer.permits(holder, READ)
        assert authorizer.permits(holder.with_second_factor(), WRITE)
        assert not authorizer.permits(somebody().with_second_factor(), WRITE)


async def test_another_role_that_holds_the_same_is_enough(store: FakePolicyStore) -> None:
    holder = somebody()
    store.assign(holder.id, store.add_role("first", WRITE, guarded=True))
    store.assign(holder.id, store.add_role("second", WRITE))
    async with over(store) as authorizer:
        assert authorizer.permits(holder, WRITE)


async def test_even_the_administrator_and_the_default_role_can_be_guarded(
    store: FakePolicyStore,
) -> None:
    store.kept[0] = replace(store.kept[0], requires_second_factor=True)
    holder = somebody()
    store.assign(holder.id, store.add_role(ADMINISTRATOR, guarded=True))
    async with over(store) as authorizer:
        for permission in (READ, WRITE, BURN):
            assert not authorizer.permits(holder, permission)
            assert authorizer.permits(holder.with_second_factor(), permission)
        assert not authorizer.permits(somebody(), READ)


async def test_a_second_factor_widens_no_scope(store: FakePolicyStore) -> None:
    holder = somebody()
    store.assign(holder.id, store.add_role("writer", WRITE, guarded=True))
    async with over(store) as authorizer:
        narrow = replace(holder.with_second_factor(), scope=frozenset({READ}))
        assert not authorizer.permits(narrow, WRITE)


async def test_who_acts_as_somebody_else_may_do_only_what_both_may(store: FakePolicyStore) -> None:
    clerk, administrator, writer = somebody(), somebody(), somebody()
    writes = store.add_role("writer", WRITE)
    store.assign(writer.id, writes)
    store.assign(clerk.id, store.add_role("burner", BURN))
    store.assign(administrator.id, store.add_role(ADMINISTRATOR))
    async with over(store) as authorizer:

        def held(caller: Caller) -> list[str]:
            return [one for one in (READ, WRITE, BURN) if authorizer.permits(caller, one)]

        assert held(acting_as(administrator, clerk)) == [READ, BURN]
        assert held(acting_as(writer, clerk)) == [READ]
        assert held(acting_as(clerk, writer)) == [READ]
        assert held(acting_as(writer, administrator)) == [READ, WRITE]


async def test_the_second_factor_of_who_acts_is_not_that_of_who_they_act_as(
    store: FakePolicyStore,
) -> None:
    support, writer = somebody().with_second_factor(), somebody()
    store.assign(writer.id, store.add_role("writer", WRITE, guarded=True))
    store.assign(support.id, store.add_role(ADMINISTRATOR, guarded=True))
    plain = somebody()
    store.assign(plain.id, store.add_role("plain-writer", WRITE))
    async with over(store) as authorizer:
        assert not authorizer.permits(acting_as(writer, support), WRITE)
        assert authorizer.permits(acting_as(plain, support), WRITE)
        unproved = replace(support, methods=frozenset())
        assert not authorizer.permits(acting_as(plain, unproved), WRITE)


@pytest_asyncio.fixture
async def office() -> AccessOffice:
    made = AccessOffice(
        catalogue_with(READ, WRITE, BURN, roles={VIEWER: [READ], EDITOR: [READ, WRITE]})
    )
    await made.seed()
    return made


async def demand(office: AccessOffice, caller: Caller, name: str, demanded: bool = True) -> bool:
    role = await office.access.roles.named(name)
    wanted = ChangeRole(requires_second_factor=demanded)
    await office.roles.alter(caller, role.id, role.version, wanted)
    return role.requires_second_factor


async def test_a_second_factor_is_demanded_and_no_more(office: AccessOffice) -> None:
    caller = office.caller_with(READ, WRITE, BURN)
    for name in (EDITOR, ADMINISTRATOR):
        assert await demand(office, caller, name)
        assert not await demand(office, caller, name, demanded=False)
    editor = await office.access.roles.named(EDITOR)
    assert editor.permissions == {READ, WRITE}
    told = [one.detail["requires_second_factor"] for one in office.access.entries]
    assert told == ["true", "false", "true", "false"]


async def test_the_permissions_of_the_administrator_stay_fixed(office: AccessOffice) -> None:
    caller = office.caller_with(READ, WRITE, BURN)
    role = await office.access.roles.named(ADMINISTRATOR)
    wanted = ChangeRole(permissions=(), requires_second_factor=True)
    with pytest.raises(AdministratorIsFixed):
        await office.roles.alter(caller, role.id, role.version, wanted)


@pytest.mark.parametrize("demanded", [True, False])
async def test_nobody_changes_what_a_role_requires_who_does_not_hold_it_all(
    office: AccessOffice, demanded: bool
) -> None:
    (await office.access.roles.named(EDITOR)).requires_second_factor = not demanded
    with pytest.raises(BeyondOwnRights):
        await demand(office, office.caller_with(READ), EDITOR, demanded)


async def test_a_role_can_require_it_from_the_beginning(office: AccessOffice) -> None:
    wanted = CreateRole(name="careful", permissions=(READ,), requires_second_factor=True)
    await office.roles.create(office.caller_with(READ), wanted)
    assert (await office.access.roles.named("careful")).requires_second_factor


async def test_nobody_locks_themselves_out(office: AccessOffice) -> None:
    caller = office.caller_with(READ, WRITE)
    await office.direct.assign(caller.id, EDITOR)
    with pytest.raises(SecondFactorNotProved) as refused:
        await demand(office, caller, EDITOR)
    assert refused.value.code == "access.second_factor_not_proved"
    assert await demand(office, caller.with_second_factor(), EDITOR)
    assert not await demand(office, caller, EDITOR, demanded=False)


async def test_nobody_locks_themselves_out_by_the_role_of_everybody(office: AccessOffice) -> None:
    with pytest.raises(SecondFactorNotProved):
        await demand(office, office.caller_with(READ), VIEWER)


async def test_nobody_locks_themselves_out_in_the_name_of_another(office: AccessOffice) -> None:
    caller, support = office.caller_with(READ, WRITE), somebody()
    await office.direct.assign(support.id, EDITOR)
    with pytest.raises(SecondFactorNotProved):
        await demand(office, replace(caller, impersonator_id=support.id), EDITOR)
