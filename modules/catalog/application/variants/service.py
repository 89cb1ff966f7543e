"""What can be done with variants."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from annotated_types import Interval, Len, MaxLen

from modules.catalog.application.amounts import money
from modules.catalog.application.parts import OfProducts
from modules.catalog.application.queries import Price
from modules.catalog.application.stock.overdue import make_room
from modules.catalog.application.variants.showing import VariantView, shown
from modules.catalog.domain.barcodes import BARCODE
from modules.catalog.domain.money import Money
from modules.catalog.domain.text import CODE
from modules.catalog.domain.variants import (
    CHOICE_LENGTH,
    MAX_POSITION,
    MOST_OPTIONS,
    OPTION_LENGTH,
    Variant,
    VariantDetails,
)
from modules.catalog.ports import Transaction
from modules.catalog.public import PRODUCTS_WRITE
from shared_kernel.application import ABSENT, Absent, Caller, Clock, Command, Matches, given

Sku = Annotated[str, Matches(CODE)]
Option = Annotated[str, Len(1, OPTION_LENGTH)]
Choice = Annotated[str, Len(1, CHOICE_LENGTH)]
Options = Annotated[dict[Option, Choice], MaxLen(MOST_OPTIONS)]
Barcode = Annotated[str, Matches(BARCODE)]
Position = Annotated[int, Interval(ge=0, le=MAX_POSITION)]


class AddVariant(Command):
    """A new form of a product. `barcode` is a GTIN with its check digit.

    Without a price it costs what the product does.
    """

    sku: Sku
    options: Options = field(default_factory=dict)
    barcode: Barcode | None = None
    price: Price | None = None
    position: Position = 0


class ChangeVariant(Command):
    """New values for some members (JSON Merge Patch, RFC 7386): what is not sent stays.

    `options` are replaced as a whole. A price of null is the product's.
    """

    sku: Sku | Absent = ABSENT
    options: Options | Absent = ABSENT
    barcode: Barcode | Absent | None = ABSENT
    price: Price | Absent | None = ABSENT
    position: Position | Absent = ABSENT


@dataclass(frozen=True, slots=True)
class VariantService:
    """The upkeep of variants: whoever may write the product may write them."""

    begin: Transaction
    clock: Clock
    of: OfProducts

    async def add(self, caller: Caller, product_id: UUID, command: AddVariant) -> VariantView:
        """Add a variant. Raises VariantSkuTaken, OptionsTaken, TooManyVariants."""
        details = VariantDetails(
            sku=command.sku,
            options=command.options,
            barcode=command.barcode,
            price=_own(command.price),
            position=command.position,
        )
        async with self.begin() as tx:
            product = await self.of.locked(caller, PRODUCTS_WRITE, tx, product_id)
            others = await tx.variants.count_of(product_id)
            variant = Variant.add(details, to=product, others=others, at=self.clock.now())
            tx.variants.add(variant)
        return shown(variant)

    async def change(
        self,
        caller: Caller,
        product_id: UUID,
        variant_id: UUID,
        command: ChangeVariant,
        *,
        expected: int,
    ) -> VariantView:
        """Give a variant new details. Raises Stale unless it is at the version expected."""
        async with self.begin() as tx:
            product = await self.of.locked(caller, PRODUCTS_WRITE, tx, product_id)
            variant = await tx.variants.of(product_id, variant_id)
            variant.must_be_at(expected)
            variant.change(_changed(variant.details, command), of=product, at=self.clock.now())
        return shown(variant)

    async def delete(
        self, caller: Caller, product_id: UUID, variant_id: UUID, *, expected: int
    ) -> None:
        """Delete a variant, at the version expected. Raises VariantReserved."""
        async with self.begin() as tx:
            await self.of.locked(caller, PRODUCTS_WRITE, tx, product_id)
            # The stock first, in the order in which whoever reserves locks the two.
            stock, now = await tx.stocks.of(product_id, variant_id), self.clock.now()
            await make_room(tx, stock, stock.on_hand, at=now)
            variant = await tx.variants.of(product_id, variant_id)
            variant.must_be_at(expected)
            variant.delete(reserved=stock.reserved, at=now)
            await tx.flush()
            await tx.variants.remove(variant)


def _own(price: Price | None) -> Money | None:
    return None if price is None else money(price)


def _changed(old: VariantDetails, command: ChangeVariant) -> VariantDetails:
    return VariantDetails(
        sku=given(command.sku, old.sku),
        options=given(command.options, old.options),
        barcode=given(command.barcode, old.barcode),
        price=old.price if isinstance(command.price, Absent) else _own(command.price),
        position=given(command.position, old.position),
    )
