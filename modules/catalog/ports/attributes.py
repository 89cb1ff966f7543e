"""Where the attributes of categories are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from modules.catalog.domain.attributes import Attribute, Definition


class Attributes(Protocol):
    """The attributes that categories define."""

    async def effective(
        self, category_ids: Collection[UUID]
    ) -> Mapping[UUID, Sequence[Definition]]:
        """Return what each of these categories defines and inherits, in order; in one statement.

        It stays so while a category is held, if it was held before this was asked.
        """
        ...

    async def defined_by(self, category_id: UUID) -> Mapping[str, Attribute]:
        """Return the attributes that a category itself defines, by code."""
        ...

    async def contradicted(
        self,
        category_ids: Collection[UUID],
        *,
        changed: Sequence[Definition],
        gone: Sequence[str],
    ) -> str | None:
        """Return a code whose definition a product of these categories contradicts; None if none.

        It has a value that a changed definition does not take, or none that it requires, or one of
        what is gone. Only drafts and published products are asked: others change no more.
        """
        ...

    async def homes(self) -> Collection[UUID]:
        """Return the categories that define attributes."""
        ...

    async def taken(self, codes: Collection[str], category_ids: Collection[UUID]) -> str | None:
        """Return one of the codes that one of the categories itself defines; None if none does."""
        ...

    def add(self, aggregate: Attribute) -> None: ...

    async def remove(self, aggregate: Attribute) -> None: ...
