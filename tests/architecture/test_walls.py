"""The real tree: every check is green, and a module nobody has heard of is under all of them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bootstrap.boundaries.engine import STAGES
from bootstrap.boundaries.loaded.checks import CHECKS
from bootstrap.modules import discover
from tests.architecture.planting import LOADED
from tests.architecture.tree import ROOT, Tree, plant_ground

EXAMPLE, COPY = "catalog", "depot"
"""The module new ones are modelled on, and the name of its copy."""


def findings(root: Path, *stages: str) -> list[str]:
    command = [sys.executable, "-m", "bootstrap.boundaries", *stages]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout.splitlines()


def test_every_check_is_green() -> None:
    assert findings(ROOT) == []


def test_the_command_refuses_an_unknown_stage() -> None:
    command = [sys.executable, "-m", "bootstrap.boundaries", "everything"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert all(stage in done.stderr for stage in STAGES)


def test_every_check_of_the_loaded_application_is_planted_against() -> None:
    assert CHECKS.keys() == LOADED


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    tree = plant_ground(tmp_path_factory.mktemp("copied") / "tree")
    copy_module(tree)
    return tree


@pytest.mark.xdist_group("copied")  # made once
def test_a_copied_module_with_a_new_name_is_covered(copied: Tree, tmp_path: Path) -> None:
    tree = copied.copy(tmp_path / "tree")
    assert findings(tree.path) == []
    tree.add(f"modules/{COPY}/public.py", "import sqlalchemy")
    tree.add(f"modules/{COPY}/module.py", f"from modules.{EXAMPLE}.module import Container as C")
    red = findings(tree.path, "imports")
    assert [line.partition(":")[0] for line in red].count("closed-world") == 2
    assert all(f"modules/{COPY}/" in line for line in red)


@pytest.mark.xdist_group("copied")
def test_the_copy_is_found_like_any_other(copied: Tree) -> None:
    script = "from bootstrap.modules import discover; print(*(m.name for m in discover()))"
    done = subprocess.run(
        [sys.executable, "-c", f"import gc; gc.disable(); {script}"],
        cwd=copied.path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stdout.split()) == {module.name for module in discover()} | {
        COPY,
        *("oak", "elm"),
    }


def copy_module(tree: Tree) -> None:
    """Copy a module and its migrations and change its name, as somebody would by hand."""
    for package in ("modules", "migrations"):
        for file in sorted((tree.path / package / EXAMPLE).rglob("*.py")):
            place = file.relative_to(tree.path).as_posix()
            renamed = re.sub(rf"\b{EXAMPLE}(?=\b|_)", COPY, file.read_text("utf-8"))
            tree.write(re.sub(rf"\b{EXAMPLE}(?=\b|_)", COPY, place), renamed)
