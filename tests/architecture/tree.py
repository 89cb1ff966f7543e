"""A copy of the tree to plant violations in, and the gate that looks at it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.architecture import seedlings

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("modules", "shared_kernel", "bootstrap", "migrations", "benchmarks", "tests")
SKIPPED = shutil.ignore_patterns("node_modules", "results")
OWN, OTHER = "oak", "elm"
"""Two modules no shared file has heard of: the one violations are planted in, and its neighbour."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The project at `path`, with the modules `oak` and `elm`."""

    path: Path

    def copy(self, path: Path) -> "Tree":
        """Make another tree of links to the same files: `write` replaces a file, never edits it."""
        shutil.copytree(self.path, path, symlinks=True, copy_function=_link)
        return Tree(path)

    def read(self, place: str) -> str:
        return (self.path / place).read_text("utf-8")

    def write(self, place: str, text: str) -> None:
        """Write a file, and the directories above it."""
        file = self.path / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.write_text(text, "utf-8")

    def add(self, place: str, code: str) -> None:
        """Append code to a file, which is created if need be."""
        exists = (self.path / place).exists()
        before = self.read(place) if exists else '"""Planted."""\n'
        self.write(place, f"{before}\n{code}\n")


def _link(source: str, target: str) -> None:
    """Link a file, but for the linter's cache, which is written in place."""
    if ".import_linter_cache" in source:
        shutil.copy2(source, target)
    else:
        os.link(source, target)


def plant_ground(path: Path, *, cleared: bool = False) -> Tree:
    """Copy the project, with the byte code Python keeps beside it, and sow the two modules.

    `cleared` leaves the real modules, their migrations and the tests out: a check of such a tree
    costs a third, and the same for ever, however many modules there will be.
    """
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, path / package, ignore=_cleared if cleared else SKIPPED, symlinks=True
        )
    shutil.copy2(ROOT / "importlinter.ini", path)
    for name in (OWN, OTHER):
        seedlings.sow(path / "modules", name)
    return Tree(path)


def _cleared(directory: str, names: list[str]) -> set[str]:
    inside = Path(directory).name
    if inside == "tests":
        return {name for name in names if name != "__init__.py"}
    real = {entry.name for entry in (ROOT / "modules").iterdir() if entry.is_dir()}
    taken_out = real - {"__pycache__"} if inside in {"modules", "migrations"} else set[str]()
    return SKIPPED(directory, names) | taken_out


class Gate:
    """A process that checks trees like the ground; start it once, it is slow to start."""

    def __init__(self, ground: Tree) -> None:
        program = Path(__file__).with_name("gate.py")
        self._process = subprocess.Popen(
            [sys.executable, str(program), str(ground.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def findings(self, tree: Tree, stages: Sequence[str] = ()) -> list[str]:
        """What the checks of a tree say, a line each: `check: place: what`."""
        ask, answer = self._process.stdin, self._process.stdout
        if ask is None or answer is None:
            raise RuntimeError("the gate has no pipes")
        ask.write(json.dumps([str(tree.path), *stages]) + "\n")
        ask.flush()
        found: list[str] = json.loads(answer.readline())
        return found

    def close(self) -> None:
        self._process.communicate()


def red(findings: Sequence[str]) -> set[str]:
    """The names of the checks that found something."""
    return {finding.partition(":")[0] for finding in findings}
