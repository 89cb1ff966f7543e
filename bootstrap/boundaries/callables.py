"""Which function a name in a `Depends(...)` stands for, across the files of the tree."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bootstrap.boundaries.sources import Source

_Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Function:
    """How FastAPI would run something it is given: awaited or in a thread, once or as generator."""

    is_async: bool
    yields: bool


class Functions:
    """What is defined in a set of files; a file is read when a name leads to it."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = {source.name: source for source in sources}
        self.defined_in = lru_cache(maxsize=None)(self._defined_in)

    def named(self, source: Source, node: ast.expr) -> Function | None:
        """The function an argument names; None when it is not defined in these files."""
        suffix = "()" if isinstance(node, ast.Call) else ""
        written = node.func if isinstance(node, ast.Call) else node
        if not isinstance(written, ast.Name | ast.Attribute):
            return None
        head, _, rest = ast.unparse(written).partition(".")
        full = f"{_imported(source).get(head, f'{source.name}.{head}')}{'.' if rest else ''}{rest}"
        return self._find(full, suffix)

    def _find(self, full: str, suffix: str) -> Function | None:
        home, _, name = full.rpartition(".")
        while home and home not in self._sources:
            home, _, outer = home.rpartition(".")
            name = f"{outer}.{name}"
        return self.defined_in(home).get(name + suffix) if home else None

    def _defined_in(self, home: str) -> Mapping[str, Function]:
        return dict(_defined(self._sources[home]))


def _defined(source: Source) -> Iterator[tuple[str, Function]]:
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, _run(node)
        if isinstance(node, ast.ClassDef):
            yield node.name, Function(is_async=False, yields=False)
            for method in node.body:
                if isinstance(method, _Defined) and not isinstance(method, ast.ClassDef):
                    yield f"{node.name}.{method.name}", _run(method)
                    if method.name == "__call__":
                        yield f"{node.name}()", _run(method)


def _run(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Function:
    return Function(isinstance(node, ast.AsyncFunctionDef), any(map(_yields, node.body)))


def _yields(node: ast.AST) -> bool:
    if isinstance(node, ast.Yield | ast.YieldFrom):
        return True
    if isinstance(node, _Defined | ast.Lambda):
        return False
    return any(map(_yields, ast.iter_child_nodes(node)))


def _imported(source: Source) -> Mapping[str, str]:
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in source.nodes
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
        for alias in node.names
    }
