"""How to make objects of the catalogue, for tests that know nothing of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import update

from modules.catalog.adapters.sql import CatalogUnitOfWork
from modules.catalog.adapters.sql.tables import products
from modules.catalog.application.media.service import MediaService
from modules.catalog.domain.media import Media, Picture
from modules.catalog.domain.money import Money
from modules.catalog.domain.prices import ListedPrice, Period
from modules.catalog.domain.product import Details, Product
from modules.catalog.domain.stock import Reason
from modules.catalog.domain.variants import Variant, VariantDetails
from shared_kernel.domain import AccountId
from shared_kernel.module import Services
from tests.catalog.pictures import png
from tests.kit.objects import Part, Recipe


async def make_product(
    services: Services, owner_id: AccountId, public: bool, category_id: UUID | None = None
) -> UUID:
    """Make a draft of an account, or a product that is published."""
    now = datetime.now(UTC)
    details = Details(
        sku=f"SKU-{uuid4().hex[:12]}",
        name="Limestone ashlar",
        description="",
        price=Money(Decimal("38.50"), "EUR"),
        category_id=category_id,
    )
    product = Product.draft(details, owner_id=owner_id, at=now, namesake=True)
    if public:
        product.publish(at=now)
    async with services.get(CatalogUnitOfWork) as tx:
        tx.products.add(product)
    return product.id


async def make_variant(services: Services, named: Mapping[str, Any]) -> UUID:
    """Make a variant of a product."""
    details = VariantDetails(
        sku=f"SKU-{uuid4().hex[:12]}", options={}, barcode=None, price=None, position=0
    )
    async with services.get(CatalogUnitOfWork) as tx:
        product = await tx.products.get_locked(named["product_id"])
        variant = Variant.add(details, to=product, others=0, at=datetime.now(UTC))
        tx.variants.add(variant)
    return variant.id


async def make_reservation(services: Services, named: Mapping[str, Any]) -> UUID:
    """Reserve one of a variant's stock, of which there are some then."""
    now, somebody = datetime.now(UTC), AccountId(uuid4())
    async with services.get(CatalogUnitOfWork) as tx:
        stock = await tx.stocks.of(named["product_id"], named["variant_id"])
        taken = stock.adjust(5, reason=Reason.RECEIVED, note="", actor=somebody, at=now)
        until = now + timedelta(minutes=15)
        held, promised = stock.reserve(1, holder=somebody, until=until, at=now)
        tx.reservations.add(held)
        await tx.stocks.enter([taken, promised])
    return held.id


async def make_price(services: Services, named: Mapping[str, Any]) -> UUID:
    """Plan a price of a product, for tomorrow."""
    now = datetime.now(UTC)
    listed = ListedPrice.set(
        Money(Decimal("30.00"), "EUR"),
        Period(now + timedelta(days=1), None),
        product_id=named["product_id"],
        variant_id=None,
        others=0,
        at=now,
    )
    async with services.get(CatalogUnitOfWork) as tx:
        tx.prices.add(listed)
    return listed.id


async def make_translation(services: Services, named: Mapping[str, Any]) -> str:
    """Translate a product, which stays at its version, and return into what."""
    words = {"de": {"name": "Quader", "slug": f"quader-{uuid4().hex}", "description": ""}}
    of_it = products.c.id == named["product_id"]
    async with services.get(CatalogUnitOfWork) as tx:
        await tx.session.execute(update(products).where(of_it).values(translations=words))
    return "de"


async def make_media(services: Services, named: Mapping[str, Any]) -> UUID:
    """Add two pictures to a product, and return the first: the other moves up when it goes."""
    contents, storage = [png(0), png(2)], services.get(MediaService).storage
    pictures = [Picture.of(content) for content in contents]
    for picture, content in zip(pictures, contents, strict=True):
        await storage.keep(picture.sha256, content)
    async with services.get(CatalogUnitOfWork) as tx:
        product = await tx.products.get_locked(named["product_id"])
        now = datetime.now(UTC)
        made = [
            Media.add(picture, "", to=product, others=others, at=now)
            for others, picture in enumerate(pictures)
        ]
        for media in made:
            tx.media.add(media)
    return made[0].id


PRODUCT = "/v1/catalog/products/{product_id}"
VARIANT = f"{PRODUCT}/variants/{{variant_id}}"

RECIPES: Final[Mapping[str, Recipe]] = {"catalog.products": make_product}
PARTS: Final[Mapping[str, Part]] = {
    "variant_id": make_variant,
    "locale": make_translation,
    "reservation_id": make_reservation,
    "price_id": make_price,
    "media_id": make_media,
}
BODIES: Final[Mapping[tuple[str, str], Any]] = {
    ("PUT", f"{PRODUCT}/translations/{{locale}}"): {"name": "Quader"},
    ("POST", f"{PRODUCT}/variants"): {"sku": "MATRIX", "options": {}},
    ("POST", f"{PRODUCT}/prices"): {"price": {"amount": "30.00", "currency": "EUR"}},
    ("POST", f"{PRODUCT}/media"): png(1),
    ("POST", f"{VARIANT}/stock/adjustments"): {"change": 1, "reason": "found"},
    ("POST", f"{VARIANT}/reservations"): {"quantity": 1},
}
QUERIES: Final[Mapping[tuple[str, str], str]] = {
    ("GET", f"{PRODUCT}/price"): "?currency=EUR",
    ("GET", f"{PRODUCT}/variants/{{variant_id}}/price"): "?currency=EUR",
}
