"""The allow-table: one row per ring and per adapter name. What no row allows is forbidden.

A row is `importer: term term ...`. In the importer `{m}` stands for any one name and binds it;
the row with the longest, then the most literal, importer decides. Tokens:

* `modules.{m}.domain` that module and everything below it, `{m}` bound by the importer;
* `modules.*.public`   the same, of any module;
* `=modules`           that package alone, nothing below it;
* `sqlalchemy`         a library (or a part of the standard library) by its top-level name;
* `@stdlib`            the standard library, but for what loads code by name;
* `@pure`              (or any other `@name`) a group defined beside the rows;
* `**`                 everything.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

LOADERS = frozenset(
    {
        "builtins",
        "code",
        "codeop",
        "imp",
        "importlib",
        "modulefinder",
        "pkgutil",
        "runpy",
        "zipimport",
    }
)
"""Standard library that loads code by name: a row has to name it."""

_HARMLESS = re.compile(
    r"from importlib(\.| import )(resources|metadata)\b|import importlib\.(resources|metadata)\b"
)
_PURE_PARTS = re.compile(r"from urllib(\.| import )parse\b")


@dataclass(frozen=True, slots=True)
class Row:
    """Who (`importer`, a pattern) may import what (`terms`)."""

    importer: str
    terms: tuple[str, ...]
    pattern: re.Pattern[str]
    weight: tuple[int, int]

    @classmethod
    def parse(cls, line: str) -> "Row":
        importer, _, terms = (part.strip() for part in line.partition(":"))
        names = importer.split(".")
        pattern = r"\.".join(_one_name(name) for name in names) + r"(?:\.|$)"
        literal = sum(not name.startswith("{") for name in names)
        return cls(importer, tuple(terms.split()), re.compile(pattern), (len(names), literal))


@dataclass(frozen=True, slots=True)
class Permit:
    """A row with its names bound: what one importer may import."""

    row: str
    inside: frozenset[str]
    alone: frozenset[str]
    libraries: frozenset[str]
    roots: frozenset[str]

    def allows(self, imported: str, statements: Iterable[str] = ()) -> bool:
        """Whether the import may stand. `statements` are its source lines, where known."""
        if "**" in self.libraries or imported in self.alone:
            return True
        top = imported.partition(".")[0]
        if top in self.roots:
            return any(prefix in self.inside for prefix in _prefixes(imported))
        return top in self.libraries or self._allows_part(top, tuple(statements))

    @property
    def loads_code(self) -> bool:
        """Whether the row lets its importer load code by name."""
        return "**" in self.libraries or "importlib" in self.libraries

    def _allows_part(self, top: str, statements: tuple[str, ...]) -> bool:
        if not statements:
            return False
        if top == "importlib" and "@stdlib" in self.libraries:
            return all(_HARMLESS.match(line.strip()) for line in statements)
        return top == "urllib" and all(_PURE_PARTS.match(line.strip()) for line in statements)


class Table:
    """All rows, the most specific first."""

    def __init__(self, rows: Iterable[str], groups: Iterable[str], roots: Iterable[str]) -> None:
        parsed = (Row.parse(line) for line in rows)
        self.rows = sorted(parsed, key=lambda row: row.weight, reverse=True)
        self._groups = {name.strip(): terms.split() for name, _, terms in _split(groups)}
        self._roots = frozenset(roots)
        self.permit = lru_cache(maxsize=None)(self._permit)
        self._terms = {row.importer: tuple(self.expand(row.terms)) for row in self.rows}

    def _permit(self, importer: str) -> Permit | None:
        for row in self.rows:
            match = row.pattern.match(importer)
            if match is not None:
                # A row that names its module binds {m} too: groups are written with it.
                module = importer.split(".")[1:2]
                names = {"m": module[0]} if module else {}
                return self._bind(row, names | match.groupdict())
        return None

    def _bind(self, row: Row, names: Mapping[str, str]) -> Permit:
        terms = [_filled(term, names) for term in self._terms[row.importer]]
        internal = {term for term in terms if term.partition(".")[0] in self._roots}
        alone = {term[1:] for term in terms if term.startswith("=")}
        libraries = {term for term in terms if term not in internal and term[0] != "="}
        if "@stdlib" in libraries:
            libraries |= sys.stdlib_module_names - LOADERS
        return Permit(
            row.importer, frozenset(internal), frozenset(alone), frozenset(libraries), self._roots
        )

    def expand(self, terms: Iterable[str]) -> Iterator[str]:
        """The terms with every group replaced by its members. Raises ValueError."""
        for term in terms:
            if term in self._groups:
                yield from self.expand(self._groups[term])
            elif term.startswith("@") and term != "@stdlib":
                raise ValueError(f"importlinter.ini: no group is called {term}")
            else:
                yield term


def _one_name(name: str) -> str:
    return f"(?P<{name[1:-1]}>\\w+)" if name.startswith("{") else re.escape(name)


def _filled(term: str, names: Mapping[str, str]) -> str:
    return term.format_map(names) if "{" in term else term


def _split(lines: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    return (line.partition(":") for line in lines)


def _prefixes(name: str) -> Iterator[str]:
    """`modules.a.public.x` -> itself, `modules.a.public`, ..., each also as `modules.*.public`."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        yield ".".join(parts[:length])
        if length > 2:
            yield ".".join([parts[0], "*", *parts[2:length]])
