"""Everything identity keeps about a person, but secrets: read as it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, select

from modules.identity.adapters.sql.erasure import OF_ACCOUNTS
from modules.identity.adapters.sql.tables import accounts, sessions
from shared_kernel.adapters.sql import Database
from shared_kernel.domain import AccountId

WHERE = [(accounts, accounts.c.id), (sessions, sessions.c.account_id), *OF_ACCOUNTS]
BOOKKEEPING = {"version", "email_normalized"}


class SqlIdentityData:
    """Reads the rows that belong to an account. A new table is in it without being told of.

    Hashes and sealed secrets are bytes, and no bytes are shown.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, account_id: AccountId) -> Mapping[str, object]:
        """Return the rows by table."""
        async with self._database.session() as session:
            found: dict[str, object] = {}
            for table, owner in WHERE:
                rows = await session.execute(select(*_shown(table)).where(owner == account_id))
                found[table.name] = [dict(row) for row in rows.mappings()]
        return found


def _shown(table: Table[Any]) -> list[Column[Any]]:
    return [
        one
        for one in table.c
        if not isinstance(one.type, LargeBinary)
        and not one.name.endswith("_hash")
        and one.name not in BOOKKEEPING
    ]
