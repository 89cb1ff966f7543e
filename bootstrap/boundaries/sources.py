"""Python files of the tree, parsed once however many checks look at them."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, kw_only=True, eq=False)
class Source:
    """One Python file: its path from the root of the tree, its dotted name, its text."""

    path: Path
    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree. Raises SyntaxError, with the file's name, for what is not Python."""
        return ast.parse(self.text, str(self.path))

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree, in no promised order."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def docstrings(self) -> frozenset[int]:
        """Line numbers on which a docstring starts: text for people, judged by nobody."""
        return frozenset(
            node.body[0].value.lineno
            for node in self.nodes
            if isinstance(node, _DOCUMENTED) and node.body and _is_text(node.body[0])
            if isinstance(node.body[0], ast.Expr)
        )

    def strings(self) -> Iterator[ast.Constant]:
        """Every string literal that is no docstring; pieces of f-strings included."""
        for node in self.nodes:
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and node.lineno not in self.docstrings
            ):
                yield node

    @cache  # noqa: B019 - sources are kept as long, by `_source`
    def mentions(self, pattern: re.Pattern[str]) -> bool:
        """Whether the pattern is found anywhere in the text."""
        return pattern.search(self.text) is not None

    def at(self, node: ast.expr | ast.stmt) -> str:
        return f"{self.path.as_posix()}:{node.lineno}"

    @property
    def module(self) -> str | None:
        """The business module (or migration branch) this file belongs to."""
        parts = self.name.split(".")
        return parts[1] if parts[0] in {"modules", "migrations"} and len(parts) > 1 else None


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def dotted(path: Path) -> str:
    """`modules/catalog/__init__.py` -> `modules.catalog`."""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def read_sources(root: Path, packages: Iterable[str]) -> Iterator[Source]:
    """Every Python file below `root/<package>`, in order of path."""
    for package in packages:
        for file in sorted((root / package).rglob("*.py")):
            yield _source(file.relative_to(root), file.read_text("utf-8"))


@cache
def _source(path: Path, text: str) -> Source:
    return Source(path=path, name=dotted(path), text=text)


def file_of(root: Path, module: str) -> str:
    """The path, from the root, of the file that holds a dotted name."""
    stem = Path(*module.split("."))
    package = stem / "__init__.py"
    return (package if (root / package).exists() else stem.with_suffix(".py")).as_posix()


def called_name(call: ast.Call) -> str:
    """`f(...)` and `a.b.f(...)` are both `f`."""
    return name_of(call.func)


def name_of(node: ast.expr) -> str:
    """The last part of a name or an attribute chain; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""
