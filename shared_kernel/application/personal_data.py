"""What the system knows about a person: asked of every module, for the person to read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from shared_kernel.application import Page, Slice
from shared_kernel.domain import AccountId

T = TypeVar("T")

PART, MOST = 200, 10_000


class PersonalData(Protocol):
    """Knows what one module keeps about somebody. Named in the module's manifest."""

    async def of(self, account_id: AccountId) -> Mapping[str, object]:
        """Return it by topic: views, and plain values that JSON can say. Never a secret."""
        ...


@dataclass(frozen=True, slots=True)
class PersonalDataSources:
    """What every module that keeps something personal knows, by the module's name."""

    sources: Mapping[str, Callable[[], PersonalData]]

    async def of(self, account_id: AccountId) -> Mapping[str, Mapping[str, object]]:
        """Ask them all."""
        return {name: await source().of(account_id) for name, source in self.sources.items()}


async def every(read: Callable[[Slice], Awaitable[Page[T]]], *, most: int = MOST) -> list[T]:
    """Return what a list holds, page after page; no more than the first `most`."""
    found: list[T] = []
    page = await read(Slice(limit=PART))
    found.extend(page.items)
    while page.last is not None and len(found) < most:
        page = await read(Slice(limit=PART, after=page.last))
        found.extend(page.items)
    return found[:most]
