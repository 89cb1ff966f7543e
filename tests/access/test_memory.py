"""The policy in memory, over a stored policy that changes, breaks and goes away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from modules.access.adapters import memory
from modules.access.adapters.casbin import CasbinEngine, compile_policy
from modules.access.adapters.memory import InMemoryAuthorizer
from modules.access.application.decision.loading import NoSuchDefaultRole
from modules.access.ports import StoredPolicy, StoredRole
from modules.access.public import ADMINISTRATOR, EDITOR, VIEWER
from shared_kernel.application.resources import Resource
from shared_kernel.domain import AccountId, Unavailable, new_id
from tests.kit import deciding
from tests.kit.access import FakePolicyStore, calling, until

READ, WRITE, BURN = "things.things.read", "things.things.write", "things.things.burn"


def authorizer_over(store: FakePolicyStore, default_role: str = VIEWER) -> InMemoryAuthorizer:
    return deciding.authorizer_over(store, READ, WRITE, BURN, default_role=default_role)


@asynccontextmanager
async def opened(store: FakePolicyStore) -> AsyncGenerator[InMemoryAuthorizer]:
    async with authorizer_over(store) as authorizer:
        yield authorizer


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for changes twenty times a second instead of once."""
    monkeypatch.setattr(memory, "POLL_SECONDS", 0.05)


def stored() -> FakePolicyStore:
    store = FakePolicyStore()
    store.add_role(VIEWER, READ)
    return store


def somebody() -> AccountId:
    return AccountId(new_id())


async def test_before_it_is_opened_it_refuses_everything() -> None:
    assert not authorizer_over(stored()).permits(calling(somebody()), READ)


async def test_every_account_holds_the_default_role_and_nothing_else() -> None:
    async with opened(stored()) as authorizer:
        assert authorizer.permits(calling(somebody()), READ)
        assert not authorizer.permits(calling(somebody()), WRITE)


async def test_an_account_holds_what_any_of_its_roles_holds() -> None:
    store, account_id = stored(), somebody()
    for name, permission in (("writer", WRITE), ("burner", BURN)):
        store.assign(account_id, store.add_role(name, permission))
    async with opened(store) as authorizer:
        held = [one for one in (READ, WRITE, BURN) if authorizer.permits(calling(account_id), one)]
        assert held == [READ, WRITE, BURN]
        assert not authorizer.permits(calling(somebody()), WRITE)


async def test_the_administrator_holds_every_permission_of_the_catalogue_and_no_other() -> None:
    store, account_id = stored(), somebody()
    store.assign(account_id, store.add_role(ADMINISTRATOR))
    async with opened(store) as authorizer:
        assert all(authorizer.permits(calling(account_id), one) for one in (READ, WRITE, BURN))
        assert not authorizer.permits(calling(account_id), "things.things.unheard-of")
        assert not authorizer.permits(calling(account_id), "")


@pytest.mark.parametrize("name", ["eve, administrator", "administrator ", "Administrator"])
async def test_a_stored_role_whose_name_looks_like_the_administrator_is_none(name: str) -> None:
    store, account_id = stored(), somebody()
    store.add_role(ADMINISTRATOR)
    store.assign(account_id, store.add_role(name))
    async with opened(store) as authorizer:
        assert not authorizer.permits(calling(account_id), BURN)


async def test_a_permission_nobody_declares_any_more_is_held_by_nobody() -> None:
    store, account_id = stored(), somebody()
    store.assign(account_id, store.add_role("old", "gone.things.read"))
    async with opened(store) as authorizer:
        assert not authorizer.permits(calling(account_id), "gone.things.read")


@pytest.mark.parametrize("default_role", ["emperor", ""])
async def test_it_refuses_to_open_without_its_default_role(default_role: str) -> None:
    with pytest.raises(NoSuchDefaultRole):
        async with authorizer_over(stored(), default_role):
            pass


async def test_it_refuses_to_open_on_an_empty_policy() -> None:
    store = FakePolicyStore()
    store.add_role(VIEWER)
    with pytest.raises(Exception, match="the policy holds no rule"):
        async with authorizer_over(store):
            pass


async def test_a_change_is_found_without_any_signal() -> None:
    store, account_id = stored(), somebody()
    role_id = store.add_role(EDITOR, WRITE)
    async with opened(store) as authorizer:
        store.assign(account_id, role_id)
        await until(lambda: authorizer.permits(calling(account_id), WRITE), seconds=2)
        store.held.clear()
        store.current += 1
        await until(lambda: not authorizer.permits(calling(account_id), WRITE), seconds=2)


async def test_a_change_of_assignments_keeps_the_decisions_already_taken() -> None:
    store, compiled = stored(), list[CasbinEngine]()

    def compile_and_count(
        roles: Sequence[StoredRole],
        policies: Sequence[StoredPolicy],
        resources: Mapping[str, Resource],
        permissions: frozenset[str],
    ) -> CasbinEngine:
        compiled.append(compile_policy(roles, policies, resources, permissions))
        return compiled[-1]

    authorizer = authorizer_over(store)
    authorizer.load = replace(authorizer.load, compile=compile_and_count)
    async with authorizer:
        store.assign(somebody(), store.kept[0].id)
        await authorizer.changed()
        assert len(compiled) == 1
        store.add_role(EDITOR, WRITE)
        await authorizer.changed()
        assert len(compiled) == 2


async def test_one_look_serves_all_whose_changes_it_finds() -> None:
    asked = list[int]()

    class Watched(FakePolicyStore):
        async def version(self) -> int:
            asked.append(self.current)
            await asyncio.sleep(0)
            return await super().version()

    store, account_id = Watched(), somebody()
    role_id = store.add_role(VIEWER, READ)
    async with opened(store) as authorizer:
        asked.clear()

        async def change() -> None:
            store.assign(account_id, role_id)
            wanted = store.current
            await authorizer.changed()
            assert (authorizer.version or 0) >= wanted, "a look from before does not count"

        await asyncio.gather(*(change() for _ in range(50)))
        assert len(asked) <= 5, "the first, the one that serves the others, and some on their own"


async def test_without_the_database_it_answers_from_memory_and_reports_it_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert memory.STALE_SECONDS == 10
    monkeypatch.setattr(memory, "STALE_SECONDS", 0.2)
    store = stored()
    async with opened(store) as authorizer:
        await authorizer.check()
        store.error = Unavailable("the database does not answer")
        await authorizer.changed()
        await asyncio.sleep(0.3)
        with pytest.raises(Unavailable):
            await authorizer.check()
        assert authorizer.permits(calling(somebody()), READ)
        store.error = None
        await asyncio.sleep(0.1)
        await authorizer.check()


async def test_a_policy_that_cannot_be_used_leaves_the_last_good_one_in_force() -> None:
    store = stored()
    async with opened(store) as authorizer:
        store.kept.clear()
        store.current += 1
        await asyncio.sleep(0.2)
        assert authorizer.permits(calling(somebody()), READ)


async def test_a_lasting_fault_in_the_stored_policy_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = stored()
    async with opened(store) as authorizer:
        store.kept.clear()
        store.current += 1
        monkeypatch.setattr(memory, "STALE_SECONDS", 0.2)
        await asyncio.sleep(0.4)
        with pytest.raises(Unavailable):
            await authorizer.check()


async def test_reloading_while_serving_never_refuses_what_is_held_all_along() -> None:
    store, account_id = stored(), somebody()
    role_id = store.add_role(EDITOR, WRITE)
    for _ in range(2_000):
        store.assign(somebody(), role_id)
    store.assign(account_id, role_id)
    async with opened(store) as authorizer:
        asked, reloads = 0, 0
        for _ in range(50):
            store.assign(somebody(), role_id)
            reload = asyncio.create_task(authorizer.changed())
            while not reload.done():
                assert authorizer.permits(calling(account_id), WRITE)
                assert not authorizer.permits(calling(account_id), BURN)
                asked += 1
                await asyncio.sleep(0)
            reloads += 1
        assert asked > reloads
