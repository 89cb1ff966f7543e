"""Stock: how many of a variant are there, how many are promised, and what moved them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from modules.catalog.domain.reservations import Reservation, ReservationState
from modules.catalog.public import StockLow
from shared_kernel.domain import AccountId, Aggregate, Conflict, Invalid, new_id

MOST_ON_HAND = 1_000_000_000
MOST_MOVED = 1_000_000
"""At once."""

NOTE_LENGTH = 200


class NotEnoughStock(Conflict):
    """There are not so many left that are promised to nobody."""


class StockFull(Conflict):
    """There would be more than 1,000,000,000 on hand."""


class NothingMoved(Invalid):
    """An adjustment changes something."""


class Reason(StrEnum):
    """Why somebody adjusts a stock."""

    RECEIVED = "received"
    SOLD = "sold"
    RETURNED = "returned"
    DAMAGED = "damaged"
    LOST = "lost"
    FOUND = "found"
    COUNTED = "counted"
    OTHER = "other"


class Cause(StrEnum):
    """What moved a stock: an adjustment, by its reason, or what became of a reservation."""

    RECEIVED = "received"
    SOLD = "sold"
    RETURNED = "returned"
    DAMAGED = "damaged"
    LOST = "lost"
    FOUND = "found"
    COUNTED = "counted"
    OTHER = "other"
    RESERVED = "reserved"
    COMMITTED = "committed"
    RELEASED = "released"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One line of the ledger: by how much the numbers changed, and what they were then.

    The changes of all lines of a stock add up to its numbers.
    """

    id: UUID
    variant_id: UUID
    product_id: UUID
    cause: Cause
    change: int
    reserved_change: int
    on_hand: int
    reserved: int
    reservation_id: UUID | None
    note: str
    actor_id: AccountId | None
    occurred_at: datetime


@dataclass(eq=False, kw_only=True)
class Stock(Aggregate):
    """How many of one variant there are; its id is the variant's.

    0 <= reserved <= on_hand, whatever happens at the same time: whoever changes a stock holds it
    locked. It is low while there are no more left than its mark says, and tells so once each time
    it becomes so.
    """

    product_id: UUID
    on_hand: int = 0
    reserved: int = 0
    low_mark: int | None = None

    @property
    def available(self) -> int:
        """How many are promised to nobody."""
        return self.on_hand - self.reserved

    @property
    def is_low(self) -> bool:
        """Whether no more are left than the mark says."""
        return self.low_mark is not None and self.available <= self.low_mark

    def mark_low(self, mark: int | None, *, at: datetime) -> None:
        """Call it low from now on while no more than this are left; None: never."""
        was_low, self.low_mark = self.is_low, mark
        self._tell(was_low, at)

    def adjust(
        self, by: int, *, reason: Reason, note: str, actor: AccountId | None, at: datetime
    ) -> Movement:
        """Take in, or out, so many. What is promised stays. Raises NotEnoughStock, StockFull."""
        if by == 0:
            raise NothingMoved("is not 0", field="/change")
        if self.available + by < 0:
            raise NotEnoughStock(f"{self.available} are left", field="/change")
        if self.on_hand + by > MOST_ON_HAND:
            raise StockFull(f"there are {MOST_ON_HAND} at most", field="/change")
        return self._move(Cause(reason), by, 0, None, note=note, actor=actor, at=at)

    def reserve(
        self, quantity: int, *, holder: AccountId, until: datetime, at: datetime
    ) -> tuple[Reservation, Movement]:
        """Promise so many to somebody for a while. Raises NotEnoughStock."""
        if quantity > self.available:
            raise NotEnoughStock(f"{self.available} are left", field="/quantity")
        held = Reservation(
            variant_id=self.id,
            product_id=self.product_id,
            quantity=quantity,
            holder_id=holder,
            state=ReservationState.HELD,
            expires_at=until,
            created_at=at,
        )
        return held, self._move(Cause.RESERVED, 0, quantity, held, actor=holder, at=at)

    def commit(self, held: Reservation, *, actor: AccountId, at: datetime) -> Sequence[Movement]:
        """Hand out what was reserved. To do so again moves nothing. Raises ReservationOver."""
        if not held.commit(at=at):
            return []
        taken = -held.quantity
        return [self._move(Cause.COMMITTED, taken, taken, held, actor=actor, at=at)]

    def release(self, held: Reservation, *, actor: AccountId, at: datetime) -> Sequence[Movement]:
        """Give back what was reserved. To do so again moves nothing. Raises ReservationOver."""
        if not held.release():
            return []
        return [self._move(Cause.RELEASED, 0, -held.quantity, held, actor=actor, at=at)]

    def expire(self, overdue: Sequence[Reservation], *, at: datetime) -> Sequence[Movement]:
        """Give back what was reserved for too long."""
        return [
            self._move(Cause.EXPIRED, 0, -held.quantity, held, actor=None, at=at)
            for held in overdue
            if held.expire(at=at)
        ]

    def _move(
        self,
        cause: Cause,
        change: int,
        reserved_change: int,
        held: Reservation | None,
        *,
        note: str = "",
        actor: AccountId | None,
        at: datetime,
    ) -> Movement:
        was_low = self.is_low
        self.on_hand += change
        self.reserved += reserved_change
        self._tell(was_low, at)
        return Movement(
            id=new_id(),
            variant_id=self.id,
            product_id=self.product_id,
            cause=cause,
            change=change,
            reserved_change=reserved_change,
            on_hand=self.on_hand,
            reserved=self.reserved,
            reservation_id=None if held is None else held.id,
            note=note,
            actor_id=actor,
            occurred_at=at,
        )

    def _tell(self, was_low: bool, at: datetime) -> None:
        if self.low_mark is not None and self.is_low and not was_low:
            self.record(
                StockLow(
                    subject_id=self.product_id,
                    variant_id=self.id,
                    available=self.available,
                    low_mark=self.low_mark,
                    occurred_at=at,
                )
            )
