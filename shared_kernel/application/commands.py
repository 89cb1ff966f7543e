"""Commands: requests to change something, validated as strictly as JSON bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, ClassVar, Final, TypeVar, cast, dataclass_transform

T = TypeVar("T")


class Absent(Enum):
    """The type of `ABSENT`. It is left out of the JSON schema: nobody can send it."""

    ABSENT = "absent"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return {"type": "is-instance", "cls": cls}


ABSENT: Final = Absent.ABSENT
"""A member that was not sent (RFC 7386), where null means something else.

Declared as `name: str | Absent = ABSENT`.
"""


def given(value: T | Absent, current: T) -> T:
    """Return the value that was sent, or the current one where none was."""
    return current if isinstance(value, Absent) else value


@dataclass(frozen=True, slots=True)
class Matches:
    """A regular expression for a string, used in `Annotated` beside those of `annotated_types`.

    Written in what ECMA-262 and Rust have in common, because clients read it and pydantic runs it.
    """

    pattern: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return {**handler(source), "pattern": self.pattern}


LATEST = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Aware:
    """A point in time as text with its offset (RFC 3339), used in `Annotated[datetime, Aware()]`.

    Before the year 9000, so that it can be told in every time zone.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        moment = {**handler(source), "tz_constraint": "aware", "lt": LATEST}
        return {
            "type": "function-before",
            "function": {"type": "no-info", "function": _no_number},
            "schema": moment,
        }


def _no_number(value: object) -> object:
    """Refuse numbers, which would be taken for seconds or for milliseconds."""
    if isinstance(value, str) and not value.lstrip("+-").replace(".", "", 1).isdigit():
        return value
    raise ValueError("a time is a text with its offset")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class Command:
    """A request to change something, ready to be a JSON body. Subclasses are frozen dataclasses.

    Validated by pydantic without importing it: unknown members are refused, a number is no
    string, `true` is no number. Lengths and bounds are stated by `annotated_types`.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid"}  # has to be a dict

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        dataclass(frozen=True, kw_only=True)(cls)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        schema = handler(source)
        _read_strictly(schema)
        return schema


def _read_strictly(schema: Any) -> None:
    """Make scalars strict and `ABSENT` impossible to send, however deep they stand."""
    if isinstance(schema, dict):
        node = cast("dict[str, Any]", schema)
        if node.get("type") in {"str", "int", "float", "bool"}:
            node["strict"] = True
        _leave_out_absent(node)
        for part in node.values():
            _read_strictly(part)
        _name_no_key(node)
    elif isinstance(schema, list):
        for part in cast("Iterable[Any]", schema):
            _read_strictly(part)


def _name_no_key(node: dict[str, Any]) -> None:
    """Point at a map as a whole: its keys are the sender's own words, which no answer repeats."""
    if node.get("type") == "dict":
        inner = {**node}
        node.clear()
        node.update(type="function-wrap", function={"type": "no-info", "function": _read_map})
        node["schema"] = inner


def _read_map(value: object, read: Callable[[object], object]) -> object:
    try:
        return read(value)
    except ValueError:
        raise ValueError("a key or a value of it is not valid") from None


def _leave_out_absent(node: dict[str, Any]) -> None:
    if node.get("type") == "union":
        node["choices"] = [one for one in node["choices"] if one.get("cls") is not Absent]
    if node.get("default") is ABSENT:
        del node["default"]
        node["default_factory"] = _absent  # a default would be shown in the JSON schema


def _absent() -> Absent:
    return ABSENT
