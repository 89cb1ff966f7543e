"""What tests of access leave behind is taken back: roles are seeds, which the suite keeps."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest_asyncio
from fastapi import FastAPI

from modules.access.adapters.memory import InMemoryAuthorizer
from shared_kernel.module import Services
from tests.kit.sweeping import Sweeper

AS_SEEDED = """
delete from access.object_grants;
delete from access.policy_roles;
delete from access.policy_permissions;
delete from access.policies;
delete from access.policy_versions
    where version > (select min(version) from access.policy_versions);
delete from access.role_parents;
delete from access.assignments;
delete from access.grants;
delete from access.roles where not built_in;
update access.roles set requires_second_factor = false;
insert into access.grants (role_id, permission)
    select id, permission from access.roles join access.seeded_grants on name = role;
update access.policy_version set version = version + 1;
"""


@pytest_asyncio.fixture
async def settled(app: FastAPI) -> AsyncGenerator[None]:
    """Have the application know, at the end, what the fixtures named after this one took back."""
    yield
    services: Services = app.state.services
    await services.get(InMemoryAuthorizer).changed()


@pytest_asyncio.fixture
async def own_roles(sweeper: Sweeper) -> AsyncGenerator[None]:
    """Let a test make and change roles."""
    yield
    await sweeper.run(AS_SEEDED)
