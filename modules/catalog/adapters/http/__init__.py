"""The catalog over HTTP."""

from modules.catalog.adapters.http.categories import router as categories
from modules.catalog.adapters.http.products import router as products

__all__ = ["categories", "products"]
