"""Carries saved events to those who subscribed."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from bootstrap.modules import Assembly
from bootstrap.platform import Platform


class Relay:
    """Delivers every event at least once to each of its subscribers."""

    def __init__(self, platform: Platform, assembly: Assembly) -> None:
        self._platform, self._assembly = platform, assembly

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
