"""What belongs to a product is guarded as the product is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from modules.catalog.application.guarding import AnyProduct, ProductGuard
from modules.catalog.domain.product import Product
from modules.catalog.ports import CatalogUnitOfWork
from modules.catalog.public import PRODUCTS_READ
from shared_kernel.application import Caller
from shared_kernel.domain import Permission


class ProductById(Protocol):
    """Reads one product, whoever asks."""

    async def product(self, product_id: UUID) -> AnyProduct:
        """Return a product. Raises NoSuchProduct."""
        ...


@dataclass(frozen=True, slots=True)
class OfProducts:
    """Lets those at the parts of a product whom the policy lets at the product."""

    queries: ProductById
    guard: ProductGuard

    async def readable(self, caller: Caller | None, product_id: UUID) -> AnyProduct:
        """Return the product. Raises NoSuchProduct where the caller may not read it."""
        return await self.allowed(caller, PRODUCTS_READ, product_id)

    async def allowed(
        self, caller: Caller | None, action: Permission, product_id: UUID
    ) -> AnyProduct:
        """Return the product, on which the caller may do this. It may change meanwhile."""
        view = await self.queries.product(product_id)
        self.guard.require(caller, action, view)
        return view

    async def locked(
        self, caller: Caller, action: Permission, tx: CatalogUnitOfWork, product_id: UUID
    ) -> Product:
        """Return the product, on which the caller may do this and which stays as it is."""
        product = await tx.products.get_locked(product_id)
        self.guard.require(caller, action, product)
        return product
