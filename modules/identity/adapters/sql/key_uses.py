"""Writes down when keys were used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Table, Uuid, bindparam, or_, update

from modules.identity.adapters.sql.tables import api_keys, service_account_secrets
from modules.identity.domain.api_secret import SecretKind
from shared_kernel.adapters.sql import Database, moment

TABLES: Mapping[SecretKind, Table] = {
    SecretKind.PERSONAL: api_keys,
    SecretKind.SERVICE: service_account_secrets,
}
# Other processes may have written a use of the same key a moment ago.
APART = timedelta(minutes=1)

Uses = Mapping[tuple[SecretKind, UUID], datetime]


class SqlSecretUses:
    """Sets `last_used_at`, and leaves the version alone: being used changes no key."""

    def __init__(self, database: Database) -> None:
        self._session = database.session

    async def write(self, uses: Uses) -> None:
        """Save the uses, but for those within a minute of one that is saved already."""
        async with self._session.begin() as session:
            # In one order, so that two processes do not wait for each other.
            for (kind, id), at in sorted(uses.items()):
                table = TABLES[kind]
                last = table.c.last_used_at
                apart = or_(last.is_(None), last <= bindparam("before", type_=moment()))
                same = table.c.id == bindparam("key_id", type_=Uuid())
                await session.execute(
                    update(table).where(same, apart).values(last_used_at=at),
                    {"key_id": id, "before": at - APART},
                )
