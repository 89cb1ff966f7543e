"""What can be done with categories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_types import Interval, Len, MaxLen

from modules.catalog.application.attributes.inheriting import inherit
from modules.catalog.domain.category import MAX_POSITION, Category, Forest
from modules.catalog.domain.siblings import Place, SiblingUnknown, arranged
from modules.catalog.domain.slugs import SLUG, SLUG_LENGTH
from modules.catalog.domain.text import CODE, NAME_LENGTH
from modules.catalog.ports import CatalogUnitOfWork, Transaction
from modules.catalog.public import CategoryChanged
from shared_kernel.application import ABSENT, Absent, Caller, Clock, Command, Matches, given

Name = Annotated[str, Len(1, NAME_LENGTH)]
Slug = Annotated[str, Matches(SLUG), MaxLen(SLUG_LENGTH)]
Position = Annotated[int, Interval(ge=0, le=MAX_POSITION)]
ExternalId = Annotated[str, Matches(CODE)]


class CreateCategory(Command):
    """A new category, under `parent_id` or at the top. Without a slug it gets one of its name."""

    name: Name
    slug: Slug | None = None
    parent_id: UUID | None = None
    position: Position = 0
    external_id: ExternalId | None = None


class ChangeCategory(Command):
    """New values for some members (JSON Merge Patch, RFC 7386): what is not sent stays.

    A `parent_id` moves the category with all that is below it; null moves it to the top.
    """

    name: Name | Absent = ABSENT
    slug: Slug | Absent = ABSENT
    parent_id: UUID | Absent | None = ABSENT
    position: Position | Absent = ABSENT


class MoveCategory(Command):
    """Where a category goes, with all that is below it.

    Directly before or after a category, or to the end under `parent_id` (null: the top). Without
    a `parent_id` it goes where the category stands that it is to stand before or after.
    """

    parent_id: UUID | Absent | None = ABSENT
    before: UUID | None = None
    after: UUID | None = None


@dataclass(frozen=True, slots=True)
class CategoryService:
    """The upkeep of the tree. One change of it happens at a time."""

    begin: Transaction
    clock: Clock

    async def create(self, caller: Caller, command: CreateCategory) -> UUID:
        """Make a category.

        Raises ParentUnknown, TreeTooDeep, ExternalIdTaken, CategorySlugTaken, SlugRefused.
        """
        async with self.begin() as tx:
            category = Category.create(
                name=command.name,
                slug=command.slug,
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
            forest, category = await locked(tx, category_id, expected)
            under = given(command.parent_id, category.parent_id)
            before = category.parent_id
            category.change(
                name=given(command.name, category.name),
                slug=given(command.slug, None),
                under=under,
                position=given(command.position, category.position),
                forest=forest,
                at=self.clock.now(),
            )
            if under != before:
                await inherit(tx, forest, category_id, before=before, now=under)

    async def move(
        self, caller: Caller, category_id: UUID, command: MoveCategory, *, expected: int
    ) -> None:
        """Put a category among others. Raises what is wrong with the place, and Stale.

        Its siblings keep their order. Where there is no room between two of them, all get new
        positions, and each whose position changes a new version.
        """
        place = Place(command.before, command.after)
        async with self.begin() as tx:
            forest, category = await locked(tx, category_id, expected)
            under = _parent_at(command, place, category, forest)
            before = category.parent_id
            positions = await _positions(tx, category, under, place)
            category.change(
                name=category.name,
                under=under,
                position=positions.pop(category_id, category.position),
                forest=forest,
                at=self.clock.now(),
            )
            if under != before:
                await inherit(tx, forest, category_id, before=before, now=under)
            await self._make_room(tx, positions)

    async def _make_room(self, tx: CatalogUnitOfWork, positions: dict[UUID, int]) -> None:
        at = self.clock.now()
        await tx.categories.arrange(positions)
        for id in positions:
            tx.publish(CategoryChanged(subject_id=id, members=("position",), occurred_at=at))


async def locked(
    tx: CatalogUnitOfWork, category_id: UUID, expected: int
) -> tuple[Forest, Category]:
    """Return the tree, which nobody else changes, and a category of it at a version."""
    forest = await tx.categories.lock_forest()
    category = await tx.categories.get(category_id)
    category.must_be_at(expected)
    return forest, category


def _parent_at(
    command: MoveCategory, place: Place, category: Category, forest: Forest
) -> UUID | None:
    """Return what a category is to stand under. Raises ParentUnknown, SiblingUnknown."""
    if not isinstance(command.parent_id, Absent):
        forest.lineage(command.parent_id)
        return command.parent_id
    if place.sibling is None:
        return category.parent_id
    if place.sibling not in forest:
        raise SiblingUnknown("there is no such category", field=place.field)
    return forest.parent(place.sibling)


async def _positions(
    tx: CatalogUnitOfWork, category: Category, under: UUID | None, place: Place
) -> dict[UUID, int]:
    children = await tx.categories.children(under)
    others = [one for one in children if one.id != category.id]
    return dict(arranged(others, category.id, place))
