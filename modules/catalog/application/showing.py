"""Products as the one who looks may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from modules.catalog.application.guarding import ProductGuard
from modules.catalog.application.queries import (
    ProductFilter,
    ProductQueries,
    ProductSort,
    ProductView,
)
from modules.catalog.public import PRODUCTS_READ
from shared_kernel.application import Caller, Page, Slice
from shared_kernel.application.conditions import Facts, Value
from shared_kernel.application.versions import GuardedVersions


@dataclass(frozen=True, slots=True)
class ShowProducts:
    """Shows what the policy lets somebody read. A caller of None is a stranger."""

    queries: ProductQueries
    guard: ProductGuard

    async def one(
        self,
        caller: Caller | None,
        product_id: UUID,
        *,
        with_actions: bool = False,
        locale: str | None = None,
    ) -> ProductView:
        """Return a product. Raises NoSuchProduct, also for one that is not theirs to read."""
        view = await self.queries.product(product_id, locale=locale)
        self.guard.require(caller, PRODUCTS_READ, view)
        return self._with_actions(caller, view) if with_actions else view

    async def called(self, caller: Caller | None, slug: str, locale: str | None) -> ProductView:
        """Return the product of a slug, as `one` would."""
        view = await self.queries.called(slug, locale)
        self.guard.require(caller, PRODUCTS_READ, view)
        return view

    async def listed(
        self,
        caller: Caller | None,
        where: ProductFilter,
        sort: ProductSort,
        part: Slice,
        *,
        with_actions: bool = False,
    ) -> Page[ProductView]:
        """Return those they may read of the products asked for."""
        within = self.guard.visible(caller, known_of(where))
        page = await self.queries.products(where, sort, part, within=within)
        return (
            page.shown_as(lambda view: self._with_actions(caller, view)) if with_actions else page
        )

    async def changed(self, product_id: UUID) -> ProductView:
        """Return a product to whoever just changed it, which may have put it out of their sight."""
        return await self.queries.product(product_id)

    async def changed_ones(self, ids: Sequence[UUID]) -> Mapping[UUID, ProductView]:
        """Return products to whoever just changed them."""
        return await self.queries.products_of(ids) if ids else {}

    def _with_actions(self, caller: Caller | None, view: ProductView) -> ProductView:
        return replace(view, allowed_actions=[*self.guard.actions(caller, view)])


class ProductVersions(GuardedVersions):
    """Tells the version of a product to those who may read it."""


def known_of(where: ProductFilter) -> Facts:
    """Return what all products asked for have in common, which the policy need not ask again.

    A category is not among it: those below it are asked for, too.
    """
    fixed: dict[str, Value] = {
        "resource.status": where.status and where.status.value,
        "resource.owner_id": where.owner_id,
        "resource.sku": where.sku,
        "resource.currency": where.currency,
    }
    return {path: value for path, value in fixed.items() if value is not None}
