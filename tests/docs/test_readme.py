"""The README's commands do what it shows."""

from __future__ import annotations

import asyncio
import os

import pytest

from bootstrap.runtime import System
from modules.access.application.administering.administrators import AppointAdministrator
from shared_kernel.module import Services
from tests.bootstrap.processes import free_port, serving
from tests.kit.cluster import drop_database, new_database
from tests.kit.console import Step, outputs_of, steps_of
from tests.kit.running import SECRET, settings_for
from tests.kit.starting import ROOT, forked_by_a_shell

PASSWORD = "nine courses of granite"
STEPS = steps_of(ROOT / "README.md")


@pytest.fixture(scope="module")
def outputs() -> list[str]:
    """What the README's commands print, run in order against a server of their own."""
    database = new_database(f"readme_{os.getpid()}")
    port = free_port()
    environment = {
        "DATABASE_URL": database.app_url,
        "MIGRATION_DATABASE_URL": database.owner_url,
        "SECRET_KEYS": SECRET,
    }
    asyncio.run(_fill(System.of(settings_for(database))))
    command = ("bootstrap.cli", "serve", "--port", str(port))
    app, descriptors = forked_by_a_shell("bootstrap.cli")
    with serving(*command, port=port, environment=environment):
        printed = outputs_of(
            STEPS,
            ROOT,
            {**os.environ, **environment, "PASSWORD": PASSWORD, "PYTHONPATH": str(ROOT)},
            {
                "127.0.0.1:8000": f"127.0.0.1:{port}",
                "python3 do.py app": app,
            },
            descriptors,
        )
    drop_database(database)
    return printed


async def _fill(system: System) -> None:
    async def work(services: Services) -> None:
        await services.get(AppointAdministrator)("admin@example.com", PASSWORD)
        for make in system.assembly.demos.values():
            await make()()

    await system.run(work)


@pytest.mark.parametrize("number", range(len(STEPS)), ids=[one.command[:60] for one in STEPS])
@pytest.mark.xdist_group("readme")
def test_the_command_prints_what_the_readme_shows(number: int, outputs: list[str]) -> None:
    step: Step = STEPS[number]
    assert step.is_met_by(outputs[number]), outputs[number]
