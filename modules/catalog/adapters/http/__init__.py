"""The catalog over HTTP."""

from modules.catalog.adapters.http.attributes import router as attributes
from modules.catalog.adapters.http.brands import router as brands
from modules.catalog.adapters.http.bulk import router as bulk
from modules.catalog.adapters.http.categories import router as categories
from modules.catalog.adapters.http.finding import router as finding
from modules.catalog.adapters.http.history import router as history
from modules.catalog.adapters.http.media import router as media
from modules.catalog.adapters.http.prices import router as prices
from modules.catalog.adapters.http.products import router as products
from modules.catalog.adapters.http.reservations import router as reservations
from modules.catalog.adapters.http.stock import router as stock
from modules.catalog.adapters.http.translations import router as translations
from modules.catalog.adapters.http.trash import router as trash
from modules.catalog.adapters.http.variants import router as variants

described = [translations, finding, products, trash, history, brands]
"""What is said of a product, was said, what lies in the trash, and the brands."""

selling = [variants, stock, reservations, prices, media]
"""What is sold of a product, how much of it there is, what it costs, and how it looks."""

__all__ = ["attributes", "bulk", "categories", "described", "selling"]
