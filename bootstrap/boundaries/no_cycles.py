"""Contract type `no_cycles`: nothing depends on itself, between modules or inside one."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from grimp import ImportGraph
from importlinter import fields

from bootstrap.boundaries.configuration import lines
from bootstrap.boundaries.contract import FindingsContract
from bootstrap.boundaries.findings import Finding
from bootstrap.boundaries.sources import file_of
from bootstrap.boundaries.strongly_connected import components, loop

SELF = "__init__"

Edges = dict[str, dict[str, tuple[str, str]]]
"""Sibling -> sibling -> one import (importer, imported) that makes the edge."""


class NoCycles(FindingsContract):
    """The children of every package below the listed roots form no circle (linear time)."""

    packages = fields.ListField(subfield=fields.StringField())

    def find(self, graph: ImportGraph) -> Iterator[Finding]:
        for package, edges in sorted(_siblings(graph, frozenset(lines(self.packages))).items()):
            names = {source: list(targets) for source, targets in edges.items()}
            for component in components(names):
                yield _described(graph, package, edges, loop(names, component))


def _siblings(graph: ImportGraph, roots: frozenset[str]) -> Mapping[str, Edges]:
    """Imports, condensed: each counts once, between the two children of their common package."""
    found: dict[str, Edges] = defaultdict(lambda: defaultdict(dict))
    for importer in sorted(graph.modules):
        if importer.partition(".")[0] not in roots or graph.is_module_squashed(importer):
            continue
        for imported in sorted(graph.find_modules_directly_imported_by(importer)):
            package, source, target = _fork(importer, imported)
            if package:
                found[package][source].setdefault(target, (importer, imported))
    return found


def _fork(importer: str, imported: str) -> tuple[str, str, str]:
    """The common package of two modules and the child of it that each belongs to."""
    left, right = [*importer.split("."), SELF], [*imported.split("."), SELF]
    shared = 0
    while left[shared] == right[shared] and left[shared] != SELF:
        shared += 1
    return ".".join(left[:shared]), left[shared], right[shared]


def _described(graph: ImportGraph, package: str, edges: Edges, cycle: list[str]) -> Finding:
    pairs = list(zip(cycle, [*cycle[1:], cycle[0]], strict=True))
    steps = [_step(graph, *edges[source][target]) for source, target in pairs]
    importer, imported = edges[pairs[-1][0]][pairs[-1][1]]
    way = " -> ".join([*cycle, cycle[0]])
    return Finding(package, f"circle {way}: {'; '.join(steps)}", importer, imported)


def _step(graph: ImportGraph, importer: str, imported: str) -> str:
    details = graph.get_import_details(importer=importer, imported=imported)
    line = min((detail["line_number"] for detail in details), default=1)
    return f"{file_of(Path.cwd(), importer)}:{line} imports {imported}"
