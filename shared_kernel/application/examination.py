"""What keeps an installation from working as it should: asked of every module by `app doctor`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `fix` says what to do when it is not `ok`."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


class Examination(Protocol):
    """Looks at what one module has stored. Named in the module's manifest."""

    async def __call__(self) -> Sequence[Finding]:
        """Look, and change nothing. Nothing is open but the database. Raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Examinations:
    """Those of every module that has one, by the module's name."""

    by_module: Mapping[str, Callable[[], Examination]]

    async def __call__(self) -> Sequence[Finding]:
        """Do them all."""
        return [one for build in self.by_module.values() for one in await build()()]
