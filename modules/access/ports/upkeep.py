"""What is kept about refusals, and what goes when it is over."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """That somebody was refused something, and what decided it.

    caller_id   who asked, None for a stranger
    code        of the error that was answered
    permission  what was lacking, where it was one; on an object of a resource, where one was meant
    detail      what decided it
    policy_version  the version of the policy that decided
    """

    id: UUID
    occurred_at: datetime
    caller_id: UUID | None
    code: str
    permission: str | None
    resource: str | None
    object_id: UUID | None
    detail: Mapping[str, object]
    policy_version: int | None


class RefusalLog(Protocol):
    """Keeps refusals until they are old."""

    async def keep(self, refusal: Refusal) -> None:
        """Save it, in a transaction of its own. Raises Unavailable."""
        ...


class Leftovers(Protocol):
    """What is stored and counts no more. Each verb is a transaction of its own."""

    async def forget_ended(self, at: datetime) -> Mapping[str, int]:
        """Delete assignments and grants that ended before; return how many of each."""
        ...

    async def forget_refusals(self, before: datetime) -> int:
        """Delete the refusals from before, and return how many there were."""
        ...

    async def shared_objects(self, resource: str, after: UUID, *, limit: int) -> Sequence[UUID]:
        """Return the objects of a resource that are shared, in the order of their ids."""
        ...

    async def forget_grants(self, resource: str, objects: Collection[UUID]) -> int:
        """Delete the grants on these objects, and return how many there were."""
        ...
