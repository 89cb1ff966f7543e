"""Deletes what is over, in batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, delete, select
from sqlalchemy.sql.dml import ReturningDelete

from modules.identity.adapters.sql.tables import (
    api_keys,
    links,
    pending_sign_ins,
    service_account_secrets,
    sessions,
)
from modules.identity.adapters.sql.tables.federation import provider_proofs, provider_visits
from modules.identity.adapters.sql.tables.passkeys import passkey_challenges
from modules.identity.ports.retention import Leftover
from shared_kernel.adapters.sql import Database
from shared_kernel.adapters.sql.failures import named_refusals

BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Kind:
    """A table, what its rows are told apart by, and when one is over.

    `ended`: the moment somebody ended it; empty while nobody did. Either that or `expires_at` is
    what an index is for.
    """

    table: Table[Any]
    key: Column[Any]
    ended: Column[datetime | None] | None = None

    def some(self, over_at: datetime) -> ReturningDelete[Any]:
        """Return what deletes a batch; what somebody else holds is left for another time."""
        found = select(self.key).where(self._is_over(over_at)).limit(BATCH)
        mine = self.key.in_(found.with_for_update(skip_locked=True))
        return delete(self.table).where(mine).returning(self.key)

    def _is_over(self, at: datetime) -> ColumnElement[bool]:
        expired: ColumnElement[bool] = self.table.c.expires_at < at
        if self.ended is None:
            return expired
        return (self.ended < at) | (self.ended.is_(None) & expired)


KINDS: Mapping[Leftover, Kind] = {
    Leftover.SESSIONS: Kind(sessions, sessions.c.id, sessions.c.ended_at),
    Leftover.API_KEYS: Kind(api_keys, api_keys.c.id, api_keys.c.revoked_at),
    Leftover.SERVICE_SECRETS: Kind(
        service_account_secrets, service_account_secrets.c.id, service_account_secrets.c.revoked_at
    ),
    Leftover.LINKS: Kind(links, links.c.id),
    Leftover.WAITING_SIGN_INS: Kind(pending_sign_ins, pending_sign_ins.c.token_hash),
    Leftover.VISITS: Kind(provider_visits, provider_visits.c.state_hash),
    Leftover.PROOFS: Kind(provider_proofs, provider_proofs.c.code_hash),
    Leftover.CHALLENGES: Kind(passkey_challenges, passkey_challenges.c.challenge_hash),
}


class SqlLeftovers:
    """Deletes rows of `identity`."""

    def __init__(self, database: Database) -> None:
        self._session = database.session

    async def delete(self, what: Leftover, *, over_at: datetime) -> int:
        """Delete a batch, and say how many rows it had."""
        with named_refusals({}):
            async with self._session.begin() as session:
                return len((await session.execute(KINDS[what].some(over_at))).all())
