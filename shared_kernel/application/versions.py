"""The version of an object without what is shown of it, for those who have that already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from shared_kernel.application import Authorizer, Caller
from shared_kernel.application.conditions import Facts
from shared_kernel.application.resources import Resource


@dataclass(frozen=True, slots=True)
class Head:
    """The version of an object, and what a policy may read of it."""

    version: int
    facts: Facts


class Heads(Protocol):
    """Reads the heads of objects, and nothing else of them."""

    async def head(self, id: UUID) -> Head | None:
        """Return the head of an object; None where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class GuardedVersions:
    """Tells the version of an object of one kind to those who may read it.

    A module makes a class of its own of it for each kind, by which its routes name it.
    """

    resource: Resource
    heads: Heads
    authorizer: Authorizer

    async def version(self, caller: Caller | None, id: UUID) -> int | None:
        """Return the version; None when there is no such object, or it is not theirs to see."""
        head = await self.heads.head(id)
        if head is None:
            return None
        readable = self.authorizer.allows(caller, self.resource.read.name, head.facts)
        return head.version if readable else None
