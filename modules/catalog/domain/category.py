"""Categories, and the forest they make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from modules.catalog.domain.slugs import TAIL, slug, slug_of, told_apart
from modules.catalog.domain.text import code, line
from modules.catalog.public import CategoryChanged, CategoryCreated, CategoryDeleted
from shared_kernel.domain import Aggregate, Conflict, Invalid, NotFound, new_id

MAX_DEPTH = 16
MAX_POSITION = 1_000_000


class NoSuchCategory(NotFound):
    """There is no category of this id."""


class ParentUnknown(Invalid):
    """The category to stand under does not exist."""


class MovedIntoItself(Conflict):
    """A category cannot stand under itself or under one of its descendants."""


class TreeTooDeep(Conflict):
    """The category, or one below it, would stand deeper than 16 levels."""


class CategoryInUse(Conflict):
    """A category with categories or products in it cannot be deleted."""


class TooManyProducts(Conflict):
    """More products stand in a category than can be moved in one transaction."""


class ExternalIdTaken(Conflict):
    """Another category has this external id."""


class CategorySlugTaken(Conflict):
    """Another category has this slug."""


class Forest:
    """Who stands under whom: every category and its parent. And which slugs they have.

    Rules about the shape of the tree need all of it; it is small (5,000 categories are read in
    milliseconds) and seldom changed. Whoever changes it holds the tree locked.
    """

    def __init__(
        self, parents: Mapping[UUID, UUID | None], slugs: Iterable[str | None] = ()
    ) -> None:
        self._parents, self._slugs = dict(parents), set(slugs)
        self._children: defaultdict[UUID | None, set[UUID]] = defaultdict(set)
        for id, parent_id in parents.items():
            self._children[parent_id].add(id)

    def __contains__(self, id: UUID) -> bool:
        return id in self._parents

    def named(self, id: UUID, name: str, chosen: str | None) -> str:
        """Return the slug of a new category: the one chosen, or one of the name. It is taken then.

        Siblings, and categories in different places, may share a name: only the first has a slug
        of nothing else. Raises CategorySlugTaken, SlugRefused.
        """
        if chosen is not None:
            return self.renamed(chosen)
        made = slug_of(name, id.hex[-TAIL:], kind="category")
        made = told_apart(made, id) if made in self._slugs else made
        self._slugs.add(made)
        return made

    def renamed(self, chosen: str) -> str:
        """Return a slug that somebody chose. Raises CategorySlugTaken, SlugRefused."""
        new = slug(chosen)
        if new in self._slugs:
            raise CategorySlugTaken("another category has this slug", field="/slug")
        self._slugs.add(new)
        return new

    def place(self, id: UUID, under: UUID | None) -> None:
        """Put a category, new or with all that is below it, under another or at the top.

        Raises ParentUnknown, MovedIntoItself, TreeTooDeep.
        """
        lineage = self.lineage(under)
        if id in lineage:
            raise MovedIntoItself("a category cannot stand under itself", field="/parent_id")
        if len(lineage) + self._height(id) > MAX_DEPTH:
            raise TreeTooDeep(f"the tree would be deeper than {MAX_DEPTH}", field="/parent_id")
        if id in self._parents:
            self._children[self._parents[id]].discard(id)
        self._parents[id] = under
        self._children[under].add(id)

    def known(self, id: UUID) -> UUID:
        """Return the id of a category. Raises NoSuchCategory where it is none."""
        if id not in self._parents:
            raise NoSuchCategory("there is no such category")
        return id

    def parent(self, id: UUID) -> UUID | None:
        """Return what a category stands under. Raises NoSuchCategory."""
        return self._parents[self.known(id)]

    def lineage(self, id: UUID | None) -> list[UUID]:
        """Return a category and those above it, from below. Raises ParentUnknown."""
        lineage: list[UUID] = []
        while id is not None:
            if id not in self._parents:
                raise ParentUnknown("there is no such category", field="/parent_id")
            lineage.append(id)
            id = self._parents[id]
        return lineage

    def subtree(self, id: UUID) -> list[UUID]:
        """Return a category and all below it, level by level."""
        return [one for level in self._levels(id) for one in level]

    def _height(self, id: UUID) -> int:
        return sum(1 for _ in self._levels(id))

    def _levels(self, id: UUID) -> Iterator[set[UUID]]:
        level = {id}
        while level:
            yield level
            level = {child for one in level for child in self._children.get(one, ())}


@dataclass(eq=False, kw_only=True)
class Category(Aggregate):
    """A place for products in a tree of places.

    Siblings may share a name, as they do in real catalogues, and stand in the order of `position`,
    then name. `slug` names it in addresses, and no other category. `external_id` is its id in the
    system it came from.
    """

    name: str
    slug: str
    parent_id: UUID | None
    position: int
    external_id: str | None
    created_at: datetime

    @classmethod
    def create(
        cls,
        *,
        name: str,
        under: UUID | None,
        forest: Forest,
        at: datetime,
        position: int = 0,
        external_id: str | None = None,
        slug: str | None = None,
    ) -> Category:
        """Return a new category under another one, or at the top."""
        id, tidy = new_id(), line(name, field="/name")
        category = cls(
            id=id,
            name=tidy,
            slug=forest.named(id, tidy, slug),
            parent_id=under,
            position=position,
            external_id=external_id and code(external_id, field="/external_id"),
            created_at=at,
        )
        forest.place(category.id, under)
        category.record(
            CategoryCreated(
                subject_id=category.id, parent_id=under, name=category.name, occurred_at=at
            )
        )
        return category

    def change(
        self,
        *,
        name: str,
        under: UUID | None,
        position: int,
        forest: Forest,
        at: datetime,
        slug: str | None = None,
    ) -> bool:
        """Take new values and a new place; return whether anything is new.

        What stays the same is no change and no event. A slug of None stays, whatever the name.
        """
        new: dict[str, object] = {
            "name": line(name, field="/name"),
            "slug": slug or self.slug,
            "parent_id": under,
            "position": position,
        }
        changed = {member: value for member, value in new.items() if value != getattr(self, member)}
        if "parent_id" in changed:
            forest.place(self.id, under)
        if slug is not None and "slug" in changed:
            forest.renamed(slug)
        for member, value in changed.items():
            setattr(self, member, value)
        if changed:
            self.record(CategoryChanged(subject_id=self.id, members=(*changed,), occurred_at=at))
        return bool(changed)

    def delete(self, *, at: datetime) -> None:
        """Say that it goes. That it is empty is the store's to ensure."""
        self.record(CategoryDeleted(subject_id=self.id, occurred_at=at))
