"""What the one whose file is taken in may do with what it tells of."""

from __future__ import annotations

from dataclasses import dataclass

from modules.catalog.application.guarding import ProductGuard
from modules.catalog.domain.product import Product, Status
from modules.catalog.public import (
    BRANDS_WRITE,
    CATEGORIES_WRITE,
    PRODUCTS_PUBLISH,
    PRODUCTS_WRITE,
)
from shared_kernel.application import Caller
from shared_kernel.domain import PermissionDenied


@dataclass(frozen=True, slots=True)
class Rights:
    """The rights of a caller. None is whoever runs the installation, who may do everything."""

    guard: ProductGuard
    caller: Caller | None = None

    @property
    def shelve(self) -> bool:
        """Whether categories may be made and changed."""
        return self.caller is None or self.guard.authorizer.permits(
            self.caller, CATEGORIES_WRITE.name
        )

    def may_shelve(self) -> None:
        """Raise PermissionDenied unless categories may be made and changed."""
        if not self.shelve:
            raise PermissionDenied(
                f"this needs the permission {CATEGORIES_WRITE.name}",
                permission=CATEGORIES_WRITE.name,
            )

    @property
    def brand(self) -> bool:
        """Whether brands may be made."""
        return self.caller is None or self.guard.authorizer.permits(self.caller, BRANDS_WRITE.name)

    def no_brand(self) -> PermissionDenied:
        """Return what refuses a row whose brand is missing."""
        denied = PermissionDenied(
            f"there is no such brand, and to make it needs the permission {BRANDS_WRITE.name}",
            permission=BRANDS_WRITE.name,
        )
        denied.field = "/brand"
        return denied

    def may_change(self, product: Product) -> None:
        """Raise unless a product may be changed: NoSuchProduct where it is not theirs to see."""
        if self.caller is not None:
            self.guard.require(self.caller, PRODUCTS_WRITE, product)

    def may_become(self, product: Product) -> None:
        """Raise PermissionDenied unless a product may be what the file made of it."""
        if self.caller is not None:
            self.guard.require_result(self.caller, PRODUCTS_WRITE, product)

    def may_be_new(self, product: Product) -> None:
        """Raise PermissionDenied unless a product may be made, and be more than a draft."""
        self.may_become(product)
        if self.caller is not None and product.status is not Status.DRAFT:
            self.guard.require_result(self.caller, PRODUCTS_PUBLISH, product)
