"""Reservations: what is promised to somebody for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared_kernel.domain import AccountId, Aggregate, Conflict, NotFound

# Long enough to pay, or to wait for a warehouse; nothing is set aside for good.
SHORTEST_SECONDS, LONGEST_SECONDS = 10, 7 * 86_400
USUAL_SECONDS = 900


class NoSuchReservation(NotFound):
    """The variant has no reservation of this id."""


class ReservationOver(Conflict):
    """The reservation came to another end already, or its time is up."""


class NotForSale(Conflict):
    """Only what is published can be reserved."""


class ReservationState(StrEnum):
    """Where a reservation is: held, and then one of three ends."""

    HELD = "held"
    COMMITTED = "committed"
    RELEASED = "released"
    EXPIRED = "expired"


@dataclass(eq=False, kw_only=True)
class Reservation(Aggregate):
    """So many of a variant, set aside. Its stock moves with it: see `Stock`."""

    variant_id: UUID
    product_id: UUID
    quantity: int
    holder_id: AccountId
    state: ReservationState
    expires_at: datetime
    created_at: datetime

    def commit(self, *, at: datetime) -> bool:
        """Come to the end that was hoped for; return whether it did just now."""
        if self.state is ReservationState.HELD and at >= self.expires_at:
            raise ReservationOver("its time is up")
        return self._end(ReservationState.COMMITTED)

    def release(self) -> bool:
        """Come to an end because nobody wants it; return whether it did just now."""
        return self._end(ReservationState.RELEASED)

    def expire(self, *, at: datetime) -> bool:
        """Come to an end because its time is up; return whether it did just now."""
        overdue = self.state is ReservationState.HELD and at >= self.expires_at
        return overdue and self._end(ReservationState.EXPIRED)

    def _end(self, end: ReservationState) -> bool:
        if self.state is end:
            return False
        if self.state is not ReservationState.HELD:
            raise ReservationOver(f"it is {self.state} already")
        self.state = end
        return True
