"""Violations somebody has accepted, for a time, with a decision record to read.

One line of `importlinter.ini`: `importer -> imported | ADR-nnnn | yyyy-mm-dd | owner`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bootstrap.boundaries.findings import Finding

_YEAR = 366
_PATTERN = re.compile(r"(\S+) -> (\S+) \| (ADR-\d{4}) \| (\d{4}-\d{2}-\d{2}) \| (\S.*)")

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A violation that may stand until a day."""

    importer: str
    imported: str
    decision: str
    until: date
    owner: str

    @property
    def edge(self) -> Edge:
        return self.importer, self.imported


def read_accepted(
    lines: Iterable[str], *, today: date
) -> tuple[dict[Edge, Accepted], list[Finding]]:
    """The entries that count, and what is wrong with the others. A wrong entry accepts nothing."""
    good: dict[Edge, Accepted] = {}
    wrong: list[Finding] = []
    for line in lines:
        entry = _parse(line)
        fault = _fault(entry, today) if entry else "needs 'a -> b | ADR-nnnn | yyyy-mm-dd | owner'"
        if entry and not fault:
            good[entry.edge] = entry
        else:
            wrong.append(Finding("importlinter.ini", f"accepted violation {fault}: {line}"))
    return good, wrong


def _parse(line: str) -> Accepted | None:
    match = _PATTERN.fullmatch(line.strip())
    if match is None:
        return None
    importer, imported, decision, until, owner = match.groups()
    try:
        return Accepted(importer, imported, decision, date.fromisoformat(until), owner)
    except ValueError:
        return None


def _fault(entry: Accepted, today: date) -> str:
    if "*" in entry.importer + entry.imported:
        return "with a wildcard"
    if entry.until < today:
        return f"expired on {entry.until}"
    return "runs for more than a year" if (entry.until - today).days > _YEAR else ""
