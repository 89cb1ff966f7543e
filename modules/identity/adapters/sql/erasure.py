"""What identity keeps about a person beside the account, found by foreign keys."""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from modules.identity.adapters.sql.tables import accounts, links, metadata, sessions
from modules.identity.domain.account import Account

OF_ACCOUNTS = [
    (table, key.parent)
    for table in metadata.sorted_tables
    for key in table.foreign_keys
    if key.column.table is accounts and table is not sessions
]
"""Each table whose rows belong to an account. A new one is in it without being told of."""


class SqlTraces:
    """Deletes what belongs to an account; of its sessions only what tells where they were used.

    The sessions stay, because their ids are what every process refuses until tokens expire.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def forget_ways_in(self, account: Account) -> None:
        """Delete what belongs to an account, but its links."""
        for table, column in OF_ACCOUNTS:
            if table is not links:
                await self._session.execute(delete(table).where(column == account.id))

    async def erase(self, account: Account) -> None:
        """Delete and empty it all."""
        for table, column in OF_ACCOUNTS:
            await self._session.execute(delete(table).where(column == account.id))
        nowhere = update(sessions).where(sessions.c.account_id == account.id)
        await self._session.execute(nowhere.values(address=None, user_agent=None, name=None))
