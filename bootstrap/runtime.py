"""The application without HTTP: what the server, the worker and the commands have in common."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from bootstrap.modules import Assembly, assemble, discover, given
from bootstrap.platform import Platform, platform_for
from bootstrap.revisions import require_current
from bootstrap.settings import PlatformSettings
from shared_kernel.module import Services

T = TypeVar("T")

Watch = Callable[[str, object], None]


def _unwatched(_: str, __: object) -> None:
    """Nobody asks for the health of a process that ends when its work is done."""


@dataclass(frozen=True, slots=True)
class System:
    """The wired modules and the platform below them. Nothing is open yet."""

    platform: Platform
    assembly: Assembly

    @classmethod
    def of(
        cls, settings: PlatformSettings, *, replace: Mapping[type[Any], Any] | None = None
    ) -> Self:
        """Find and wire the modules. Raises CannotAssemble and WrongSettings."""
        found = discover()
        platform = platform_for(settings, found)
        return cls(platform, assemble(found, given(platform.ports), given(replace or {})))

    @asynccontextmanager
    async def opened(self, watch: Watch = _unwatched) -> AsyncGenerator[AsyncExitStack]:
        """Open what lives as long as the process, in order; close it in reverse.

        Raises Unavailable when the database is away, DatabaseBehind when it lacks migrations.
        What is opened is shown to `watch`, under its name. More may be put on the stack given out.
        """
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.platform.database.close)
            await require_current(self.platform.database)
            await stack.enter_async_context(self.platform.signals)
            watch("signals", self.platform.signals)
            await stack.enter_async_context(self.platform.upkeep)
            for build in self.assembly.opens:
                part = build()
                await stack.enter_async_context(part)
                watch(_name(part), part)
            yield stack

    async def run(self, work: Callable[[Services], Awaitable[T]]) -> T:
        """Open everything, do one piece of work with the services, close everything."""
        async with self.opened():
            return await work(self.assembly.services)


def _name(part: object) -> str:
    kind = type(part)
    words = kind.__module__.split(".")
    return f"{words[1]}.{kind.__name__}" if words[0] == "modules" else kind.__name__
