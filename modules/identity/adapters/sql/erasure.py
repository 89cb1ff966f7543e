"""What identity keeps about a person beside the account, found by foreign keys."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, Table, Uuid, bindparam, delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from modules.identity.adapters.sql.tables import accounts, links, metadata, sessions
from modules.identity.domain.account import Account
from shared_kernel.adapters.sql import Addition, add_together

OF_ACCOUNTS = [
    (table, key.parent)
    for table in metadata.sorted_tables
    for key in table.foreign_keys
    if key.column.table is accounts and table is not sessions
]
"""Each table whose rows belong to an account. A new one is in it without being told of."""


OWNER = bindparam("owner_id", type_=Uuid())
NOWHERE = update(sessions).where(sessions.c.account_id == OWNER)
EMPTIED = NOWHERE.values(address=None, user_agent=None, name=None).cte("emptied")


def _deleting(*but: Table[Any]) -> tuple[CTE, ...]:
    return tuple(
        delete(table).where(column == OWNER).cte(f"no_{table.name}")
        for table, column in OF_ACCOUNTS
        if table not in but
    )


WAYS_IN, ALL = _deleting(links), (*_deleting(), EMPTIED)


class SqlTraces:
    """Deletes what belongs to an account; of its sessions only what tells where they were used.

    The sessions stay, because their ids are what every process refuses until tokens expire.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def forget_ways_in(self, account: Account) -> None:
        """Delete what belongs to an account, but its links."""
        await add_together(self._session, [Addition(WAYS_IN, {"owner_id": account.id})])

    async def erase(self, account: Account) -> None:
        """Delete and empty it all."""
        await add_together(self._session, [Addition(ALL, {"owner_id": account.id})])
