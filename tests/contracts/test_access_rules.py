"""Policies, versions and all rules together in a transaction: fake and PostgreSQL behave alike."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from modules.access.domain import (
    Effect,
    NoSuchPolicy,
    NoSuchRole,
    NoSuchVersion,
    Policy,
    PolicyEntry,
    PolicyNameTaken,
    Role,
    RoleEntry,
)
from modules.access.ports import Begin, PastPolicy, Rules
from tests.contracts.access import (
    begin,
    make_policy,
    make_role,
    own_database,
    scratch,
    stored_in,
)
from tests.kit.access import NOON
from tests.kit.cluster import TestDatabase
from tests.kit.statements import hearing

__all__ = ["begin", "own_database", "scratch"]


async def test_a_policy_is_kept_with_everything_it_says(begin: Begin) -> None:
    role = await make_role(begin, "auditor")
    made = await make_policy(begin, "unproved", role)
    async with begin() as tx:
        (found,) = await tx.policies.named(["unproved", "unheard"])
        assert await tx.policies.are_for(role.id)
        assert (found.id, found.name, found.effect) == (made.id, "unproved", Effect.DENY)
        assert found.permissions == {"a.b.c", "a.b.d"}
        assert found.role_ids == {role.id}
        assert found.when == {"attribute": "caller.verified", "op": "eq", "value": False}
        found.be_about(["a.b.e"])
        found.be_for([], anyone=True)
    async with begin() as tx:
        found = await tx.policies.get(made.id)
        assert found.permissions == {"a.b.e"}
        assert (found.role_ids, found.anyone) == (frozenset(), True)
        await tx.policies.remove(found)
    async with begin() as tx:
        assert not await tx.policies.are_for(role.id)
        assert list(await tx.policies.named(["unproved"])) == []
        with pytest.raises(NoSuchPolicy):
            await tx.policies.get(made.id)


async def test_the_rules_are_all_roles_and_policies_as_changed_so_far(begin: Begin) -> None:
    gone, kept = await make_role(begin, "gone", "a.b.c"), await make_role(begin, "kept", "a.b.c")
    made = await make_policy(begin, "unproved", kept)
    async with begin() as tx:
        before = await tx.rules()
        assert before.ids == {
            ("Role", "gone"): gone.id,
            ("Role", "kept"): kept.id,
            ("Policy", "unproved"): made.id,
        }
        assert before.book.policies == {
            "unproved": PolicyEntry(
                effect=Effect.DENY,
                roles=frozenset({"kept"}),
                permissions=frozenset({"a.b.c", "a.b.d"}),
                when={"attribute": "caller.verified", "op": "eq", "value": False},
            )
        }
        new = Role.named("new", ["a.b.d"], at=NOON)
        tx.roles.add(new)
        await tx.roles.remove(await tx.roles.named("gone"))
        (await tx.roles.named("kept")).inherit_only([new.id], at=NOON)
        (await tx.policies.get(made.id)).be_for([], anyone=True)
        after = await tx.rules()
        assert after.book.roles == {
            "kept": RoleEntry(permissions=frozenset({"a.b.c"}), inherits=frozenset({"new"})),
            "new": RoleEntry(permissions=frozenset({"a.b.d"})),
        }
        assert after.book.policies["unproved"].anyone
        assert after.ids["Role", "new"] == new.id
        assert ("Role", "gone") not in after.ids
        assert before.book.roles["gone"] == RoleEntry(permissions=frozenset({"a.b.c"}))
        await tx.policies.remove(await tx.policies.get(made.id))
        assert (await tx.rules()).book.policies == {}
        again = Policy.named("unproved", Effect.ALLOW, at=NOON)
        again.be_about(["a.b.c"])
        again.be_for([kept.id], anyone=False)
        again.when = {"all": []}
        tx.policies.add(again)
        assert (await tx.rules()).book.policies["unproved"].roles == {"kept"}
        assert (await tx.rules()).ids["Policy", "unproved"] == again.id


async def test_the_next_transaction_reads_what_was_committed_and_nothing_else(
    begin: Begin,
) -> None:
    role = await make_role(begin, "auditor", "a.b.c")
    async with begin() as tx:
        assert (await tx.rules()).book.roles["auditor"].permissions == {"a.b.c"}

    async def grant_and_fail() -> None:
        async with begin() as tx:
            (await tx.roles.get(role.id)).grant(["a.b.d"], at=NOON)
            assert (await tx.rules()).book.roles["auditor"].permissions == {"a.b.c", "a.b.d"}
            raise ValueError("never mind")

    with pytest.raises(ValueError, match="never mind"):
        await grant_and_fail()
    async with begin() as tx:
        assert (await tx.rules()).book.roles["auditor"].permissions == {"a.b.c"}
    async with begin() as tx:
        (await tx.roles.get(role.id)).grant(["a.b.d"], at=NOON)
        assert (await tx.rules()).book.roles["auditor"].permissions == {"a.b.c", "a.b.d"}
        (await tx.roles.get(role.id)).grant(["a.b.e"], at=NOON)
    async with begin() as tx:
        rules = await tx.rules()
        assert rules.book.roles["auditor"].permissions == {"a.b.c", "a.b.d", "a.b.e"}
        assert list(rules.of_ids([role.id])) == [rules.role("auditor")]
        with pytest.raises(NoSuchRole):
            rules.role("unheard")


async def test_rules_that_did_not_change_are_not_read_again(scratch: TestDatabase) -> None:
    heard = list[str]()
    async with stored_in(scratch) as begin:
        role = await make_role(begin, "auditor")
        for _ in range(2):
            heard.clear()
            with hearing(heard.append):
                async with begin() as tx:
                    assert (await tx.rules()).role("auditor").id == role.id
        assert [one for one in heard if "access.policies" in one or "access.roles" in one] == []
        owner = await asyncpg.connect(scratch.owner_url)
        for name in ("keeper", "holder"):  # by hand, under one version
            await owner.execute("update access.roles set name = $1", name)
            async with begin() as tx:
                assert (await tx.rules()).role(name).id == role.id
        await owner.close()


async def test_rules_asked_for_at_once_are_read_once(scratch: TestDatabase) -> None:
    heard = list[str]()
    async with stored_in(scratch) as begin:
        await make_role(begin, "auditor")

        async def ask() -> Rules:
            async with begin() as tx:
                return await tx.rules()

        with hearing(heard.append):
            found = await asyncio.gather(*(ask() for _ in range(5)))
    assert len({id(one) for one in found}) == 1
    assert len([one for one in heard if "FROM access.policies" in one]) == 1


async def test_two_policies_cannot_have_one_name(begin: Begin) -> None:
    role = await make_role(begin, "auditor")
    await make_policy(begin, "unproved", role)
    with pytest.raises(PolicyNameTaken):
        await make_policy(begin, "unproved", role)


async def test_versions_are_kept_and_found(begin: Begin) -> None:
    async with begin() as tx:
        assert await tx.past.is_empty()
        version = await tx.change_policy()
        past = PastPolicy(
            version=version,
            document={"roles": {"a": {"permissions": ["a.b.c"]}}},
            author_id=uuid4(),
            reason="Why not.",
            created_at=NOON,
        )
        await tx.past.keep(past)
    async with begin() as tx:
        assert not await tx.past.is_empty()
        assert await tx.past.get(version) == past
        assert await tx.change_policy() == version + 1
        with pytest.raises(NoSuchVersion):
            await tx.past.get(version + 1)
