"""Contract type `no_blind_spots`: what is on disk is what the import graph sees."""

import sys
from collections.abc import Iterable, Iterator
from importlib.machinery import PathFinder
from pathlib import Path

from grimp import ImportGraph
from importlinter import fields

from bootstrap.boundaries.configuration import lines
from bootstrap.boundaries.contract import FindingsContract
from bootstrap.boundaries.findings import Finding
from bootstrap.boundaries.sources import dotted

_OPAQUE = frozenset({".so", ".pyd", ".pyc", ".pyo", ".pyx", ".pxd", ".pth", ".pyz", ".ipynb"})
_NOT_OURS = frozenset({"__pycache__", "node_modules", "venv"})


class NoBlindSpots(FindingsContract):
    """Every Python file of the tree is in the graph, and every module has its rings."""

    modules_package = fields.StringField()
    required_rings = fields.ListField(subfield=fields.StringField())
    optional_rings = fields.ListField(subfield=fields.StringField(), required=False)
    loose_files = fields.ListField(subfield=fields.StringField(), required=False)

    def find(self, graph: ImportGraph) -> Iterator[Finding]:
        root, packages = Path.cwd(), lines(self.session_options["root_packages"])
        yield from _outside(root, packages, lines(self.loose_files))
        for package in packages:
            yield from _unseen(root, package, graph)
        yield from _unregistered_roots(root, graph)
        required = set(lines(self.required_rings))
        known = required | set(lines(self.optional_rings))
        for module in graph.find_children(str(self.modules_package)):
            yield from _rings(graph, module, required, known)


def _outside(root: Path, packages: Iterable[str], loose: Iterable[str]) -> Iterator[Finding]:
    for entry in root.iterdir():
        if entry.name.startswith(".") or entry.name in {*packages, *loose, *_NOT_OURS}:
            continue
        if entry.suffix == ".py":
            yield Finding(entry.name, "Python file outside every root package")
        if entry.is_dir() and any(entry.rglob("*.py")):
            yield Finding(entry.name, "directory with Python code that is no root package")


def _unseen(root: Path, package: str, graph: ImportGraph) -> Iterator[Finding]:
    if not (root / package / "__init__.py").exists():
        yield Finding(package, "root package without __init__.py")
    for path in (root / package).rglob("*"):
        if _NOT_OURS.isdisjoint(path.parts):
            yield from _judge(path, path.relative_to(root), root, graph)


def _judge(path: Path, place: Path, root: Path, graph: ImportGraph) -> Iterator[Finding]:
    where = place.as_posix()
    if path.is_symlink() and root not in path.resolve().parents:
        yield Finding(where, "symbolic link that leaves the tree")
    if path.suffix in _OPAQUE:
        yield Finding(where, "compiled code, notebook or path file: nothing can read its imports")
    if path.suffix == ".py" and not _in_graph(place, graph):
        yield Finding(where, "not in the import graph: no __init__.py beside it, or an odd name")
    if path.suffix == ".py" and path.with_suffix("").is_dir() and path.name != "__init__.py":
        yield Finding(where, "hidden behind a directory of the same name")


def _in_graph(place: Path, graph: ImportGraph) -> bool:
    named = all(part.isidentifier() for part in place.with_suffix("").parts)
    return named and dotted(place) in graph.modules


def _unregistered_roots(root: Path, graph: ImportGraph) -> Iterator[Finding]:
    for module in graph.modules:
        if graph.is_module_squashed(module) and module not in sys.stdlib_module_names:
            spec = PathFinder.find_spec(module, [str(root)])
            if spec is not None:
                yield Finding(module, "imported, lives in this tree, and is no root package")


def _rings(
    graph: ImportGraph, module: str, required: set[str], known: set[str]
) -> Iterator[Finding]:
    children = {child.rpartition(".")[2] for child in graph.find_children(module)}
    for ring in required - children:
        yield Finding(module, f"lacks the ring {ring}")
    for stray in children - known:
        yield Finding(f"{module}.{stray}", "is no ring")
