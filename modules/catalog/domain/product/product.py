"""Products: drafted, published, archived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from modules.catalog.domain.attributes import Attributes
from modules.catalog.domain.money import Money
from modules.catalog.domain.prices import price_changed
from modules.catalog.domain.product.details import MEMBERS, Details, difference
from modules.catalog.domain.product.refusals import (
    AlreadyArchived,
    AlreadyPublished,
    NotDeleted,
    SkuFixed,
    StillPublished,
)
from modules.catalog.domain.slugs import slug_of, told_apart
from modules.catalog.domain.translations import (
    MOST_TRANSLATIONS,
    NotTranslated,
    TooManyTranslations,
    Translation,
    Words,
)
from modules.catalog.public import (
    ProductArchived,
    ProductChanged,
    ProductDeleted,
    ProductDrafted,
    ProductPublished,
    ProductPurged,
    ProductRestored,
    ProductWithdrawn,
)
from shared_kernel.domain import AccountId, Aggregate, new_id


class Status(StrEnum):
    """Where a product is in its life: draft -> published -> archived, or withdrawn."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"


OVER = frozenset({Status.ARCHIVED, Status.WITHDRAWN})


@dataclass(eq=False, kw_only=True)
class Product(Aggregate):
    """Something somebody offers. `owner_id` is None for what belongs to the house.

    Who may do what with it is the policy's to say: `application/guarding.py`.
    A published product may still be renamed, described anew, repriced and moved, because shops do
    that every day; its SKU stays. Nothing of an archived product changes.
    """

    sku: str
    slug: str
    name: str
    description: str
    price: Money
    category_id: UUID | None
    brand_id: UUID | None
    tags: Sequence[str]
    attributes: Attributes
    owner_id: AccountId | None
    status: Status
    created_at: datetime
    published_at: datetime | None = None
    deleted_at: datetime | None = None
    translations: Mapping[str, Words] = field(default_factory=dict[str, Words])

    @classmethod
    def draft(
        cls,
        details: Details,
        *,
        owner_id: AccountId | None,
        at: datetime,
        namesake: bool = False,
    ) -> Product:
        """Return a new product, not yet shown to everyone.

        The slug of a `namesake` is made of the name and a part of the id, because something else
        has that of the name alone.
        """
        tidy, id = details.tidied(), new_id()
        slug = tidy.slug or slug_of(tidy.name, tidy.sku)
        product = cls(
            id=id,
            sku=tidy.sku,
            slug=told_apart(slug, id) if namesake else slug,
            name=tidy.name,
            description=tidy.description,
            price=tidy.price,
            category_id=tidy.category_id,
            brand_id=tidy.brand_id,
            tags=tidy.tags,
            attributes=tidy.attributes,
            owner_id=owner_id,
            status=Status.DRAFT,
            created_at=at,
        )
        product.record(
            ProductDrafted(
                subject_id=product.id, owner_id=owner_id, sku=product.sku, occurred_at=at
            )
        )
        return product

    @property
    def details(self) -> Details:
        """What is said about it now."""
        return Details(**{name: getattr(self, name) for name in MEMBERS})

    def change(self, details: Details, *, at: datetime) -> bool:
        """Take new details; return whether any is new. What stays the same is no event."""
        tidy = details.tidied()
        old = self.details
        changed = difference(old, replace(tidy, slug=tidy.slug or self.slug))
        if not changed:
            return False
        self._must_live()
        if "sku" in changed and self.published_at is not None:
            raise SkuFixed("the SKU of a published product stays", field="/sku")
        for name, value in changed.items():
            setattr(self, name, value)
        self.record(ProductChanged(subject_id=self.id, members=(*changed,), occurred_at=at))
        if "price" in changed:
            self.record(price_changed(self.id, None, old.price, self.price, at=at))
        return True

    def translate(
        self, locale: str, words: Translation, *, at: datetime, namesake: bool = False
    ) -> bool:
        """Say what it says in another language; return whether anything is new.

        The slug of a `namesake` is made of the name and a part of the id, as in `draft`.
        """
        before = self.translations.get(locale)
        new = words.worded(before, self.sku)
        if namesake:
            new = {**new, "slug": told_apart(new["slug"], self.id)}
        if new == before:
            return False
        self._must_live()
        if before is None and len(self.translations) >= MOST_TRANSLATIONS:
            raise TooManyTranslations(f"there are {MOST_TRANSLATIONS} translations already")
        self._say_elsewhere({**self.translations, locale: new}, at)
        return True

    def untranslate(self, locale: str, *, at: datetime) -> None:
        """Say nothing any more in another language."""
        if locale not in self.translations:
            raise NotTranslated("the product is not translated into this language")
        self._must_live()
        left = {one: words for one, words in self.translations.items() if one != locale}
        self._say_elsewhere(left, at)

    def _say_elsewhere(self, translations: Mapping[str, Words], at: datetime) -> None:
        self.translations = translations
        self.record(ProductChanged(subject_id=self.id, members=("translations",), occurred_at=at))

    def publish(self, *, at: datetime) -> None:
        """Show it to everyone."""
        self._must_live()
        if self.status is Status.PUBLISHED:
            raise AlreadyPublished("the product is already published")
        self.status, self.published_at = Status.PUBLISHED, at
        self.record(
            ProductPublished(
                subject_id=self.id,
                owner_id=self.owner_id,
                sku=self.sku,
                name=self.name,
                amount=self.price.amount,
                currency=self.price.currency,
                occurred_at=at,
            )
        )

    def archive(self, *, at: datetime) -> None:
        """Take it off the shelves for good."""
        self._must_live()
        self.status = Status.ARCHIVED
        self.record(ProductArchived(subject_id=self.id, occurred_at=at))

    def withdraw(self, *, at: datetime) -> None:
        """Take it away with its owner. What is archived or withdrawn stays as it is."""
        if self.status in OVER:
            return
        self.status = Status.WITHDRAWN
        self.record(ProductWithdrawn(subject_id=self.id, owner_id=self.owner_id, occurred_at=at))

    def forget_owner(self, *, at: datetime) -> None:
        """Belong to nobody any more, whose account was erased, and be withdrawn."""
        self.withdraw(at=at)
        self.owner_id = None

    def delete(self, *, at: datetime) -> None:
        """Put it into the trash. Its SKU and its slug are free for others."""
        if self.status is Status.PUBLISHED:
            raise StillPublished("archive the product first")
        self.deleted_at = at
        self.record(ProductDeleted(subject_id=self.id, sku=self.sku, occurred_at=at))

    def restore(self, *, at: datetime) -> None:
        """Take it back out of the trash, as it was."""
        if self.deleted_at is None:
            raise NotDeleted("the product is not in the trash")
        self.deleted_at = None
        self.record(ProductRestored(subject_id=self.id, sku=self.sku, occurred_at=at))

    def purge(self, *, at: datetime) -> None:
        """Say that it goes for good."""
        self.record(ProductPurged(subject_id=self.id, occurred_at=at))

    def _must_live(self) -> None:
        if self.status in OVER:
            raise AlreadyArchived(f"the product is {self.status}")
