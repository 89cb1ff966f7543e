"""Sign-ins that wait for a second factor, in PostgreSQL."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Select,
    Uuid,
    bindparam,
    delete,
    select,
    true,
)
from sqlalchemy.orm import aliased

from modules.identity.adapters.sql.fleeting import Fleeting
from modules.identity.adapters.sql.second_factors import SqlAuthenticators
from modules.identity.adapters.sql.tables.accounts import accounts
from modules.identity.adapters.sql.tables.second_factors import authenticators, pending_sign_ins
from modules.identity.domain.account import Account
from modules.identity.domain.authenticator import Authenticator
from modules.identity.domain.pending_sign_in import MOST_ATTEMPTS, PendingSignIn
from shared_kernel.adapters.sql import Addition, SqlUnitOfWork, moment

WAITING = Fleeting(pending_sign_ins, pending_sign_ins.c.token_hash)
TABLE = pending_sign_ins.c


def _taking() -> Select[*tuple[Any, ...]]:
    """Return the statement that locks an account and takes what waits there.

    The account is locked first, as everywhere: what waits is looked for by its row. Who waited
    for the lock finds what was taken meanwhile gone, and the app as it is by then.
    """
    owner_id = bindparam("owner_id", type_=Uuid())
    owner = select(accounts).where(accounts.c.id == owner_id).with_for_update().cte("owner")
    app = (
        select(authenticators)
        .join(owner, owner.c.id == authenticators.c.account_id)
        .with_for_update(of=authenticators)
        .cte("app")
    )
    taken = (
        delete(pending_sign_ins)
        .where(TABLE.account_id == owner.c.id, TABLE.token_hash == bindparam("asked_hash"))
        .where(TABLE.expires_at > bindparam("at", type_=moment()), TABLE.attempts < MOST_ATTEMPTS)
        .returning(*TABLE)
        .cte("taken")
    )
    shown = select(aliased(Account, owner), aliased(Authenticator, app), *taken.c)
    return shown.select_from(owner).join(taken, true()).outerjoin(app, true())


TAKING = _taking()
FORGOTTEN = (
    delete(pending_sign_ins)
    .where(TABLE.account_id == bindparam("no_longer_of", type_=Uuid()))
    .cte("no_longer_waiting")
)


class SqlPendingSignIns:
    """Sign-ins in `identity.pending_sign_ins`, each until it is finished or over."""

    def __init__(self, uow: SqlUnitOfWork, apps: SqlAuthenticators) -> None:
        self._uow, self._session, self._apps = uow, uow.session, apps
        self._forgotten: set[UUID] = set()

    def add(self, pending: PendingSignIn) -> None:
        """Let a sign-in wait."""
        self._uow.besides(WAITING.addition(asdict(pending)))

    async def find(self, token_hash: bytes, *, at: datetime) -> PendingSignIn | None:
        """Return the sign-in while it may still be finished."""
        open_still = (TABLE.expires_at > at, TABLE.attempts < MOST_ATTEMPTS)
        found = select(*TABLE).where(TABLE.token_hash == token_hash, *open_still)
        row = (await self._session.execute(found)).mappings().one_or_none()
        return PendingSignIn(**row) if row is not None else None

    async def take(
        self, pending: PendingSignIn, *, at: datetime
    ) -> tuple[Account, PendingSignIn] | None:
        """Forget a sign-in, and return its account, locked."""
        asked = {"owner_id": pending.account_id, "asked_hash": pending.token_hash, "at": at}
        row = (await self._session.execute(TAKING, asked)).one_or_none()
        if row is None:
            return None
        account, app, *values = row
        self._uow.seen.append(account)
        self._apps.found(account.id, app)
        names = [one.name for one in TABLE]
        return account, PendingSignIn(**dict(zip(names, values, strict=True)))

    def forget_of(self, account_id: UUID) -> None:
        """Let no sign-in of the account be finished any more. Twice is once."""
        if account_id not in self._forgotten:
            self._forgotten.add(account_id)
            self._uow.besides(Addition((FORGOTTEN,), {"no_longer_of": account_id}))
