"""The commands of the page on access do what it shows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.kit.cluster import drop_database, new_database
from tests.kit.console import Step, outputs_of, steps_of
from tests.kit.running import SECRET
from tests.kit.starting import ROOT, forked_by_a_shell

STEPS = steps_of(ROOT / "docs" / "access.md")


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the commands print, run in order in an empty folder, with a database of their own."""
    database = new_database(f"access_page_{os.getpid()}")
    folder: Path = tmp_path_factory.mktemp("policy")
    environment = {
        **os.environ,
        "DATABASE_URL": database.app_url,
        "MIGRATION_DATABASE_URL": database.owner_url,
        "SECRET_KEYS": SECRET,
        "PYTHONPATH": str(ROOT),
    }
    app, descriptors = forked_by_a_shell("bootstrap.cli")
    printed = outputs_of(
        STEPS,
        folder,
        environment,
        {
            "python3 do.py app": app,
            "docs/examples": str(ROOT / "docs" / "examples"),
        },
        descriptors,
    )
    drop_database(database)
    return printed


@pytest.mark.parametrize("number", range(len(STEPS)), ids=[one.command[:60] for one in STEPS])
@pytest.mark.xdist_group("access-page")
def test_the_command_prints_what_the_page_shows(number: int, outputs: list[str]) -> None:
    step: Step = STEPS[number]
    assert step.is_met_by(outputs[number]), outputs[number]
