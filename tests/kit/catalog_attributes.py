"""Attributes of categories in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from uuid import UUID

from modules.catalog.domain.attributes import (
    Attribute,
    AttributeCodeTaken,
    Attributes,
    Definition,
)
from modules.catalog.domain.category import Category
from modules.catalog.domain.product import OVER, Product
from shared_kernel.domain import Invalid
from tests.kit.catalog_rows import FakeRows


class FakeAttributes(FakeRows[Attribute]):
    """Attributes, and the categories that tell who inherits them."""

    def __init__(
        self,
        stored: Mapping[UUID, Attribute],
        categories: FakeRows[Category],
        products: FakeRows[Product],
    ) -> None:
        super().__init__(stored)
        self._categories, self._products = categories, products

    async def effective(
        self, category_ids: Collection[UUID]
    ) -> Mapping[UUID, Sequence[Definition]]:
        return {id: self._effective(id) for id in category_ids}

    async def defined_by(self, category_id: UUID) -> Mapping[str, Attribute]:
        own = (one for one in self.rows.values() if one.category_id == category_id)
        return {one.definition.code: one for one in own}

    async def contradicted(
        self,
        category_ids: Collection[UUID],
        *,
        changed: Sequence[Definition],
        gone: Sequence[str],
    ) -> str | None:
        for product in self._products.rows.values():
            over = product.status in OVER or product.deleted_at is not None
            if over or product.category_id not in category_ids:
                continue
            found = _contradicted(product.attributes, changed, gone)
            if found is not None:
                return found
        return None

    async def homes(self) -> Collection[UUID]:
        return {one.category_id for one in self.rows.values()}

    async def taken(self, codes: Collection[str], category_ids: Collection[UUID]) -> str | None:
        found = (one for one in self.rows.values() if one.category_id in category_ids)
        return min({one.definition.code for one in found} & {*codes}, default=None)

    def check(self) -> None:
        """Go with the category, and refuse what the database would refuse."""
        categories = self._categories.rows
        self.rows = {id: one for id, one in self.rows.items() if one.category_id in categories}
        keys = [(one.category_id, one.definition.code) for one in self.rows.values()]
        if len({*keys}) < len(keys):
            raise AttributeCodeTaken("the category defines this attribute")

    def _effective(self, category_id: UUID) -> Sequence[Definition]:
        lineage = {*self._lineage(category_id)}
        found = [one.definition for one in self.rows.values() if one.category_id in lineage]
        return sorted(found, key=lambda one: (one.position, one.code))

    def _lineage(self, id: UUID | None) -> Iterator[UUID]:
        while id is not None and id in self._categories.rows:
            yield id
            id = self._categories.rows[id].parent_id


def _contradicted(
    values: Attributes, changed: Sequence[Definition], gone: Sequence[str]
) -> str | None:
    for one in changed:
        if one.code not in values:
            if one.required:
                return one.code
            continue
        try:
            one.accepted(values[one.code])
        except Invalid:
            return one.code
    return next((code for code in gone if code in values), None)
