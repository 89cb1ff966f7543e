"""Doubles for throttling."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from modules.identity.domain.throttle import Flow, TooManyAttempts
from modules.identity.ports.throttle import Attempt


@dataclass
class PatientThrottle:
    """Lets everyone try, and remembers what was tried and what succeeded.

    `closed` holds the flows that let nobody in; `failures` is what every attempt is told.
    """

    tried: list[tuple[Flow, str | None, UUID | None]] = field(
        default_factory=list[tuple[Flow, str | None, UUID | None]]
    )
    succeeded: list[Flow] = field(default_factory=list[Flow])
    closed: set[Flow] = field(default_factory=set[Flow])
    failures: int = 0

    @asynccontextmanager
    async def attempt(
        self, flow: Flow, who: str | None = None, *, device: UUID | None = None
    ) -> AsyncGenerator[Attempt]:
        """Note the attempt and let the block verify it."""
        self.tried.append((flow, who, device))
        if flow in self.closed:
            raise TooManyAttempts("too many attempts", retry_after=7)
        attempt = Attempt(failures=self.failures)
        try:
            yield attempt
        finally:
            if attempt.succeeded:
                self.succeeded.append(flow)


class PlainDevices:
    """Tokens anybody can read and make."""

    def token(self, who: str, device: UUID) -> str:
        return f"{device} of {who}"

    def recognise(self, who: str, token: str | None) -> UUID | None:
        device, _, owner = (token or "").partition(" of ")
        return UUID(device) if owner == who else None
