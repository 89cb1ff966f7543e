"""Policies, versions and all rules together in a transaction: fake and PostgreSQL behave alike."""

from __future__ import annotations

from uuid import uuid4

import pytest

from modules.access.domain import (
    Effect,
    NoSuchPolicy,
    NoSuchVersion,
    Policy,
    PolicyEntry,
    PolicyNameTaken,
    Role,
    RoleEntry,
)
from modules.access.ports import Begin, PastPolicy
from tests.contracts.access import begin, make_policy, make_role, own_database, scratch
from tests.kit.access import NOON

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
