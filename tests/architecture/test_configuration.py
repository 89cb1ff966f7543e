"""The configuration of the walls: whole, and found by the bare command."""

import configparser
import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.architecture.law import weaknesses
from tests.architecture.planting import Plant, weakened
from tests.architecture.tree import ROOT

CONFIGURATION = ROOT / "importlinter.ini"


def test_the_configuration_says_all_it_has_to() -> None:
    assert weaknesses(CONFIGURATION.read_text("utf-8")) == []


@pytest.mark.parametrize("plant", weakened(), ids=lambda plant: plant.what)
def test_a_weakened_configuration_is_noticed(plant: Plant) -> None:
    text = CONFIGURATION.read_text("utf-8")
    for edit in plant.edits:
        text = edit.made_in(text)
    assert weaknesses(text)


def test_a_removed_option_of_a_contract_is_noticed() -> None:
    parser = configparser.ConfigParser()
    parser.read(CONFIGURATION)
    for section in parser.sections():
        for option in set(parser[section]) - {"name", "broken_contract_guidance"}:
            assert weaknesses(_without(section, option)), (section, option)


def test_a_removed_row_of_the_core_is_noticed() -> None:
    text = CONFIGURATION.read_text("utf-8")
    rows = [line for line in text.splitlines(keepends=True) if line.startswith("    modules.{m}.")]
    core = [row for row in rows if ".adapters." not in row or "{a}:" in row]
    assert len(core) > 5
    for row in core:
        assert weaknesses(text.replace(row, "")), row


def test_the_bare_command_keeps_every_contract() -> None:
    assert Path(ROOT / ".importlinter").resolve() == CONFIGURATION.resolve()
    command = Path(sysconfig.get_path("scripts")) / "lint-imports"
    done = subprocess.run(
        [command, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_ruff_refuses_the_private_parts_of_others() -> None:
    ruff = Path(sysconfig.get_path("scripts")) / "ruff"
    done = subprocess.run(
        [ruff, "check", "--output-format=concise", "--stdin-filename=modules/oak/domain.py", "-"],
        cwd=ROOT,
        input="def peek(theirs: object) -> object:\n    return theirs._tree\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "SLF001" in done.stdout


def _without(section: str, option: str) -> str:
    kept: list[str] = []
    here, dropped = "", False
    for line in CONFIGURATION.read_text("utf-8").splitlines():
        here = line.strip("[]") if line.startswith("[") else here
        if not line.startswith(" "):
            dropped = here == section and line.partition("=")[0].strip() == option
        if not dropped:
            kept.append(line)
    return "\n".join(kept)
