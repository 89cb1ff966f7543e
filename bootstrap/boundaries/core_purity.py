"""Check `pure-core`: rules neither look at the clock, nor roll dice, nor talk to the world.

The table keeps such libraries out; this keeps out what a permitted import still offers.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from bootstrap.boundaries.findings import Finding
from bootstrap.boundaries.sources import Source

_CORE = frozenset({"public", "domain", "ports", "application"})
_WORLD = frozenset({"breakpoint", "input", "open", "print"})
_CLOCK_AND_DICE = frozenset(
    {("date", "today"), ("datetime", "now"), ("datetime", "today"), ("datetime", "utcnow")}
    | {("uuid", name) for name in ("getnode", "uuid1", "uuid4", "uuid6", "uuid7")}
)
_CALLED = _WORLD | {name for _, name in _CLOCK_AND_DICE}
_SUSPECT = re.compile(rf"\b(?:{'|'.join(sorted(_CALLED))})\b")


def pure_core(sources: Sequence[Source]) -> Iterator[Finding]:
    """Calls in the core of a module that make its result depend on more than its arguments."""
    for source in sources:
        package, *below = source.name.split(".")
        if package != "modules" or _CORE.isdisjoint(below[1:2]) or not source.mentions(_SUSPECT):
            continue
        names = _imported(source)
        for node in source.nodes:
            name = _called(node, names) if isinstance(node, ast.Call) else None
            if name is not None and isinstance(node, ast.Call):
                what = f"{name} in the core: take time and identity as arguments, or ask a port"
                yield Finding(source.at(node), what)


def _imported(source: Source) -> Mapping[str, tuple[str, str]]:
    """Local name -> (module, name), for what was imported with `from`."""
    return {
        alias.asname or alias.name: (node.module or "", alias.name)
        for node in source.nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def _called(call: ast.Call, imported: Mapping[str, tuple[str, str]]) -> str | None:
    if isinstance(call.func, ast.Name):
        name = call.func.id
        known = name in _WORLD or imported.get(name) in _CLOCK_AND_DICE
        return name if known else None
    if isinstance(call.func, ast.Attribute):
        owner = _owner(call.func.value, imported)
        return f"{owner}.{call.func.attr}" if (owner, call.func.attr) in _CLOCK_AND_DICE else None
    return None


def _owner(node: ast.expr, imported: Mapping[str, tuple[str, str]]) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    name = node.id if isinstance(node, ast.Name) else ""
    return imported.get(name, ("", name))[1]
