"""What can be done with categories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_types import Interval, Len

from modules.catalog.domain.category import MAX_POSITION, Category
from modules.catalog.domain.text import CODE, NAME_LENGTH
from modules.catalog.ports import Transaction
from shared_kernel.application import ABSENT, Absent, Caller, Clock, Command, Matches, given

Name = Annotated[str, Len(1, NAME_LENGTH)]
Position = Annotated[int, Interval(ge=0, le=MAX_POSITION)]
ExternalId = Annotated[str, Matches(CODE)]


class CreateCategory(Command):
    """A new category, under `parent_id` or at the top."""

    name: Name
    parent_id: UUID | None = None
    position: Position = 0
    external_id: ExternalId | None = None


class ChangeCategory(Command):
    """New values for some members (JSON Merge Patch, RFC 7386): what is not sent stays.

    A `parent_id` moves the category with all that is below it; null moves it to the top.
    """

    name: Name | Absent = ABSENT
    parent_id: UUID | Absent | None = ABSENT
    position: Position | Absent = ABSENT


@dataclass(frozen=True, slots=True)
class CategoryService:
    """The upkeep of the tree. One change of it happens at a time."""

    begin: Transaction
    clock: Clock

    async def create(self, caller: Caller, command: CreateCategory) -> UUID:
        """Make a category. Raises ParentUnknown, TreeTooDeep, ExternalIdTaken."""
        async with self.begin() as tx:
            category = Category.create(
                name=command.name,
                under=command.parent_id,
                position=command.position,
                external_id=command.external_id,
                forest=await tx.categories.lock_forest(),
                at=self.clock.now(),
            )
            tx.categories.add(category)
        return category.id

    async def change(
        self, caller: Caller, category_id: UUID, command: ChangeCategory, *, expected: int
    ) -> None:
        """Rename or move a category. Raises Stale unless it is at the version expected."""
        async with self.begin() as tx:
            forest = await tx.categories.lock_forest()
            category = await tx.categories.get(category_id)
            category.must_be_at(expected)
            category.change(
                name=given(command.name, category.name),
                under=given(command.parent_id, category.parent_id),
                position=given(command.position, category.position),
                forest=forest,
                at=self.clock.now(),
            )

    async def delete(self, caller: Caller, category_id: UUID, *, expected: int) -> None:
        """Delete a category that nothing stands in. Raises CategoryInUse, Stale."""
        async with self.begin() as tx:
            await tx.categories.lock_forest()
            category = await tx.categories.get(category_id)
            category.must_be_at(expected)
            category.delete(at=self.clock.now())
            await tx.categories.remove(category)
