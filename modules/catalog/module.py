"""The catalog, put together."""

from __future__ import annotations

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory, Singleton

from modules.catalog.adapters import cli, http, sql
from modules.catalog.adapters.files import FilesOnDisk
from modules.catalog.adapters.media import DiskMediaStorage
from modules.catalog.adapters.settings import CatalogSettings
from modules.catalog.adapters.spool import DiskSpool
from modules.catalog.adapters.turns import LoopPause
from modules.catalog.application.attributes.queries import AttributeQueries
from modules.catalog.application.attributes.service import AttributeService
from modules.catalog.application.batch.flow import ChangeManyProducts
from modules.catalog.application.brands import BrandQueries, BrandService
from modules.catalog.application.categories.deleting import DeleteCategory
from modules.catalog.application.categories.queries import CategoryQueries
from modules.catalog.application.categories.service import CategoryService
from modules.catalog.application.categories.showing import ShowTree
from modules.catalog.application.closed_accounts import (
    ForgetErasedOwner,
    WithdrawProductsOfClosedAccount,
)
from modules.catalog.application.exporting import ExportProducts
from modules.catalog.application.finding.finding import FindProducts
from modules.catalog.application.finding.narrowing import NarrowByAttributes
from modules.catalog.application.guarding import PRODUCTS, guard_of_products
from modules.catalog.application.history import ShowHistory
from modules.catalog.application.importing.flows import ImportCatalog, SeedDemo, TakeRows
from modules.catalog.application.importing.operation import ImportSentFile, StartImport
from modules.catalog.application.media.service import MediaService
from modules.catalog.application.media.showing import ShowMedia
from modules.catalog.application.media.sweeping import SweepMedia
from modules.catalog.application.parts import OfProducts
from modules.catalog.application.personal_data import ProductsOfAccount
from modules.catalog.application.pricing.service import PriceService
from modules.catalog.application.pricing.showing import ShowPrices
from modules.catalog.application.products import ProductService
from modules.catalog.application.showing import ProductVersions, ShowProducts
from modules.catalog.application.stock.keeping import StockService
from modules.catalog.application.stock.overdue import ExpireReservations
from modules.catalog.application.stock.reserving import ReservationService
from modules.catalog.application.stock.showing import ShowStock
from modules.catalog.application.translations import TranslationQueries, TranslationService
from modules.catalog.application.trash import EmptyTrash, TrashService
from modules.catalog.application.variants.service import VariantService
from modules.catalog.application.variants.showing import ShowVariants
from modules.catalog.public import (
    BRANDS_WRITE,
    CATEGORIES_WRITE,
    PRODUCTS_MANAGE,
    PRODUCTS_PUBLISH,
    PRODUCTS_READ,
    PRODUCTS_RESERVE,
    PRODUCTS_SHARE,
    PRODUCTS_STOCK,
    PRODUCTS_WRITE,
    ProductDirectory,
)
from modules.identity.public import AccountClosed, AccountDirectory, AccountErased
from shared_kernel.adapters.sql import AuditWriter, Database, Outbox, SqlGuardedObjects, SqlHeads
from shared_kernel.adapters.upkeep import Upkeep
from shared_kernel.application import Authorizer, Clock
from shared_kernel.application.operations import Operations
from shared_kernel.module import Module, Needs


class Container(DeclarativeContainer):
    settings = Needs(CatalogSettings)
    database = Needs(Database)
    outbox = Needs(Outbox)
    audit = Needs(AuditWriter)
    clock = Needs(Clock)
    authorizer = Needs(Authorizer)
    accounts = Needs(AccountDirectory)
    operations = Needs(Operations)

    begin = Factory(sql.CatalogUnitOfWork, database, outbox, audit)
    product_queries = Singleton(sql.SqlProductQueries, database)
    attribute_queries = Singleton(sql.SqlAttributeQueries, database)
    category_queries = Singleton(sql.SqlCategoryQueries, database)

    guard = Singleton(guard_of_products, authorizer)
    guarded_products = Singleton(SqlGuardedObjects, database, sql.ATTRIBUTES, sql.not_in_trash)
    heads = Singleton(SqlHeads, database, sql.ATTRIBUTES, sql.VERSION, sql.not_in_trash)
    product_versions = Singleton(ProductVersions, PRODUCTS, heads, authorizer)
    shown = Singleton(ShowProducts, queries=product_queries, guard=guard)
    finding_queries = Singleton(sql.SqlFindingQueries, database)
    narrow = Singleton(NarrowByAttributes, queries=attribute_queries)
    find = Singleton(FindProducts, queries=finding_queries, guard=guard)
    products = Singleton(ProductService, begin=begin.provider, clock=clock, guard=guard)
    change_many = Singleton(ChangeManyProducts, begin=begin.provider, clock=clock, guard=guard)
    categories = Singleton(CategoryService, begin=begin.provider, clock=clock)
    delete_category = Singleton(DeleteCategory, begin=begin.provider, clock=clock, guard=guard)
    of_products = Singleton(OfProducts, queries=product_queries, guard=guard)
    variant_queries = Singleton(sql.SqlVariantQueries, database)
    shown_variants = Singleton(ShowVariants, queries=variant_queries, of=of_products)
    variants = Singleton(VariantService, begin=begin.provider, clock=clock, of=of_products)
    tree = Singleton(ShowTree, queries=category_queries, guard=guard)
    attributes = Singleton(AttributeService, begin=begin.provider, clock=clock)
    history_queries = Singleton(sql.SqlHistoryQueries, database)
    shown_history = Singleton(ShowHistory, queries=history_queries, of=of_products)
    brand_queries = Singleton(sql.SqlBrandQueries, database)
    brands = Singleton(BrandService, begin=begin.provider, clock=clock)
    directory = Singleton(sql.SqlProductDirectory, database)
    translation_queries = Singleton(sql.SqlTranslationQueries, database)
    translations = Singleton(
        TranslationService,
        begin=begin.provider,
        clock=clock,
        guard=guard,
        own=settings.provided.locale,
    )
    trash_queries = Singleton(sql.SqlTrashQueries, database)
    trash = Singleton(
        TrashService, begin=begin.provider, clock=clock, guard=guard, queries=trash_queries
    )
    empty_trash = Singleton(
        EmptyTrash, begin=begin.provider, clock=clock, keeps=settings.provided.trash_kept
    )
    upkeep = Singleton(Upkeep, "catalog", empty_trash)
    stock_queries = Singleton(sql.SqlStockQueries, database)
    shown_stock = Singleton(ShowStock, queries=stock_queries, of=of_products)
    stocks = Singleton(StockService, begin=begin.provider, clock=clock, of=of_products)
    reservations = Singleton(ReservationService, begin=begin.provider, clock=clock, of=of_products)
    price_queries = Singleton(sql.SqlPriceQueries, database)
    shown_prices = Singleton(
        ShowPrices, queries=price_queries, variants=variant_queries, of=of_products, clock=clock
    )
    prices = Singleton(PriceService, begin=begin.provider, clock=clock, of=of_products)
    media_queries = Singleton(sql.SqlMediaQueries, database)
    media_storage = Singleton(DiskMediaStorage, settings.provided.media_dir)
    shown_media = Singleton(ShowMedia, queries=media_queries, storage=media_storage, of=of_products)
    media = Singleton(
        MediaService, begin=begin.provider, clock=clock, of=of_products, storage=media_storage
    )
    sweep_media = Singleton(SweepMedia, begin=begin.provider, storage=media_storage, clock=clock)
    upkeep_of_media = Singleton(Upkeep, "the media of the catalog", sweep_media)
    expire_reservations = Singleton(ExpireReservations, begin=begin.provider, clock=clock)
    upkeep_of_stock = Singleton(Upkeep, "the stock of the catalog", expire_reservations)
    withdraw = Singleton(WithdrawProductsOfClosedAccount, begin=begin.provider, clock=clock)
    forget_owner = Singleton(ForgetErasedOwner, begin=begin.provider, clock=clock)

    personal_data = Singleton(ProductsOfAccount, product_queries, trash_queries)

    files = Singleton(FilesOnDisk)
    pause = Singleton(LoopPause)
    take = Singleton(
        TakeRows,
        begin=begin.provider,
        clock=clock,
        guard=guard,
        pause=pause,
        own=settings.provided.locale,
    )
    import_catalog = Singleton(ImportCatalog, take=take, files=files, accounts=accounts)
    demo = Singleton(SeedDemo, take=take, files=files)
    spool = Singleton(DiskSpool, settings.provided.spool)
    start_import = Singleton(StartImport, spool=spool, operations=operations)
    import_sent_file = Singleton(ImportSentFile, take=take, files=files, spool=spool)
    forget_files = Singleton(Upkeep, "catalog's files", spool.provided.forget)
    export_queries = Singleton(sql.SqlExportQueries, database)
    export = Singleton(ExportProducts, queries=export_queries, guard=guard)


module = Module(
    name="catalog",
    container=Container,
    metadata=sql.metadata,
    settings=CatalogSettings,
    routers=[*http.described, http.bulk, http.categories, http.attributes, *http.selling],
    provides={
        ProductDirectory: Container.directory,
        BrandQueries: Container.brand_queries,
        CategoryQueries: Container.category_queries,
        TranslationQueries: Container.translation_queries,
        AttributeQueries: Container.attribute_queries,
    },
    subscribers={AccountClosed: Container.withdraw, AccountErased: Container.forget_owner},
    permissions=[
        PRODUCTS_READ,
        PRODUCTS_WRITE,
        PRODUCTS_PUBLISH,
        PRODUCTS_SHARE,
        PRODUCTS_STOCK,
        PRODUCTS_RESERVE,
        PRODUCTS_MANAGE,
        CATEGORIES_WRITE,
        BRANDS_WRITE,
    ],
    resources={PRODUCTS: Container.guarded_products},
    roles={
        "editor": [
            PRODUCTS_WRITE,
            PRODUCTS_PUBLISH,
            PRODUCTS_STOCK,
            PRODUCTS_RESERVE,
            CATEGORIES_WRITE,
            BRANDS_WRITE,
        ]
    },
    operations={"import": Container.import_sent_file},
    opens=[
        Container.upkeep,
        Container.upkeep_of_stock,
        Container.upkeep_of_media,
        Container.forget_files,
    ],
    demo=Container.demo,
    personal_data=Container.personal_data,
    commands={"catalog": cli.catalog},
)
