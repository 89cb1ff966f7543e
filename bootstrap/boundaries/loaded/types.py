"""What a type annotation is made of, and whether its values can be sent and cannot be changed."""

import enum
import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

PLAIN: frozenset[object] = frozenset(
    {str, int, bool, float, bytes, UUID, datetime, date, time, timedelta, Decimal, type(None)}
)
_HOLDS = (tuple, frozenset, typing.Union, types.UnionType)


def parts(annotation: object) -> Iterator[object]:
    """The annotation's atoms: `dict[str, list[A]] | None` is dict, str, list, A, None."""
    annotation = getattr(annotation, "__supertype__", annotation)
    origin = typing.get_origin(annotation)
    if origin is typing.Literal:
        return
    if origin is typing.Annotated:
        yield from parts(typing.get_args(annotation)[0])
        return
    yield annotation if origin is None else origin
    for argument in typing.get_args(annotation):
        # Callable[[A, B], C] keeps its arguments in a list of their own.
        listed = typing.cast("list[object]", argument if isinstance(argument, list) else [argument])
        for part in listed:
            yield from parts(part)


def travels(annotation: object, declared: Callable[[type], bool]) -> bool:
    """Whether values of a type are immutable and have one JSON form.

    `declared` says which classes of the publisher may be nested.
    """
    annotation = getattr(annotation, "__supertype__", annotation)
    origin = typing.get_origin(annotation)
    if origin is typing.Literal or annotation in PLAIN:
        return True
    arguments = [each for each in typing.get_args(annotation) if each is not Ellipsis]
    if origin is typing.Annotated:
        return travels(arguments[0], declared)
    if origin in _HOLDS:
        return all(travels(argument, declared) for argument in arguments)
    if not isinstance(annotation, type):
        return False
    return declared(annotation) and _is_closed(annotation, declared)


def _is_closed(kind: type[object], declared: Callable[[type], bool]) -> bool:
    if issubclass(kind, enum.Enum):
        return True
    return is_frozen(kind) and all(
        travels(hint, declared) for hint in typing.get_type_hints(kind).values()
    )


def is_frozen(kind: type[object]) -> bool:
    """Whether a class is a frozen dataclass itself, not by inheritance."""
    options = kind.__dict__.get("__dataclass_params__")
    return is_dataclass(kind) and options is not None and bool(options.frozen)
