"""Products in other languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Protocol
from uuid import UUID

from annotated_types import Len, MaxLen

from modules.catalog.application.guarding import ProductGuard
from modules.catalog.domain.product import Product, SlugTaken
from modules.catalog.domain.slugs import SLUG, SLUG_LENGTH
from modules.catalog.domain.text import DESCRIPTION_LENGTH, NAME_LENGTH
from modules.catalog.domain.translations import Translation, locale
from modules.catalog.ports import Transaction
from modules.catalog.public import PRODUCTS_WRITE
from shared_kernel.application import Caller, Clock, Command, Matches


class TranslateProduct(Command):
    """A product in another language. Without a slug it keeps the one it has there, or gets one."""

    name: Annotated[str, Len(1, NAME_LENGTH)]
    slug: Annotated[str, Matches(SLUG), MaxLen(SLUG_LENGTH)] | None = None
    description: Annotated[str, MaxLen(DESCRIPTION_LENGTH)] = ""


@dataclass(frozen=True, slots=True)
class TranslationView:
    """What a product says in one language. `version` is the product's."""

    locale: str
    name: str
    slug: str
    description: str
    version: int


class TranslationQueries(Protocol):
    """Reads translations, whoever asks."""

    async def translation(self, product_id: UUID, locale: str) -> TranslationView:
        """Return what a product says in a language. Raises NoSuchProduct, NotTranslated."""
        ...


@dataclass(frozen=True, slots=True)
class TranslationService:
    """Translates products out of the shop's `own` language."""

    begin: Transaction
    clock: Clock
    guard: ProductGuard
    own: str

    async def put(
        self,
        caller: Caller,
        product_id: UUID,
        into: str,
        command: TranslateProduct,
        *,
        expected: int,
    ) -> None:
        """Say what a product says in a language. Raises LocaleRefused, SlugTaken, Stale."""
        words = Translation(name=command.name, slug=command.slug, description=command.description)
        try:
            await self._put(caller, product_id, locale(into, own=self.own), words, expected)
        except SlugTaken:
            if command.slug is not None:
                raise
            # Few products share a name, so that nobody else is asked whether this one does.
            await self._put(caller, product_id, into, words, expected, namesake=True)

    async def _put(
        self,
        caller: Caller,
        product_id: UUID,
        into: str,
        words: Translation,
        expected: int,
        *,
        namesake: bool = False,
    ) -> None:
        async with self.begin() as tx:
            product = await tx.products.get_locked(product_id)
            self._check(caller, product, expected)
            product.translate(into, words, at=self.clock.now(), namesake=namesake)
            self.guard.require_result(caller, PRODUCTS_WRITE, product)

    async def remove(self, caller: Caller, product_id: UUID, into: str, *, expected: int) -> None:
        """Take a translation away. Raises NotTranslated, Stale."""
        async with self.begin() as tx:
            product = await tx.products.get_locked(product_id)
            self._check(caller, product, expected)
            product.untranslate(into, at=self.clock.now())

    def _check(self, caller: Caller, product: Product, expected: int) -> None:
        self.guard.require(caller, PRODUCTS_WRITE, product)
        product.must_be_at(expected)
