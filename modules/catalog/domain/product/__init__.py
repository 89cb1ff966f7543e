"""Products: what is said about them, their life, and what they refuse."""

from modules.catalog.domain.product.details import Details
from modules.catalog.domain.product.product import OVER, Product, Status
from modules.catalog.domain.product.refusals import (
    AlreadyArchived,
    AlreadyPublished,
    BrandUnknown,
    CategoryUnknown,
    NoSuchProduct,
    NotDeleted,
    SkuFixed,
    SkuTaken,
    SlugTaken,
    StillPublished,
)

__all__ = [
    "OVER",
    "AlreadyArchived",
    "AlreadyPublished",
    "BrandUnknown",
    "CategoryUnknown",
    "Details",
    "NoSuchProduct",
    "NotDeleted",
    "Product",
    "SkuFixed",
    "SkuTaken",
    "SlugTaken",
    "Status",
    "StillPublished",
]
