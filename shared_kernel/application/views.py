"""Views: what is shown of something, as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass as view
else:
    from dataclasses import dataclass

    C = TypeVar("C", bound=type)

    def view(*, frozen: bool, slots: bool) -> Callable[[C], C]:
        """Make the dataclass of a view that is shown by the dozen. Type checkers see it frozen.

        Asking at every member whether it may be set makes an instance ten times as dear: a tenth
        of a page of fifty. That nobody sets one afterwards is what the type checkers see to.
        """
        return dataclass(slots=slots)


__all__ = ["Sparse", "view"]


class Sparse:
    """A view some of whose members are there on request only.

    Those that default to None: while they are None, their names are left out of the JSON, and its
    schema says that they may be missing. Written by pydantic without importing it.
    """

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        schema = handler(source)
        for member in _members(schema):
            schema_of = member["schema"]
            if schema_of["type"] == "default" and schema_of.get("default", ...) is None:
                _leave_out_none(member)
        return schema


def _members(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield the members of the dataclass that a schema describes."""
    while schema["type"] != "dataclass-args":
        schema = schema["schema"]
    yield from schema["fields"]


def _leave_out_none(member: dict[str, Any]) -> None:
    default = cast("dict[str, Any]", member["schema"])
    held = default["schema"]
    del default["default"]
    default["default_factory"] = _nothing  # a default would be shown in the JSON schema
    default["schema"] = held["schema"] if held["type"] == "nullable" else held
    member["serialization_exclude_if"] = _is_nothing


def _nothing() -> None:
    return None


def _is_nothing(value: object) -> bool:
    return value is None
