"""Decides what a row makes of its product, by the rules of the domain."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from modules.catalog.application.importing.branding import Brands
from modules.catalog.application.importing.calling import Slugs
from modules.catalog.application.importing.product_rows import Cell, ProductRow, SaidWords
from modules.catalog.application.importing.report import ImportReport
from modules.catalog.application.importing.rights import Rights
from modules.catalog.application.importing.rows import RowRefused
from modules.catalog.application.importing.shelving import Shelves
from modules.catalog.domain.attributes import Attributes, Definition, validated
from modules.catalog.domain.money import Money
from modules.catalog.domain.product import Details, Product, Status
from modules.catalog.domain.translations import LocaleRefused, Translation, locale
from modules.catalog.ports import OWN, CatalogUnitOfWork, Slug
from shared_kernel.application import ABSENT, Absent, given
from shared_kernel.domain import AccountId


@dataclass(slots=True, kw_only=True)
class Deciding:
    """What rows make of products. `own` is the language products are written in."""

    tx: CatalogUnitOfWork
    rights: Rights
    report: ImportReport
    at: datetime
    owner_id: AccountId | None
    own: str
    shelves: Shelves
    brands: Brands
    slugs: Slugs = field(default_factory=Slugs)
    definitions: dict[UUID, Sequence[Definition]] = field(
        default_factory=dict[UUID, Sequence[Definition]]
    )

    async def look_up(self, rows: Collection[ProductRow], existing: Mapping[str, Product]) -> None:
        """Read what rows are decided by, in a few statements for any number of them."""
        await self.brands.look_up({row.brand for row in rows if isinstance(row.brand, str)})
        await self._define({place for row in rows for place in self._places(row, existing)})
        asked = {one for row in rows for one in _slugs(row, existing.get(row.sku))}
        self.slugs.turn(await self.tx.bulk.slugs_taken(asked) if asked else {})

    def new(self, row: ProductRow) -> Product:
        """Return the product that a row makes. Raises what the rules refuse."""
        if isinstance(row.name, Absent) or isinstance(row.price, Absent):
            missing = "name" if isinstance(row.name, Absent) else "price"
            raise RowRefused("is missing", field=f"/{missing}")
        details = self._new_details(row, row.name, row.price)
        # Of thousands of rows some share a name.
        product = self.tx.bulk.draft(
            details, owner_id=self.owner_id, at=self.at, namesake=details.slug is None
        )
        self._translate(product, row)
        self._set_out(product, row.status)
        self.rights.may_be_new(product)
        self.slugs.take([*_slugs(row, None)], product.id)
        return product

    def change(self, row: ProductRow, product: Product) -> bool:
        """Change the product of a row; return whether anything is new. Raises as `new` does."""
        self.rights.may_change(product)
        asked = [*_slugs(row, product)]
        changed = product.change(self._details(row, product), at=self.at)
        changed |= self._translate(product, row)
        if changed:
            self.rights.may_become(product)
            self.slugs.take(asked, product.id)
        return changed

    async def _define(self, places: Collection[UUID]) -> None:
        unseen = places - self.definitions.keys()
        if unseen:
            # Held, so that what they define stays so: those of products that say none are new here.
            await self.tx.categories.keep_all(unseen)
            self.definitions.update(await self.tx.attributes.effective(unseen))

    def _places(self, row: ProductRow, existing: Mapping[str, Product]) -> Iterator[UUID]:
        known = self.shelves.known
        if isinstance(row.category, str):
            if row.category in known:
                yield known[row.category].id
        elif isinstance(row.category, Absent) and not isinstance(row.attributes, Absent):
            product = existing.get(row.sku)
            if product is not None and product.category_id is not None:
                yield product.category_id

    def _new_details(self, row: ProductRow, name: str, price: Money) -> Details:
        place = given(self._place(row), None)
        return Details(
            sku=row.sku,
            name=name,
            description=given(row.description, ""),
            price=price,
            category_id=place,
            slug=given(row.slug, None),
            brand_id=given(self._brand(row), None),
            tags=given(row.tags, ()),
            attributes=self._attributes(row, place, {}),
        )

    def _details(self, row: ProductRow, product: Product) -> Details:
        place = given(self._place(row), product.category_id)
        attributes = product.attributes
        if place != product.category_id or not isinstance(row.attributes, Absent):
            attributes = self._attributes(row, place, attributes)
        return Details(
            sku=row.sku,
            name=given(row.name, product.name),
            description=given(row.description, product.description),
            price=given(row.price, product.price),
            category_id=place,
            slug=given(row.slug, product.slug),
            brand_id=given(self._brand(row), product.brand_id),
            tags=given(row.tags, product.tags),
            attributes=attributes,
        )

    def _place(self, row: ProductRow) -> UUID | Absent | None:
        return self.shelves.shelf(row.category) if isinstance(row.category, str) else row.category

    def _brand(self, row: ProductRow) -> UUID | Absent | None:
        return self.brands.of(row.brand) if isinstance(row.brand, str) else row.brand

    def _attributes(self, row: ProductRow, place: UUID | None, old: Attributes) -> Attributes:
        """Return the values of a product in a category, with what the row says of them."""
        definitions = () if place is None else self.definitions.get(place, ())
        if row.attributes is None:
            return validated(definitions, {})
        return validated(definitions, _merged(definitions, old, given(row.attributes, {})))

    def _translate(self, product: Product, row: ProductRow) -> bool:
        """Say what a row says in other languages; return whether anything of it is new."""
        if isinstance(row.translations, Absent):
            return False
        told = row.translations
        if told is None:
            told = dict.fromkeys(product.translations)
        return sum(self._say(product, into, words) for into, words in told.items()) > 0

    def _say(self, product: Product, into: str, words: SaidWords | None) -> bool:
        before = product.translations.get(into)
        if before is None and (words is None or words.nothing):
            return False
        if words is None:
            product.untranslate(into, at=self.at)
            return True
        try:
            locale(into, own=self.own)
        except LocaleRefused as error:
            raise LocaleRefused(str(error), field="/translations") from error
        return product.translate(
            into,
            _translation(into, words, before),
            at=self.at,
            namesake=before is None and isinstance(words.slug, Absent),
        )

    def _set_out(self, product: Product, status: Status) -> None:
        """Bring a new product to where it is in its life."""
        if status is Status.PUBLISHED:
            product.publish(at=self.at)
        elif status is Status.ARCHIVED:
            product.archive(at=self.at)
        elif status is Status.WITHDRAWN:
            product.withdraw(at=self.at)


def _merged(
    definitions: Iterable[Definition], old: Attributes, said: Mapping[str, object]
) -> Mapping[str, object]:
    known = {one.code: one for one in definitions}
    merged: dict[str, object] = {**old, **said}
    for code, value in said.items():
        if value is None:
            del merged[code]
        elif isinstance(value, Cell) and code in known:
            merged[code] = known[code].meant(value)
    return merged


def _translation(into: str, words: SaidWords, before: Mapping[str, str] | None) -> Translation:
    old = before or {}
    name = given(words.name, old.get("name"))
    if name is None:
        raise RowRefused("is missing", field=f"/translations/{into}/name")
    return Translation(
        name=name,
        description=given(words.description, old.get("description", "")),
        slug=given(words.slug, None),
    )


def _slugs(row: ProductRow, product: Product | None) -> Iterator[Slug]:
    """Yield the slugs a row chooses that its product does not have yet."""
    if row.slug != ABSENT and (product is None or product.slug != row.slug):
        yield OWN, str(row.slug)
    if isinstance(row.translations, Absent | None):
        return
    for into, words in row.translations.items():
        if words is not None and not isinstance(words.slug, Absent):
            before = product.translations.get(into) if product is not None else None
            if before is None or before["slug"] != words.slug:
                yield into, words.slug
