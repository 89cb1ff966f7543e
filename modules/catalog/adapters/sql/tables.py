"""The tables, and how aggregates are made of their rows."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Named,
    Numeric,
    String,
    Table,
    Text,
    TypedColumns,
    Uuid,
    collate,
    func,
    not_,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import composite, registry

from modules.catalog.domain.attributes import AttributeValue
from modules.catalog.domain.category import Category
from modules.catalog.domain.money import Money
from modules.catalog.domain.product import Product, Status
from modules.catalog.domain.slugs import SLUG_LENGTH
from modules.catalog.domain.tags import TAG_LENGTH
from modules.catalog.domain.text import CODE_LENGTH, NAME_LENGTH
from shared_kernel.adapters.sql import AggregateColumns, choice, module_metadata, moment

metadata = module_metadata("catalog")


class CategoryColumns(AggregateColumns):
    name: Named[str] = Column(String(NAME_LENGTH), nullable=False)
    slug: Named[str] = Column(
        String(SLUG_LENGTH),
        nullable=False,
        unique=True,
        server_default=text("(gen_random_uuid())::text"),
    )
    parent_id: Named[UUID | None] = Column(Uuid(), ForeignKey("catalog.categories.id"))
    position: Named[int] = Column(Integer, nullable=False)
    external_id: Named[str | None] = Column(String(CODE_LENGTH), unique=True)
    created_at: Named[datetime] = Column(moment(), nullable=False)


class BrandColumns(AggregateColumns):
    name: Named[str] = Column(String(NAME_LENGTH), nullable=False)
    slug: Named[str] = Column(String(SLUG_LENGTH), nullable=False, unique=True)
    description: Named[str] = Column(Text, nullable=False)
    created_at: Named[datetime] = Column(moment(), nullable=False)


# The defaults are for rows written by who does not know of the columns: a release before this one.
class ProductColumns(AggregateColumns):
    sku: Named[str] = Column(String(CODE_LENGTH), nullable=False)
    slug: Named[str] = Column(
        String(SLUG_LENGTH), nullable=False, server_default=text("(gen_random_uuid())::text")
    )
    name: Named[str] = Column(String(NAME_LENGTH), nullable=False)
    description: Named[str] = Column(Text, nullable=False)
    amount: Named[Decimal] = Column(Numeric(13, 3), nullable=False)
    currency: Named[str] = Column(String(3), nullable=False)
    category_id: Named[UUID | None] = Column(Uuid(), ForeignKey("catalog.categories.id"))
    brand_id: Named[UUID | None] = Column(Uuid(), ForeignKey("catalog.brands.id"))
    tags: Named[list[str]] = Column(
        ARRAY(String(TAG_LENGTH)), nullable=False, server_default=text("'{}'::character varying[]")
    )
    attributes: Named[dict[str, AttributeValue]] = Column(
        JSONB[dict[str, AttributeValue]](), nullable=False, server_default=text("'{}'::jsonb")
    )
    owner_id: Named[UUID | None] = Column(Uuid())
    status: Named[Status] = Column(choice(Status), nullable=False)
    created_at: Named[datetime] = Column(moment(), nullable=False)
    published_at: Named[datetime | None] = Column(moment())
    translations: Named[dict[str, dict[str, str]]] = Column(
        JSONB[dict[str, dict[str, str]]](), nullable=False, server_default=text("'{}'::jsonb")
    )
    deleted_at: Named[datetime | None] = Column(moment())
    search: Named[str | None] = Column(TSVECTOR)
    plain_name: Named[str | None] = Column(Text)


class SearchSettingColumns(TypedColumns):
    one: Named[bool] = Column(Boolean, primary_key=True)
    language: Named[str] = Column(String(40), nullable=False)


categories = Table(
    "categories",
    metadata,
    CategoryColumns,
    CheckConstraint("parent_id <> id", name="not_its_own_parent"),
)
products = Table(
    "products", metadata, ProductColumns, CheckConstraint("amount >= 0", name="amount_not_negative")
)
brands = Table("brands", metadata, BrandColumns)
b, c, p = brands.c, categories.c, products.c

not_in_trash = p.deleted_at.is_(None)


class ImportedSkuColumns(TypedColumns):
    sku: Named[str] = Column(String(CODE_LENGTH), primary_key=True)
    row: Named[int] = Column(Integer, nullable=False)


# What the import under way has seen so far: there is one at a time, and nothing stays of it.
imported_skus = Table("imported_skus", metadata, ImportedSkuColumns, prefixes=["UNLOGGED"])
search_settings = Table(
    "search_settings", metadata, SearchSettingColumns, CheckConstraint("one", name="one_row")
)

lower_name = collate(func.lower(p.name), "C")
"""What prefixes are looked up in: in byte order a prefix is a range, which an index can answer."""

# The tree and its lists, in each of their orders.
Index(None, c.parent_id, c.position, c.id)
Index(None, c.parent_id, c.name, c.id)
Index(None, c.position, c.id)
Index(None, c.name, c.id)

# What is shown to everyone, to owners, within a category, and to those who see everything: each in
# each order, because a list is read along every way in which the policy shows it.
for key in (p.created_at, p.name, p.amount):
    Index(None, p.status, key, p.id)
    Index(None, p.owner_id, key, p.id)
    Index(None, p.category_id, key, p.id)
    Index(None, key, p.id)

Index("ix_products_lower_name", lower_name)
Index(None, p.brand_id, p.created_at, p.id)
Index(None, p.tags, postgresql_using="gin")
Index(None, p.attributes, postgresql_using="gin")

# What lies in the trash leaves its SKU and its slug to others.
Index("uq_products_sku", p.sku, unique=True, postgresql_where=not_in_trash)
Index("uq_products_slug", p.slug, unique=True, postgresql_where=not_in_trash)
Index(None, p.deleted_at, p.id, postgresql_where=not_(not_in_trash))

Index("uq_brands_lower_name", func.lower(b.name), unique=True)
Index(None, b.name, b.id)

# What products are found by. The database keeps the words, of those that are public in one index.
# By an expression: as a plain column it would be taken for lists, which have better indexes.
status_found = func.lower(p.status, type_=String())
Index("ix_products_status_search", status_found, p.search, postgresql_using="gin")
Index("ix_products_status_plain_name", status_found, p.plain_name, postgresql_using="gin")
Index("ix_products_status_lower_name_id", p.status, lower_name, p.id)

mapper = registry(metadata=metadata)
mapper.map_imperatively(Category, categories, version_id_col=c.version)
mapper.map_imperatively(
    Product,
    products,
    version_id_col=p.version,
    properties={"price": composite(Money, p.amount, p.currency)},
    exclude_properties=[p.search, p.plain_name],
)
