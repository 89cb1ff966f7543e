"""Reads `plants/*.toml`: violations, one of each kind, and the check that has to find each.

A plant appends `code` to `file`, or puts it in the place of the text `replaces`; a plant of
several `edits` does so several times. `{own}` and `{other}` are two modules that no shared file
has heard of, `{soon}` is a day within the next year.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NotRequired, TypedDict

from bootstrap.boundaries.engine import SOURCES
from tests.architecture.tree import OTHER, OWN, Gate, Tree

PLANTS = Path(__file__).with_name("plants")
LOADED = frozenset({"tables", "sql", "events", "public-signatures", "needs", "routes"})
ALL = ("imports", "sources", "loaded")
SOON = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()


class _Edit(TypedDict):
    file: str
    code: NotRequired[str]
    replaces: NotRequired[str]


class _Plant(TypedDict):
    what: str
    check: NotRequired[str]
    file: NotRequired[str]
    code: NotRequired[str]
    edits: NotRequired[list[_Edit]]


@dataclass(frozen=True, slots=True)
class Edit:
    """Code appended to a file, or put in the place of other text."""

    file: str
    code: str
    replaces: str | None

    def make(self, tree: Tree) -> None:
        """Change the file. Raises ValueError when the text to replace is not there."""
        if self.replaces is None:
            tree.add(self.file, self.code)
        else:
            tree.write(self.file, self.made_in(tree.read(self.file)))

    def made_in(self, text: str) -> str:
        """The text, changed. Raises ValueError when the part to replace is not there."""
        if self.replaces is None or self.replaces not in text:
            raise ValueError(f"{self.file} holds no {self.replaces!r}")
        return text.replace(self.replaces, self.code)


@dataclass(frozen=True, slots=True)
class Plant:
    """What is planted, and the check that has to turn red; no check for what is allowed."""

    what: str
    check: str
    edits: Sequence[Edit]

    @property
    def stages(self) -> Sequence[str]:
        """The checks that have to run to tell."""
        if not self.check:
            return ALL
        if self.check in {*LOADED, "load"}:
            return ("loaded",)
        return ("sources",) if self.check in {*SOURCES, "syntax"} else ("imports",)

    def sow(self, tree: Tree, gate: Gate) -> list[str]:
        """Plant it in a tree, and return what the gate then says."""
        for edit in self.edits:
            edit.make(tree)
        return gate.findings(tree, self.stages)


def violations() -> list[Plant]:
    """What the gate has to find."""
    plants = [plant for file in sorted(PLANTS.glob("*.toml")) for plant in _read(file)]
    return [plant for plant in plants if plant.check not in {"", "law"}]


def weakened() -> list[Plant]:
    """Configurations the gate would be content with, and the law is not."""
    return _read(PLANTS / "weakened.toml")


def allowed() -> list[Plant]:
    """What has to stay green."""
    return _read(PLANTS / "allowed.toml")


def _read(file: Path) -> list[Plant]:
    document: dict[str, list[_Plant]] = tomllib.loads(file.read_text("utf-8"))
    return [_plant(entry) for entry in document["plant"]]


def _plant(entry: _Plant) -> Plant:
    edits = entry.get("edits", [])
    if "file" in entry:
        edits = [_Edit(file=entry["file"], code=entry.get("code", ""))]
    return Plant(entry["what"], entry.get("check", ""), [_edit(edit) for edit in edits])


def _edit(entry: _Edit) -> Edit:
    replaced = entry.get("replaces")
    if entry["file"].startswith("bootstrap/boundaries"):
        raise ValueError("the checks are loaded before anything is planted")
    return Edit(
        _filled(entry["file"]),
        _filled(entry.get("code", "")),
        None if replaced is None else _filled(replaced),
    )


def _filled(text: str) -> str:
    return text.replace("{own}", OWN).replace("{other}", OTHER).replace("{soon}", SOON)
