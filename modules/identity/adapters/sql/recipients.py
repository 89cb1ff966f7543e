"""Where mail for an account goes."""

from __future__ import annotations

from sqlalchemy import Uuid, bindparam, select

from modules.identity.adapters.sql.tables import accounts
from modules.identity.domain.account import AccountStatus
from modules.identity.ports.mail import Recipient
from shared_kernel.adapters.sql import Database, Query
from shared_kernel.domain import AccountId

RECIPIENT = Query(
    select(accounts.c.email, accounts.c.locale).where(
        accounts.c.id == bindparam("id", type_=Uuid()),
        accounts.c.status != AccountStatus.ERASED,
    ),
    Recipient,
)


class SqlRecipients:
    """Reads addresses. A closed account still has one, until it is erased."""

    def __init__(self, database: Database) -> None:
        self._reads = database.reads

    async def of(self, account_id: AccountId) -> Recipient | None:
        return await RECIPIENT.first(self._reads, id=account_id)
