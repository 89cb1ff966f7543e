"""Contract type `hidden_imports`: no import that the graph cannot see.

A string that names an internal module counts as an import of it and is judged by the same table.
Loading code by name is for the files whose row names `importlib`; evaluating text is for nobody.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from grimp import ImportGraph
from importlinter import fields

from bootstrap.boundaries.configuration import allow_table, lines
from bootstrap.boundaries.contract import FindingsContract
from bootstrap.boundaries.findings import Finding
from bootstrap.boundaries.registries import registries
from bootstrap.boundaries.sources import Source, name_of, read_sources
from bootstrap.boundaries.table import Permit

_LOADERS = frozenset(
    {
        "__import__",
        "__loader__",
        "ImportString",
        "entry_points",
        "exec_module",
        "find_spec",
        "import_module",
        "iter_modules",
        "load_module",
        "module_from_spec",
        "resolve_name",
        "run_module",
        "run_path",
        "spec_from_file_location",
        "walk_packages",
    }
)
_EVALUATORS = frozenset({"__builtins__", "compile", "eval", "exec"})
_INJECTED = frozenset({"Closing", "Provide", "Provider"})


class HiddenImports(FindingsContract):
    """Judges the source text of the listed packages."""

    packages = fields.ListField(subfield=fields.StringField())
    stateless = fields.ListField(subfield=fields.StringField(), required=False)

    def find(self, graph: ImportGraph) -> Iterator[Finding]:
        table = allow_table()
        known = frozenset(graph.modules)
        roots = lines(self.session_options["root_packages"])
        stateless = tuple(lines(self.stateless))
        pattern = suspicious(roots)
        for source in read_sources(Path.cwd(), lines(self.packages)):
            permit = table.permit(source.name)
            if permit is not None and source.mentions(pattern):
                yield from _Judge(source, permit, roots, known).findings()
            if source.name.startswith(stateless):
                yield from registries(source)


def suspicious(roots: Sequence[str]) -> re.Pattern[str]:
    """What every file with a finding contains. Most contain none of it and need no parsing."""
    named = "|".join(map(re.escape, roots))
    loads, evaluates, injected = map("|".join, map(sorted, (_LOADERS, _EVALUATORS, _INJECTED)))
    return re.compile(
        rf"\b(?:{loads})\b|(?<!\.)\b(?:{evaluates})\b|\b(?:{injected})\s*\[\s*[\"']"
        rf"|\bsys\b.*\bmodules\b|import\s+\*|\bimport\s.*\b(?:{named})\b|[\"'](?:{named})[.:]"
    )


class _Judge:
    def __init__(
        self, source: Source, permit: Permit, roots: list[str], known: frozenset[str]
    ) -> None:
        self._source, self._permit, self._known = source, permit, known
        names = "|".join(map(re.escape, roots))
        self._roots = roots
        self._names_a_module = re.compile(rf"(?:{names})(?:[.:]\w+)+")
        self._computes_a_module = re.compile(rf"(?:{names})\.(?:\w+\.)*(?:[{{%].*)?")

    def findings(self) -> Iterator[Finding]:
        for node in self._source.nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield from self._imports(node)
            elif isinstance(node, ast.Name | ast.Attribute):
                yield from self._names(node)
            elif isinstance(node, ast.Subscript):
                yield from self._subscripts(node)
        for text in self._source.strings():
            yield from self._strings(text)

    def _imports(self, node: ast.Import | ast.ImportFrom) -> Iterator[Finding]:
        for alias in node.names:
            if alias.name == "*":
                yield self._finding(node, "*", "star import: name what is used")
            elif isinstance(node, ast.ImportFrom):
                loaded = (node.module, alias.name) == ("sys", "modules")
                if (loaded or alias.name in _LOADERS) and not self._permit.loads_code:
                    yield self._finding(node, alias.name, f"loads code by name: {alias.name}")
            elif alias.asname is None and self._reaches_down(alias.name):
                what = f"'import {alias.name}' makes all of its root reachable: use 'from'"
                yield self._finding(node, alias.name, what)

    def _reaches_down(self, name: str) -> bool:
        top = name.partition(".")[0]
        return top in self._roots and name not in self._permit.alone

    def _names(self, node: ast.Name | ast.Attribute) -> Iterator[Finding]:
        name = name_of(node)
        if not isinstance(node.ctx, ast.Load):
            return  # a field may be called `compile`
        if name in _EVALUATORS and isinstance(node, ast.Name):
            yield self._finding(node, name, f"evaluates text: {name}")
        if name in _LOADERS and not self._permit.loads_code:
            yield self._finding(node, name, f"loads code by name: {name}")
        if _is_sys_modules(node) and not self._permit.loads_code:
            yield self._finding(node, "sys.modules", "reads what is loaded: sys.modules")

    def _subscripts(self, node: ast.Subscript) -> Iterator[Finding]:
        name = name_of(node.value)
        if name in _INJECTED and isinstance(node.slice, ast.Constant):
            yield self._finding(node, name, f"{name}[...] with a string hides what it asks for")

    def _strings(self, node: ast.Constant) -> Iterator[Finding]:
        text = str(node.value)
        if text in _LOADERS and text.startswith("_") and not self._permit.loads_code:
            yield self._finding(node, text, f"loads code by name: {text}")
        if self._computes_a_module.fullmatch(text) and not self._permit.loads_code:
            yield self._finding(node, text, f"puts a module's name together: {text!r}")
        if self._names_a_module.fullmatch(text):
            yield from self._named(node, text)

    def _named(self, node: ast.Constant, text: str) -> Iterator[Finding]:
        target = text.replace(":", ".")
        while target and target not in self._known:
            target = target.rpartition(".")[0]
        around = f"{self._source.name}.".startswith(f"{target}.")
        if "." in target and not around and not self._permit.allows(target):
            what = f"the string {text!r} names {target} (row {self._permit.row})"
            yield self._finding(node, target, what)

    def _finding(self, node: ast.expr | ast.stmt, imported: str, what: str) -> Finding:
        return Finding(self._source.at(node), what, self._source.name, imported)


def _is_sys_modules(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Attribute) and node.attr == "modules" and name_of(node.value) == "sys"
    )
