"""Check `injector`: dependency-injector joins containers at start-up and does nothing else.

`@inject`, `Provide`, `wire` and their kin cost a thread hop per argument on the request path and
hide who asks for what; `override` replaces a part of somebody else's container.
"""

import ast
import re
from collections.abc import Iterator, Sequence

from bootstrap.boundaries.findings import Finding
from bootstrap.boundaries.sources import Source, called_name

_UNUSED = frozenset({"Closing", "Configuration", "Provide", "Resource", "inject", "wiring"})
_REPLACES = frozenset({"override", "override_providers", "reset_override", "wire"})
_SUSPECT = re.compile(rf"dependency_injector|\b(?:{'|'.join(sorted(_REPLACES))})\b")


def injector(sources: Sequence[Source]) -> Iterator[Finding]:
    """Parts of the library that are not used here, and containers changed from outside."""
    for source in sources:
        if not source.mentions(_SUSPECT):
            continue
        joins = source.name.startswith("bootstrap.")
        for node in source.nodes:
            if isinstance(node, ast.ImportFrom) and _is_injector(node.module):
                for name in _unused(node):
                    yield Finding(source.at(node), f"dependency_injector's {name} is not used here")
            if isinstance(node, ast.Call) and not joins and _replaces(node):
                what = f"{called_name(node)}() changes a container: say Needs(Port) instead"
                yield Finding(source.at(node), what)


def _is_injector(module: str | None) -> bool:
    return (module or "").partition(".")[0] == "dependency_injector"


def _unused(node: ast.ImportFrom) -> list[str]:
    if (node.module or "").endswith(".wiring"):
        return ["wiring"]
    return [alias.name for alias in node.names if alias.name in _UNUSED]


def _replaces(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr in _REPLACES
