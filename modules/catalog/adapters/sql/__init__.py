"""The catalog in PostgreSQL."""

from modules.catalog.adapters.sql.attributes import SqlAttributeQueries
from modules.catalog.adapters.sql.brands import SqlBrandQueries
from modules.catalog.adapters.sql.category_queries import SqlCategoryQueries
from modules.catalog.adapters.sql.directory import SqlProductDirectory
from modules.catalog.adapters.sql.exporting import SqlExportQueries
from modules.catalog.adapters.sql.finding import SqlFindingQueries
from modules.catalog.adapters.sql.history import SqlHistoryQueries
from modules.catalog.adapters.sql.media import SqlMediaQueries
from modules.catalog.adapters.sql.price_queries import SqlPriceQueries
from modules.catalog.adapters.sql.product_queries import ATTRIBUTES, VERSION, SqlProductQueries
from modules.catalog.adapters.sql.stock_queries import SqlStockQueries
from modules.catalog.adapters.sql.tables import metadata, not_in_trash
from modules.catalog.adapters.sql.translations import SqlTranslationQueries
from modules.catalog.adapters.sql.trash import SqlTrashQueries
from modules.catalog.adapters.sql.unit_of_work import CatalogUnitOfWork
from modules.catalog.adapters.sql.variants import SqlVariantQueries

__all__ = [
    "ATTRIBUTES",
    "VERSION",
    "CatalogUnitOfWork",
    "SqlAttributeQueries",
    "SqlBrandQueries",
    "SqlCategoryQueries",
    "SqlExportQueries",
    "SqlFindingQueries",
    "SqlHistoryQueries",
    "SqlMediaQueries",
    "SqlPriceQueries",
    "SqlProductDirectory",
    "SqlProductQueries",
    "SqlStockQueries",
    "SqlTranslationQueries",
    "SqlTrashQueries",
    "SqlVariantQueries",
    "metadata",
    "not_in_trash",
]
