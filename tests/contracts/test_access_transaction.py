"""Roles, assignments and seeds inside a transaction: the fake and PostgreSQL behave alike."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from modules.access.domain import (
    Assignment,
    NoSuchAssignment,
    NoSuchGrant,
    NoSuchRole,
    ObjectGrant,
    Role,
    RoleNameTaken,
)
from modules.access.ports import Begin
from shared_kernel.domain import AccountId
from tests.contracts.access import begin, make_role, own_database, scratch
from tests.kit.access import NOON

__all__ = ["begin", "own_database", "scratch"]


async def test_a_role_is_found_by_name_and_id_with_what_it_holds(begin: Begin) -> None:
    made = await make_role(begin, "auditor", "a.b.c", "a.b.d")
    async with begin() as tx:
        assert (await tx.roles.named("auditor")).id == made.id
        found = await tx.roles.get(made.id)
        assert found.permissions == {"a.b.c", "a.b.d"}
        assert found.version == 1


async def test_a_role_that_is_not_there_is_missed(begin: Begin) -> None:
    async with begin() as tx:
        assert await tx.roles.find("auditor") is None
        with pytest.raises(NoSuchRole):
            await tx.roles.named("auditor")
        with pytest.raises(NoSuchRole):
            await tx.roles.get(uuid4())


async def test_two_roles_cannot_have_one_name(begin: Begin) -> None:
    await make_role(begin, "auditor")
    with pytest.raises(RoleNameTaken):
        await make_role(begin, "auditor")


async def test_what_a_role_no_longer_holds_is_gone(begin: Begin) -> None:
    made = await make_role(begin, "auditor", "a.b.c", "a.b.d")
    async with begin() as tx:
        (await tx.roles.get(made.id)).hold_only(["a.b.d", "a.b.e"], at=NOON)
    async with begin() as tx:
        assert (await tx.roles.get(made.id)).permissions == {"a.b.d", "a.b.e"}


async def test_a_removed_role_leaves_the_others_as_they_are(begin: Begin) -> None:
    gone = await make_role(begin, "auditor", "a.b.c")
    await make_role(begin, "keeper", "a.b.c")
    async with begin() as tx:
        await tx.roles.remove(await tx.roles.get(gone.id))
    async with begin() as tx:
        assert await tx.roles.find("auditor") is None
        assert (await tx.roles.named("keeper")).permissions == {"a.b.c"}


async def test_assignments_are_found_counted_and_removed_one_by_one(begin: Begin) -> None:
    role = await make_role(begin, "auditor")
    first, second = AccountId(uuid4()), AccountId(uuid4())
    async with begin() as tx:
        for account_id in (first, second):
            tx.assignments.add(Assignment(account_id=account_id, role_id=role.id, assigned_at=NOON))
    async with begin() as tx:
        assert await tx.assignments.count(role.id) == 2
        (held,) = await tx.assignments.held_by(first)
        assert await tx.assignments.find(first, role.id) is held
        assert await tx.assignments.of_role(first, "auditor") is held
        assert await tx.assignments.of_role(first, "keeper") is None
        assert await tx.assignments.get(held.id) is held
        await tx.assignments.remove(held)
    async with begin() as tx:
        assert await tx.assignments.find(first, role.id) is None
        assert await tx.assignments.find(second, role.id) is not None
        with pytest.raises(NoSuchAssignment):
            await tx.assignments.get(held.id)


async def test_parents_come_and_go_with_the_role_that_names_them(begin: Begin) -> None:
    parent, child = await make_role(begin, "parent"), await make_role(begin, "child")
    async with begin() as tx:
        (await tx.roles.get(child.id)).inherit_only([parent.id], at=NOON)
    async with begin() as tx:
        found = await tx.roles.all()
        assert [(one.name, one.parent_ids) for one in found] == [
            ("child", {parent.id}),
            ("parent", frozenset()),
        ]
        (await tx.roles.get(child.id)).inherit_only([], at=NOON)
    async with begin() as tx:
        assert (await tx.roles.get(child.id)).parent_ids == frozenset()


async def test_what_was_changed_so_far_is_among_all_of_it(begin: Begin) -> None:
    gone = await make_role(begin, "gone")
    async with begin() as tx:
        tx.roles.add(Role.named("new", ["a.b.c"], at=NOON))
        await tx.roles.remove(await tx.roles.get(gone.id))
        (found,) = await tx.roles.all()
        assert found.name == "new"
        assert found.permissions == {"a.b.c"}


async def test_one_role_is_held_once_in_each_scope(begin: Begin) -> None:
    role, account_id = await make_role(begin, "auditor"), AccountId(uuid4())
    end = NOON + timedelta(days=1)
    async with begin() as tx:
        for scope, until in (("", None), ("north", None), ("south", end)):
            held = Assignment(
                account_id=account_id,
                role_id=role.id,
                scope=scope,
                assigned_at=NOON,
                expires_at=until,
            )
            tx.assignments.add(held)
    async with begin() as tx:
        south = await tx.assignments.find(account_id, role.id, "south")
        assert south is not None
        assert south.expires_at == end
        assert await tx.assignments.find(account_id, role.id, "nort") is None
        (lasting,) = await tx.assignments.lasting(role.id, limit=5)
        assert lasting.scope == ""
        assert await tx.assignments.count(role.id) == 3


async def test_a_grant_is_found_by_what_it_gives_to_whom(begin: Begin) -> None:
    role, friend, thing = await make_role(begin, "auditor"), AccountId(uuid4()), uuid4()

    def grant(permission: str, **to: Any) -> ObjectGrant:
        return ObjectGrant(
            resource="a.b",
            object_id=thing,
            permission=permission,
            granted_by=friend,
            granted_at=NOON,
            **to,
        )

    async with begin() as tx:
        tx.grants.add(grant("a.b.c", account_id=friend))
        tx.grants.add(grant("a.b.c", role_id=role.id))
    async with begin() as tx:
        found = await tx.grants.equal_to(grant("a.b.c", account_id=friend))
        assert found is not None
        assert (found.account_id, found.role_id) == (friend, None)
        assert await tx.grants.equal_to(grant("a.b.d", account_id=friend)) is None
        assert await tx.grants.equal_to(grant("a.b.c", account_id=AccountId(uuid4()))) is None
        assert list(await tx.grants.given_to(friend)) == [found]
        await tx.grants.remove(found)
    async with begin() as tx:
        with pytest.raises(NoSuchGrant):
            await tx.grants.get(found.id)
        assert await tx.grants.equal_to(grant("a.b.c", role_id=role.id)) is not None


async def test_seeds_are_remembered(begin: Begin) -> None:
    async with begin() as tx:
        await tx.seeds.remember([])
        await tx.seeds.remember([("editor", "a.b.c"), ("viewer", "a.b.c")])
    async with begin() as tx:
        assert set(await tx.seeds.all()) == {("editor", "a.b.c"), ("viewer", "a.b.c")}
