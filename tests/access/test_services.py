"""What the services allow and refuse, over doubles."""

from __future__ import annotations

from uuid import UUID

import pytest
import pytest_asyncio

from modules.access.application.administering.assignments import AssignRole, Register
from modules.access.application.administering.closing import WithdrawRolesOfClosedAccount
from modules.access.application.administering.roles import ChangeRole, CreateRole
from modules.access.domain import (
    BeyondOwnRights,
    LastAdministrator,
    NoSuchRole,
    RoleInUse,
    UnknownPermission,
)
from modules.access.public import ADMINISTRATOR, EDITOR, VIEWER
from modules.identity.public import AccountClosed
from shared_kernel.domain import AccountId, Stale, new_id
from tests.kit.access import NOON, Noon, catalogue_with
from tests.kit.access_office import AccessOffice

READ, WRITE, BURN = "things.things.read", "things.things.write", "things.things.burn"


@pytest_asyncio.fixture
async def office() -> AccessOffice:
    made = AccessOffice(
        catalogue_with(READ, WRITE, BURN, roles={VIEWER: [READ], EDITOR: [READ, WRITE]})
    )
    await made.seed()
    return made


def somebody() -> AccountId:
    return AccountId(new_id())


async def role_id(office: AccessOffice, name: str) -> UUID:
    return (await office.access.roles.named(name)).id


async def test_the_default_roles_are_seeded_with_what_modules_declare(
    office: AccessOffice,
) -> None:
    held = {one.name: one.permissions for one in office.access.roles.kept.values()}
    assert held == {ADMINISTRATOR: frozenset(), EDITOR: {READ, WRITE}, VIEWER: {READ}}


async def test_what_an_administrator_took_away_is_not_seeded_again(office: AccessOffice) -> None:
    editor = await office.access.roles.named(EDITOR)
    editor.hold_only([READ], at=NOON)
    await office.seed()
    assert editor.permissions == {READ}


async def test_the_permissions_of_a_new_module_reach_the_default_roles_once(
    office: AccessOffice,
) -> None:
    office.catalogue = catalogue_with(
        READ, WRITE, BURN, "new.parts.read", roles={VIEWER: [READ, "new.parts.read"]}
    )
    await office.seed()
    viewer = await office.access.roles.named(VIEWER)
    assert viewer.permissions == {READ, "new.parts.read"}
    viewer.hold_only([READ], at=NOON)
    await office.seed()
    assert viewer.permissions == {READ}


async def test_a_role_somebody_made_gets_nothing_when_a_module_brings_one_of_its_name(
    office: AccessOffice,
) -> None:
    await office.roles.create(office.caller_with(), CreateRole(name="auditor", permissions=()))
    office.catalogue = catalogue_with(READ, WRITE, BURN, roles={"auditor": [BURN]})
    await office.seed()
    assert (await office.access.roles.named("auditor")).permissions == frozenset()


async def test_seeding_again_changes_nothing(office: AccessOffice) -> None:
    version = office.access.version
    await office.seed()
    assert office.access.version == version


async def test_nobody_makes_a_role_with_more_than_they_hold(office: AccessOffice) -> None:
    caller = office.caller_with(READ)
    with pytest.raises(BeyondOwnRights) as refused:
        await office.roles.create(caller, CreateRole(name="burner", permissions=(READ, BURN)))
    assert refused.value.code == "access.beyond_own_rights"
    assert await office.access.roles.find("burner") is None


async def test_nobody_adds_or_takes_away_a_permission_they_do_not_hold(
    office: AccessOffice,
) -> None:
    editor, caller = await office.access.roles.named(EDITOR), office.caller_with(READ)
    for permissions in [(READ, WRITE, BURN), (READ,)]:
        wanted = ChangeRole(permissions=permissions)
        with pytest.raises(BeyondOwnRights):
            await office.roles.alter(caller, editor.id, editor.version, wanted)
    assert (await office.access.roles.named(EDITOR)).permissions == {READ, WRITE}


async def test_what_somebody_does_not_hold_may_stay_where_it_is(office: AccessOffice) -> None:
    editor, caller = await office.access.roles.named(EDITOR), office.caller_with(BURN)
    wanted = ChangeRole(permissions=(READ, WRITE, BURN))
    await office.roles.alter(caller, editor.id, editor.version, wanted)
    assert editor.permissions == {READ, WRITE, BURN}


async def test_a_permission_nobody_declares_cannot_be_granted(office: AccessOffice) -> None:
    with pytest.raises(UnknownPermission):
        await office.roles.create(
            office.caller_with(READ), CreateRole(name="odd", permissions=("things.things.fly",))
        )


async def test_a_change_based_on_an_old_version_is_refused(office: AccessOffice) -> None:
    editor = await office.access.roles.named(EDITOR)
    with pytest.raises(Stale):
        await office.roles.alter(
            office.caller_with(READ, WRITE), editor.id, 99, ChangeRole(permissions=())
        )


async def test_a_role_somebody_holds_cannot_be_deleted(office: AccessOffice) -> None:
    caller = office.caller_with(READ)
    made = await office.roles.create(caller, CreateRole(name="auditor", permissions=(READ,)))
    await office.direct.assign(somebody(), "auditor")
    with pytest.raises(RoleInUse):
        await office.roles.delete(caller, made, 1)


async def test_nobody_assigns_or_withdraws_a_role_that_holds_more_than_they_do(
    office: AccessOffice,
) -> None:
    caller, victim = office.caller_with(READ, WRITE), somebody()
    await office.direct.assign(somebody(), ADMINISTRATOR)
    await office.direct.assign(victim, ADMINISTRATOR)
    with pytest.raises(BeyondOwnRights):
        await office.assignments.assign(
            caller, AssignRole(account_id=caller.id, role=ADMINISTRATOR)
        )
    (held,) = await office.access.assignments.held_by(victim)
    with pytest.raises(BeyondOwnRights):
        await office.assignments.withdraw(caller, held.id)
    await office.assignments.assign(caller, AssignRole(account_id=victim, role=EDITOR))


async def test_assigning_and_withdrawing_twice_is_like_once(office: AccessOffice) -> None:
    account_id = somebody()
    for _ in range(2):
        await office.direct.assign(account_id, EDITOR)
    assert len(await office.access.assignments.held_by(account_id)) == 1
    for _ in range(2):
        await office.direct.withdraw(account_id, EDITOR)
    assert not await office.access.assignments.held_by(account_id)
    actions = [one.action for one in office.access.entries]
    assert actions == ["access.RoleAssigned", "access.RoleWithdrawn"]


async def test_a_role_that_does_not_exist_cannot_be_assigned(office: AccessOffice) -> None:
    with pytest.raises(NoSuchRole) as refused:
        await office.direct.assign(somebody(), "emperor")
    assert refused.value.code == "access.no_such_role"


async def test_the_last_administrator_stays(office: AccessOffice) -> None:
    first, second = somebody(), somebody()
    await office.direct.assign(first, ADMINISTRATOR)
    await office.direct.assign(second, ADMINISTRATOR)
    await office.direct.withdraw(first, ADMINISTRATOR)
    with pytest.raises(LastAdministrator):
        await office.direct.withdraw(second, ADMINISTRATOR)


async def test_every_committed_change_is_told_to_the_processes(office: AccessOffice) -> None:
    await office.direct.assign(somebody(), EDITOR)
    assert office.policy.changes == 1


async def test_a_closed_account_holds_no_role_however_often_it_is_told(
    office: AccessOffice,
) -> None:
    account_id = somebody()
    await office.direct.assign(account_id, EDITOR)
    await office.direct.assign(account_id, ADMINISTRATOR)
    register = Register(Noon(), office.accounts)
    withdraw = WithdrawRolesOfClosedAccount(office.access.begin, office.change, register)
    for _ in range(2):
        await withdraw(AccountClosed(subject_id=account_id, occurred_at=NOON))
    assert not await office.access.assignments.held_by(account_id)
