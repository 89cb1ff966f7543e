"""What can be read from the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from shared_kernel.application import Outcome, Page, Slice
from shared_kernel.application.personal_data import every
from shared_kernel.domain import AccountId

MOST_EVENTS = 1000


@dataclass(frozen=True, slots=True)
class AuditEventView:
    """One entry. `actor_id` is who acted (null: nobody signed in), `subject_id` what it was about.

    `address` is where the request came from, `request_id` the `X-Request-Id` of its answer; for
    what a subscriber did, the id of the event it heard.
    """

    id: UUID
    occurred_at: datetime
    action: str
    outcome: Outcome
    actor_id: UUID | None
    subject_id: UUID | None
    address: str | None
    request_id: str
    detail: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries to show; None leaves a condition out. Moments: `since` <= it < `until`."""

    actor_id: UUID | None = None
    subject_id: UUID | None = None
    action: str | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditQueries(Protocol):
    """Reads the audit log."""

    async def events(self, where: AuditFilter, part: Slice) -> Page[AuditEventView]:
        """Return the entries that meet every condition, newest first."""
        ...


@dataclass(frozen=True, slots=True)
class EventsOfAccount:
    """What is logged about a person: what they did, and what was done to their account.

    The newest of each; the log is too long to be given away at once.
    """

    queries: AuditQueries

    async def of(self, account_id: AccountId) -> Mapping[str, object]:
        """Return the entries by topic, the newest first."""
        return {
            "acts": await self._found(AuditFilter(actor_id=account_id)),
            "about": await self._found(AuditFilter(subject_id=account_id)),
        }

    async def _found(self, where: AuditFilter) -> list[AuditEventView]:
        async def read(part: Slice) -> Page[AuditEventView]:
            return await self.queries.events(where, part)

        return await every(read, most=MOST_EVENTS)
