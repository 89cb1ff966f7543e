"""`.env.example`: every variable the application reads, from the declarations themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from textwrap import wrap
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from bootstrap.modules import discover
from bootstrap.settings import PlatformSettings
from shared_kernel.adapters.settings import variable_of

HEADER = """\
# Every variable the application reads. Written by `app settings example`; do not edit by hand.
#
# For development nothing has to be set: `python3 do.py run` provides a database and keys.
# Elsewhere copy this to .env or, better, set variables. Each NAME may be given as NAME_FILE,
# the path of a file that holds the value: that is how secrets should reach a container.
"""
WIDTH = 98


def example() -> str:
    """Return the content of `.env.example`."""
    kinds: Sequence[tuple[str, type[BaseSettings]]] = [
        ("the platform", PlatformSettings),
        *((f"module {one.name}", one.settings) for one in discover() if one.settings is not None),
    ]
    return HEADER + "".join(line for title, kind in kinds for line in _section(title, kind))


def _section(title: str, kind: type[BaseSettings]) -> Iterator[str]:
    yield f"\n# --- {title} ---\n"
    for name, field in kind.model_fields.items():
        about = field.description or "no description"
        needed = "; required" if field.is_required() else ""
        yield "\n" + "".join(f"# {line}\n" for line in wrap(about + needed, WIDTH))
        yield f"#{variable_of(kind, name)}={_shown(field)}\n"


def _shown(field: FieldInfo) -> str:
    """Return the default as it would be written; nothing where there is none."""
    default: Any = None if field.is_required() else field.get_default(call_default_factory=False)
    if default is None:
        return ""
    if isinstance(default, Enum):
        return str(default.value)
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, list | tuple | set | frozenset):
        return ",".join(str(one) for one in default)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # of any kind
    return str(default)
