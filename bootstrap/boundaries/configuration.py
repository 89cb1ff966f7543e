"""`importlinter.ini` as the contracts read it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from importlinter.api import read_configuration  # pyright: ignore[reportUnknownVariableType]  # the library says dict

from bootstrap.boundaries.table import Table

FILE = "importlinter.ini"

Options = Mapping[str, str | Sequence[str]]


def lines(value: object) -> list[str]:
    """An option as its non-empty lines, whether it was written on one line or on several."""
    many = [value] if isinstance(value, str) else cast("Sequence[str]", value or ())
    return [line.strip() for line in many if line.strip()]


def contracts() -> Iterator[Options]:
    """Every contract section of the file in the working directory."""
    yield from cast("Sequence[Options]", _read()["contracts_options"])


def root_packages() -> list[str]:
    session = cast("Options", _read()["session_options"])
    return lines(session["root_packages"])


def _read() -> Mapping[str, object]:
    return cast("Mapping[str, object]", read_configuration(FILE))


def allow_table() -> Table:
    """The table of the one `dependency_rule`. Raises LookupError when the file has none."""
    for options in contracts():
        if options["type"] == "dependency_rule":
            return Table(lines(options["rows"]), lines(options["groups"]), root_packages())
    raise LookupError(f"{FILE} has no contract of type dependency_rule")
