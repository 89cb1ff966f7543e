"""What a part of the tree should be, for the test that does anything to it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from modules.catalog.domain.attributes import AttributeValue, Definition, validated
from shared_kernel.domain import Invalid

Said = Mapping[str, AttributeValue]


class Expected:
    """The tree in the plainest words: children in order, definitions, and what products say."""

    def __init__(self, top: UUID) -> None:
        self.top = top
        self.parents: dict[UUID, UUID] = {}
        self.children: dict[UUID, list[UUID]] = {top: []}
        self.defined: dict[UUID, dict[str, Definition]] = {top: {}}
        self.products: dict[UUID, tuple[UUID, Said]] = {}

    @property
    def ids(self) -> list[UUID]:
        return [*self.children]

    def above(self, id: UUID) -> list[UUID]:
        return [id, *self.above(self.parents[id])] if id in self.parents else [id]

    def below(self, id: UUID) -> list[UUID]:
        return [id, *(one for child in self.children[id] for one in self.below(child))]

    def height(self, id: UUID) -> int:
        return 1 + max((self.height(child) for child in self.children[id]), default=0)

    def effective(self, id: UUID) -> dict[str, Definition]:
        return {code: it for one in self.above(id) for code, it in self.defined[one].items()}

    def put(self, id: UUID, under: UUID, index: int) -> None:
        if id in self.parents:
            self.children[self.parents[id]].remove(id)
        self.parents[id] = under
        self.children[under].insert(index, id)

    def sound(self) -> bool:
        """Say whether no code is defined twice along a path, and every product agrees."""
        return self._once() and all(agrees(self, *one) for one in self.products.values())

    def _once(self) -> bool:
        for id in self.ids:
            codes = [code for one in self.above(id) for code in self.defined[one]]
            if len({*codes}) < len(codes):
                return False
        return True


def agrees(expected: Expected, category_id: UUID, said: Said) -> bool:
    try:
        validated(expected.effective(category_id).values(), said)
    except Invalid:
        return False
    return True
