"""Media in memory: what is said of them."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from uuid import UUID

from modules.catalog.domain.media import Media, MediaTwice
from tests.kit.catalog_rows import FakeRows


class FakeMedia(FakeRows[Media]):
    async def of(self, product_id: UUID) -> Sequence[Media]:
        mine = [one for one in self.rows.values() if one.product_id == product_id]
        return sorted(mine, key=lambda one: (one.position, one.id))

    async def arrange(self, positions: Mapping[UUID, int]) -> None:
        for id, position in positions.items():
            self.rows[id].position = position

    async def named(self, hashes: Collection[str]) -> Collection[str]:
        return {one.sha256 for one in self.rows.values() if one.sha256 in hashes}

    def check(self, products: Container[UUID]) -> None:
        """Refuse what the database would refuse; what belongs to a product goes with it."""
        self.rows = {id: one for id, one in self.rows.items() if one.product_id in products}
        if len({(one.product_id, one.sha256) for one in self.rows.values()}) < len(self.rows):
            raise MediaTwice("the product has this picture already")
