"""What is read from identity's tables, outside any transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from modules.identity.adapters.sql.factors import is_protected
from modules.identity.adapters.sql.tables import accounts, sessions
from modules.identity.application.queries import SessionView, StoredCredentials
from modules.identity.domain.account import AccountStatus, AccountUnknown
from modules.identity.domain.session import SessionLimits
from modules.identity.public import AccountView
from shared_kernel.adapters.sql import Database, Query, moment
from shared_kernel.application import Caller
from shared_kernel.domain import AccountId

IS_OPEN = accounts.c.closed_at.is_(None)
HAS_ID = accounts.c.id == bindparam("id", type_=Uuid())
HAS_EMAIL = accounts.c.email_normalized == bindparam("email", type_=accounts.c.email.type)


IS_VERIFIED = accounts.c.email_verified_at.is_not(None) & accounts.c.doubted_at.is_(None)


def _account(id: UUID, email: str, registered_at: datetime, verified: bool) -> AccountView:
    return AccountView(AccountId(id), email, registered_at, verified)


def _credentials(
    id: UUID,
    password_hash: str | None,
    active: bool,
    verified: bool,
    protected: bool,
) -> StoredCredentials:
    return StoredCredentials(AccountId(id), password_hash, active, verified, protected)


_accounts = select(
    accounts.c.id, accounts.c.email, accounts.c.registered_at, IS_VERIFIED.label("verified")
).where(IS_OPEN)
_secrets = select(
    accounts.c.id,
    accounts.c.password_hash,
    (accounts.c.status == AccountStatus.ACTIVE).label("active"),
    IS_VERIFIED.label("verified"),
    is_protected(accounts.c.id).label("protected"),
).where(IS_OPEN)

ACCOUNT = Query(_accounts.where(HAS_ID), _account)
ACCOUNT_OF = Query(_accounts.where(HAS_EMAIL), _account)
CREDENTIALS = Query(_secrets.where(HAS_ID), _credentials)
CREDENTIALS_OF = Query(_secrets.where(HAS_EMAIL), _credentials)

LIVE_SESSIONS = Query(
    select(
        sessions.c.id,
        sessions.c.started_at,
        sessions.c.last_used_at,
        sessions.c.expires_at,
        sessions.c.address,
        sessions.c.user_agent,
        sessions.c.name,
        sessions.c.methods,
        (sessions.c.id == bindparam("current", type_=Uuid())).label("current"),
        sessions.c.impersonator_id,
    )
    .where(
        sessions.c.account_id == bindparam("account_id", type_=Uuid()),
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > bindparam("now", type_=moment()),
        sessions.c.last_used_at > bindparam("idle_since", type_=moment()),
    )
    .order_by(sessions.c.started_at.desc(), sessions.c.id.desc()),
    SessionView,
)


def _ended(id: UUID, ended_at: datetime | None) -> tuple[UUID, datetime | None]:
    return id, ended_at


ENDED_SINCE = Query(
    select(sessions.c.id, sessions.c.ended_at).where(
        sessions.c.ended_at >= bindparam("since", type_=moment())
    ),
    _ended,
)
ENDING = Query(
    select(sessions.c.id, sessions.c.ended_at).where(
        sessions.c.id == bindparam("id", type_=Uuid())
    ),
    _ended,
)


class SqlIdentityQueries:
    """Reads accounts and sessions through the read pool."""

    def __init__(self, database: Database, limits: SessionLimits) -> None:
        self._reads, self._limits = database.reads, limits

    async def account(self, account_id: AccountId) -> AccountView:
        """Return an open account. Raises AccountUnknown."""
        found = await ACCOUNT.first(self._reads, id=account_id)
        if found is None:
            raise AccountUnknown("there is no such account")
        return found

    async def account_of(self, email_normalized: str) -> AccountView | None:
        """Return the open account that has the address."""
        return await ACCOUNT_OF.first(self._reads, email=email_normalized)

    async def credentials_of(self, email_normalized: str) -> StoredCredentials | None:
        """Return what the open account of the address is protected by."""
        return await CREDENTIALS_OF.first(self._reads, email=email_normalized)

    async def credentials(self, account_id: AccountId) -> StoredCredentials | None:
        """Return what an open account is protected by."""
        return await CREDENTIALS.first(self._reads, id=account_id)

    async def sessions(self, caller: Caller, *, at: datetime) -> Sequence[SessionView]:
        """Return the caller's live sessions, the newest first."""
        return await LIVE_SESSIONS.all(
            self._reads,
            account_id=caller.id,
            current=caller.session_id,
            now=at,
            idle_since=at - self._limits.idle,
        )


class SqlSessionRecords:
    """Reads which sessions have ended."""

    def __init__(self, database: Database) -> None:
        self._reads = database.reads

    async def ended_since(self, moment: datetime) -> Sequence[tuple[UUID, datetime]]:
        """Return the sessions that ended at or after the moment, and when."""
        rows = await ENDED_SINCE.all(self._reads, since=moment)
        return [(id, ended_at) for id, ended_at in rows if ended_at is not None]

    async def has_ended(self, session_id: UUID) -> bool:
        """Say whether one session has ended or was never there."""
        found = await ENDING.first(self._reads, id=session_id)
        return found is None or found[1] is not None
