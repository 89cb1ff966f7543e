"""Which function a name in a `Depends(...)` stands for, across the files of the tree."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bootstrap.boundaries.sources import Source

_Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Function:
    """How FastAPI would run something it is given: awaited or in a thread, once or as generator."""

    is_async: bool
    yields: bool


def index(sources: Iterable[Source]) -> Mapping[str, Function]:
    """Dotted name -> how it runs: functions, classes (their construction), `Class()` (its call)."""
    return {name: function for source in sources for name, function in _defined(source)}


def resolve(source: Source, node: ast.expr, functions: Mapping[str, Function]) -> Function | None:
    """The function an argument names; None when it is not defined in this tree."""
    suffix = "()" if isinstance(node, ast.Call) else ""
    named = node.func if isinstance(node, ast.Call) else node
    if not isinstance(named, ast.Name | ast.Attribute):
        return None
    written = ast.unparse(named)
    head, _, rest = written.partition(".")
    full = f"{_imported(source).get(head, f'{source.name}.{head}')}{'.' if rest else ''}{rest}"
    return functions.get(full + suffix)


def _defined(source: Source) -> Iterator[tuple[str, Function]]:
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{source.name}.{node.name}", _run(node)
        if isinstance(node, ast.ClassDef):
            yield f"{source.name}.{node.name}", Function(is_async=False, yields=False)
            for method in node.body:
                if isinstance(method, _Defined) and not isinstance(method, ast.ClassDef):
                    yield f"{source.name}.{node.name}.{method.name}", _run(method)
                    if method.name == "__call__":
                        yield f"{source.name}.{node.name}()", _run(method)


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
