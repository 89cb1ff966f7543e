"""Transactions over accounts and sessions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert

from modules.identity.adapters.sql.api_keys import SqlApiKeys, SqlServiceAccounts
from modules.identity.adapters.sql.erasure import SqlTraces
from modules.identity.adapters.sql.federation import (
    SqlIdentities,
    SqlKeptProofs,
    SqlVisits,
    SqlWaysIn,
)
from modules.identity.adapters.sql.links import SqlLinks
from modules.identity.adapters.sql.passkeys import SqlChallenges, SqlPasskeys
from modules.identity.adapters.sql.pending import SqlPendingSignIns
from modules.identity.adapters.sql.reads import IS_VERIFIED
from modules.identity.adapters.sql.second_factors import (
    SqlAuthenticators,
    SqlRecoveryCodes,
    SqlSecondFactors,
)
from modules.identity.adapters.sql.starting import START, starting
from modules.identity.adapters.sql.tables import UNIQUE_EMAIL, UNIQUE_NAME, accounts, sessions
from modules.identity.adapters.sql.tables.federation import UNIQUE_IDENTITY
from modules.identity.adapters.sql.tables.passkeys import UNIQUE_CREDENTIAL
from modules.identity.domain.account import Account, AccountUnknown, EmailAddress, EmailTaken
from modules.identity.domain.federated import IdentityTaken
from modules.identity.domain.passkey import PasskeyTaken
from modules.identity.domain.second_factor import demanded
from modules.identity.domain.service_account import ServiceAccountNameTaken
from modules.identity.domain.session import Session, SessionUnknown
from modules.identity.ports import LiveSessions
from shared_kernel.adapters.sql import (
    AuditWriter,
    Constraints,
    Database,
    Outbox,
    SqlRepository,
    SqlUnitOfWork,
)


class SqlAccounts(SqlRepository[Account]):
    """Accounts in `identity.accounts`."""

    aggregate = Account
    missing = AccountUnknown

    async def open(self, account: Account) -> bool:
        """Add an account unless its address is taken: one statement, whichever it is."""
        columns = {one.key: getattr(account, one.key) for one in accounts.c}
        made = insert(accounts).values({**columns, "version": 1})  # the session would count it
        free = made.on_conflict_do_nothing(
            index_elements=[accounts.c.email_normalized],
            index_where=accounts.c.closed_at.is_(None),
        )
        if await self._session.scalar(free.returning(accounts.c.id)) is None:
            return False
        self._uow.seen.append(account)
        return True

    async def several(self, ids: Collection[UUID]) -> Sequence[Account]:
        """Return accounts by id, locked in one order by everybody."""
        found = select(Account).where(accounts.c.id.in_(ids)).order_by(accounts.c.id)
        return self._tracked(await self._session.scalars(found.with_for_update()))

    async def holder_of(self, email: EmailAddress) -> Account | None:
        """Return the open account that has the address, locked."""
        same = accounts.c.email_normalized == email.normalized
        found = select(Account).where(same, accounts.c.closed_at.is_(None)).with_for_update()
        return next(iter(self._tracked(await self._session.scalars(found))), None)

    async def is_verified(self, id: UUID) -> bool:
        """Say whether an account's address is proved to be its own, and not doubted."""
        found = select(IS_VERIFIED).where(accounts.c.id == id)
        return bool(await self._session.scalar(found))


class SqlSessions(SqlRepository[Session]):
    """Sessions in `identity.sessions`. Every one read here is locked: it is read to be changed."""

    aggregate = Session
    missing = SessionUnknown

    def __init__(self, uow: SqlUnitOfWork) -> None:
        super().__init__(uow)
        self._found_live: list[Session] = []
        self._evicted: list[UUID] = []

    @property
    def ended(self) -> Sequence[UUID]:
        """Return which sessions this transaction ends."""
        return [*self._evicted, *(one.id for one in self._found_live if one.ended_at is not None)]

    async def start(self, session: Session, *, most: int, unprotected: bool) -> frozenset[str]:
        """Add a session and make room for it, in one statement."""
        values = starting(session, most=most, unprotected=unprotected)
        rows = (await self._session.execute(START, values)).all()
        in_the_way = demanded([kind for kind, _ in rows if kind is not None])
        if unprotected and in_the_way:
            return in_the_way
        self._evicted.extend(id for _, id in rows if id is not None)
        self._uow.seen.append(session)
        return frozenset()

    def _tracked(self, aggregates: Iterable[Session]) -> list[Session]:
        found = super()._tracked(aggregates)
        self._found_live.extend(one for one in found if one.ended_at is None)
        return found

    async def current(self, account_id: UUID, session_id: UUID) -> tuple[Account, Session] | None:
        """Return an account and a session of its that goes on, both locked, in that order."""
        same = (accounts.c.id == account_id, sessions.c.id == session_id)
        found = (
            select(Account, Session)
            .join(sessions, sessions.c.account_id == accounts.c.id)
            .where(*same, sessions.c.ended_at.is_(None))
            .with_for_update()
        )
        row = (await self._session.execute(found)).one_or_none()
        if row is None:
            return None
        account, session = row
        self._uow.seen.append(account)
        self._tracked([session])
        return account, session

    async def of_family(self, family: UUID) -> Session | None:
        """Return the session a family of refresh tokens belongs to."""
        found = select(Session).where(sessions.c.family == family).with_for_update()
        return next(iter(self._tracked(await self._session.scalars(found))), None)

    async def open_of(self, account_id: UUID) -> Sequence[Session]:
        """Return the open sessions of an account, locked in one order by everybody."""
        return await self._open(sessions.c.account_id == account_id)

    async def held_by(self, account_id: UUID) -> Sequence[Session]:
        """Return the open sessions of an account, and those in which it acts as others."""
        own, led = sessions.c.account_id == account_id, sessions.c.impersonator_id == account_id
        return await self._open(own | led)

    async def led_by(self, impersonator_id: UUID) -> Sequence[Session]:
        """Return the open sessions in which an account acts as others."""
        return await self._open(sessions.c.impersonator_id == impersonator_id)

    async def _open(self, condition: ColumnElement[bool]) -> Sequence[Session]:
        found = select(Session).where(condition, sessions.c.ended_at.is_(None))
        return self._tracked(
            await self._session.scalars(found.order_by(sessions.c.id).with_for_update())
        )


class IdentityUnitOfWork(SqlUnitOfWork):
    """One transaction. Whatever sessions it ended are refused as soon as it has committed."""

    constraints: ClassVar[Constraints] = {
        UNIQUE_EMAIL: EmailTaken("an account has this address already", field="/email"),
        UNIQUE_NAME: ServiceAccountNameTaken("another one has this name", field="/name"),
        UNIQUE_IDENTITY: IdentityTaken("this identity opens another account"),
        UNIQUE_CREDENTIAL: PasskeyTaken("this passkey opens an account already"),
    }

    def __init__(
        self, database: Database, outbox: Outbox, audit: AuditWriter, live: LiveSessions
    ) -> None:
        super().__init__(database, outbox, audit)
        self.accounts, self.sessions = SqlAccounts(self), SqlSessions(self)
        self.identities, self.ways_in = SqlIdentities(self), SqlWaysIn(self.session)
        self.visits, self.proofs = SqlVisits(self), SqlKeptProofs(self)
        self.api_keys, self.service_accounts = SqlApiKeys(self), SqlServiceAccounts(self)
        self.second_factors = SqlSecondFactors(self.session)
        self.authenticators = SqlAuthenticators(self)
        self.pending_sign_ins = SqlPendingSignIns(self, self.authenticators)
        self.recovery_codes = SqlRecoveryCodes(self)
        self.passkeys, self.challenges = SqlPasskeys(self), SqlChallenges(self)
        self.links, self.traces = SqlLinks(self), SqlTraces(self.session)
        self._live = live

    async def _commit(self) -> None:
        await super()._commit()
        if ended := self.sessions.ended:
            self._live.ended(ended)
