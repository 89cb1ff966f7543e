"""What those do who keep a stock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_types import Interval, MaxLen

from modules.catalog.application.parts import OfProducts
from modules.catalog.application.stock.overdue import make_room
from modules.catalog.application.stock.showing import (
    MovementView,
    StockView,
    movement_view,
    stock_view,
)
from modules.catalog.domain.stock import MOST_MOVED, MOST_ON_HAND, NOTE_LENGTH, Reason
from modules.catalog.domain.text import prose
from modules.catalog.ports import Transaction
from modules.catalog.public import PRODUCTS_STOCK
from shared_kernel.application import ABSENT, Absent, Caller, Clock, Command

Change = Annotated[int, Interval(ge=-MOST_MOVED, le=MOST_MOVED)]
Mark = Annotated[int, Interval(ge=0, le=MOST_ON_HAND)]
Note = Annotated[str, MaxLen(NOTE_LENGTH)]


class AdjustStock(Command):
    """So many more, or fewer, and why."""

    change: Change
    reason: Reason
    note: Note = ""


class ChangeStock(Command):
    """When to tell that few are left (JSON Merge Patch, RFC 7386); null: never."""

    low_mark: Mark | Absent | None = ABSENT


@dataclass(frozen=True, slots=True)
class StockService:
    """The upkeep of stocks, by those who may keep the stock of the product."""

    begin: Transaction
    clock: Clock
    of: OfProducts

    async def adjust(
        self, caller: Caller, product_id: UUID, variant_id: UUID, command: AdjustStock
    ) -> MovementView:
        """Take in or out, and write it down. Raises NotEnoughStock, StockFull."""
        await self.of.allowed(caller, PRODUCTS_STOCK, product_id)
        note = prose(command.note, field="/note")
        async with self.begin() as tx:
            stock, now = await tx.stocks.of(product_id, variant_id), self.clock.now()
            await make_room(tx, stock, -command.change, at=now)
            entered = stock.adjust(
                command.change, reason=command.reason, note=note, actor=caller.id, at=now
            )
            await tx.stocks.enter([entered])
        return movement_view(entered)

    async def change(
        self,
        caller: Caller,
        product_id: UUID,
        variant_id: UUID,
        command: ChangeStock,
        *,
        expected: int,
    ) -> StockView:
        """Say when it is low. Raises Stale unless it is at the version expected."""
        await self.of.allowed(caller, PRODUCTS_STOCK, product_id)
        async with self.begin() as tx:
            stock = await tx.stocks.of(product_id, variant_id)
            stock.must_be_at(expected)
            if not isinstance(command.low_mark, Absent):
                stock.mark_low(command.low_mark, at=self.clock.now())
        return stock_view(stock)
