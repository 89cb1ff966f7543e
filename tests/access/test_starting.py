"""Starting, starting again, and several processes over one database."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator

import asyncpg
import pytest
import pytest_asyncio
from fastapi import FastAPI

from bootstrap.settings import PlatformSettings
from modules.access.adapters import memory
from modules.access.adapters.memory import InMemoryAuthorizer
from modules.access.public import ADMINISTRATOR, EDITOR, RoleAssignments
from shared_kernel.application import Authorizer, PermissionCatalogue
from shared_kernel.domain import AccountId, new_id
from shared_kernel.module import Services
from tests.kit.access import calling, until
from tests.kit.cluster import TestDatabase, drop_database, new_database
from tests.kit.running import running, settings_for

GRANTS = """
select name, permission from access.roles join access.grants on role_id = roles.id order by 1, 2
"""


@pytest_asyncio.fixture
async def installation() -> AsyncGenerator[TestDatabase]:
    """A database nobody has started on."""
    name = f"access_start_{os.getpid()}"
    made = await asyncio.to_thread(new_database, name)
    yield made
    await asyncio.to_thread(drop_database, made)


async def ask(database: TestDatabase, statement: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(database.owner_url)
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


def services_of(app: FastAPI) -> Services:
    services: Services = app.state.services
    return services


async def test_applications_that_start_at_once_seed_once(installation: TestDatabase) -> None:
    async def start() -> None:
        async with running(settings_for(installation)):
            await asyncio.sleep(0.1)

    await asyncio.gather(*(start() for _ in range(4)))
    names = await ask(installation, "select name from access.roles order by name")
    assert [name for (name,) in names if name in {"administrator", "editor", "viewer"}] == [
        "administrator",
        "editor",
        "viewer",
    ]
    assert len(names) == len(set(names))


async def test_seeds_and_what_became_of_them_survive_a_restart(
    installation: TestDatabase,
) -> None:
    async with running(settings_for(installation)) as app:
        declared = services_of(app).get(PermissionCatalogue).roles
    seeded = await ask(installation, GRANTS)
    wanted = {(role, one) for role, held in declared.items() for one in held}
    assert {pair for pair in wanted if pair[0] != ADMINISTRATOR} == set(seeded)
    await ask(
        installation,
        "delete from access.grants using access.roles where role_id = id and name = 'editor'",
    )
    async with running(settings_for(installation)):
        pass
    assert await ask(installation, GRANTS) == [one for one in seeded if one[0] != "editor"]


async def test_a_role_change_is_seen_by_another_application_within_two_seconds(
    installation: TestDatabase,
) -> None:
    settings: PlatformSettings = settings_for(installation)
    async with running(settings) as here, running(settings) as there:
        account_id, assignments = AccountId(new_id()), services_of(here).get(RoleAssignments)
        decides, wanted = services_of(there).get(Authorizer), "catalog.categories.write"
        assert not decides.permits(calling(account_id), wanted)
        await assignments.assign(account_id, EDITOR)
        await until(lambda: decides.permits(calling(account_id), wanted), seconds=2)
        await assignments.withdraw(account_id, EDITOR)
        await until(lambda: not decides.permits(calling(account_id), wanted), seconds=2)


async def test_the_signal_alone_carries_a_change_to_another_application(
    installation: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "POLL_SECONDS", 60.0)
    settings = settings_for(installation)
    async with running(settings) as here, running(settings) as there:
        account_id, decides = AccountId(new_id()), services_of(there).get(Authorizer)
        await services_of(here).get(RoleAssignments).assign(account_id, ADMINISTRATOR)
        await until(lambda: decides.permits(calling(account_id), "access.roles.read"), seconds=2)


async def test_a_change_nobody_signalled_is_seen_within_two_seconds(
    installation: TestDatabase,
) -> None:
    async with running(settings_for(installation)) as app:
        account_id, decides = AccountId(new_id()), services_of(app).get(Authorizer)
        await ask(
            installation,
            f"""insert into access.assignments
                select gen_random_uuid(), 1, '{account_id}', id, now()
                from access.roles where name = 'administrator'""",
        )
        await ask(installation, "update access.policy_version set version = version + 1")
        await until(lambda: decides.permits(calling(account_id), "access.roles.read"), seconds=2)


async def test_a_row_that_pretends_to_be_the_administrator_makes_nobody_one(
    installation: TestDatabase,
) -> None:
    async with running(settings_for(installation)) as app:
        account_id, decides = AccountId(new_id()), services_of(app).get(Authorizer)
        before = await ask(installation, "select version from access.policy_version")
        await ask(
            installation,
            f"""with made as (
                    insert into access.roles values
                        (gen_random_uuid(), 1, 'eve, administrator', false, now()) returning id),
                held as (
                    insert into access.grants select id, 'p, administrator, *' from made)
                insert into access.assignments
                    select gen_random_uuid(), 1, '{account_id}', id, now() from made""",
        )
        await ask(installation, "update access.policy_version set version = version + 1")
        keeper = services_of(app).get(Authorizer)
        assert isinstance(keeper, InMemoryAuthorizer)
        await keeper.changed()
        assert before != await ask(installation, "select version from access.policy_version")
        catalogue = services_of(app).get(PermissionCatalogue)
        held = {
            p.name for p in catalogue.permissions if decides.permits(calling(account_id), p.name)
        }
        assert held == catalogue.roles.get("viewer", frozenset())


async def test_a_default_role_that_does_not_exist_keeps_the_application_from_starting(
    installation: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCESS_DEFAULT_ROLE", "emperor")
    with pytest.raises(Exception, match="ACCESS_DEFAULT_ROLE"):
        async with running(settings_for(installation)):
            pass


async def test_everybody_cannot_be_made_administrator_by_a_setting(
    installation: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCESS_DEFAULT_ROLE", "administrator")
    with pytest.raises(Exception, match="ACCESS_DEFAULT_ROLE"):
        async with running(settings_for(installation)):
            pass
