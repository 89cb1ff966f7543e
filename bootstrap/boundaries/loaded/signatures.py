"""Check `public-signatures`: what a module shows speaks of public, kernel and plain types only."""

import inspect
import sys
import typing
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType

from bootstrap.boundaries.findings import Finding
from bootstrap.boundaries.loaded.application import Application, is_public
from bootstrap.boundaries.loaded.types import parts

_KERNEL = frozenset({"shared_kernel.domain", "shared_kernel.application"})


def public_signatures(application: Application) -> Iterator[Finding]:
    """Types a caller would have to reach behind the public ring to name."""
    for loaded in application.python_modules("public"):
        for name, thing in vars(loaded).items():
            if not name.startswith("_") and getattr(thing, "__module__", None) == loaded.__name__:
                yield from _exposed(loaded, thing)


def _exposed(loaded: ModuleType, thing: object) -> Iterator[Finding]:
    if isinstance(thing, FunctionType):
        yield from _function(loaded, thing)
    if not isinstance(thing, type):
        return
    yield from _judged(loaded, thing, thing.__qualname__)
    for member in vars(thing).values():
        function = member.fget if isinstance(member, property) else member
        if isinstance(function, FunctionType) and _is_written(function, loaded):
            yield from _function(loaded, function)


def _is_written(function: FunctionType, loaded: ModuleType) -> bool:
    """Not made by the dataclass or Protocol machinery."""
    return (function.__module__ == loaded.__name__ and not function.__name__.startswith("__")) or (
        function.__name__ == "__call__"
    )


def _function(loaded: ModuleType, function: FunctionType) -> Iterator[Finding]:
    yield from _judged(loaded, function, function.__qualname__)
    hints = function.__annotations__
    for name in inspect.signature(function).parameters:
        if name not in hints and name not in {"self", "cls"}:
            yield Finding(f"{loaded.__name__}.{function.__qualname__}", f"{name} has no type")


def _judged(
    loaded: ModuleType, thing: type | Callable[..., object], name: str
) -> Iterator[Finding]:
    where = f"{loaded.__name__}.{name}"
    try:
        hints = typing.get_type_hints(thing, include_extras=True)
    except (NameError, AttributeError, TypeError) as error:
        yield Finding(where, f"has a type that cannot be resolved: {error}")
        return
    for member, hint in hints.items():
        for part in parts(hint):
            if not _may_be_shown(part):
                yield Finding(where, f"{member} shows {part}")


def _may_be_shown(part: object) -> bool:
    if part is typing.Any:
        return False
    home = getattr(part, "__module__", None) or "builtins"
    return is_public(home) or home in _KERNEL or home.partition(".")[0] in sys.stdlib_module_names
