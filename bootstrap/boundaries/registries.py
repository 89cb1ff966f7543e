"""Mutable state of a shared module: a place where modules could meet unseen."""

import ast
from collections.abc import Iterator

from bootstrap.boundaries.findings import Finding
from bootstrap.boundaries.sources import Source, called_name, name_of

_CONTAINERS = frozenset(
    {"OrderedDict", "WeakKeyDictionary", "WeakSet", "WeakValueDictionary"}
    | {"defaultdict", "deque", "dict", "list", "set"}
)


def registries(source: Source) -> Iterator[Finding]:
    """Empty containers bound at module level: a constant is written full, a registry is filled."""
    for statement in source.tree.body:
        value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
        if isinstance(statement, ast.Assign | ast.AnnAssign) and _starts_empty(value):
            where = source.at(statement)
            what = "empty container at module level: state that any module could fill"
            yield Finding(where, what, source.name, "module state")


def _starts_empty(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Dict):
        return not value.keys
    if isinstance(value, ast.List):
        return not value.elts
    if not isinstance(value, ast.Call) or (value.args and called_name(value) != "defaultdict"):
        return False
    called = value.func.value if isinstance(value.func, ast.Subscript) else value.func
    return name_of(called) in _CONTAINERS and not value.keywords
