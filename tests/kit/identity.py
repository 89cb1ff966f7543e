"""Doubles of identity's ports: in memory, instant, counting what is asked of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from modules.identity.application.queries import SessionView, StoredCredentials
from modules.identity.domain.account import (
    Account,
    AccountUnknown,
    EmailAddress,
    EmailMalformed,
    EmailTaken,
)
from modules.identity.domain.api_key import ApiKey
from modules.identity.domain.federated import FederatedIdentity
from modules.identity.domain.refresh_token import RefreshToken
from modules.identity.domain.session import (
    AccessTokenRefused,
    Session,
    SessionLimits,
    SessionOver,
)
from modules.identity.ports import AccessToken, Verdict
from modules.identity.public import AccountView
from shared_kernel.application import AuditEntry, Besides, Caller
from shared_kernel.domain import AccountId, DomainEvent
from tests.kit.identity_accounts import (
    AccountsInMemory,
    account_view,
    credentials_of,
    open_account,
)
from tests.kit.identity_links import KeptLink, LinksInMemory, TracesInMemory
from tests.kit.identity_second_factors import (
    FactorsInMemory,
    KeptFactors,
    SecondFactorsInMemory,
)
from tests.kit.identity_sessions import SessionsInMemory
from tests.kit.identity_ways_in import ApiKeysInMemory, IdentitiesInMemory
from tests.kit.limits import Forgetting

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
LIMITS = SessionLimits()
PWD = ["pwd"]


def caller_of(session: Session) -> Caller:
    """Return the caller that a token of the session names."""
    return Caller(
        AccountId(session.account_id),
        session.id,
        authenticated_at=session.authenticated_at,
        methods=frozenset(session.methods),
    )


@dataclass
class MovableClock:
    """A clock that moves when it is told to."""

    time: datetime = NOON

    def now(self) -> datetime:
        return self.time

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self.time += by


@dataclass
class RecordedAudit:
    """An audit trail in memory."""

    entries: list[AuditEntry] = field(default_factory=list[AuditEntry])

    async def record(self, entry: AuditEntry) -> None:
        self.entries.append(entry)

    @property
    def actions(self) -> list[str]:
        """What was recorded, oldest first."""
        return [entry.action for entry in self.entries]


class LowercasedAddresses:
    """Takes whatever has an @ for an address."""

    def parse(self, text: str) -> EmailAddress:
        if text.count("@") != 1:
            raise EmailMalformed("this is no e-mail address", field="/email")
        return EmailAddress(written=text, normalized=text.lower())


@dataclass
class InstantPasswords:
    """Hashes at once. A hash that begins with `old` is outdated."""

    calls: int = 0

    async def hash(self, password: str) -> str:
        self.calls += 1
        return f"new:{password}"

    async def verify(self, password: str, stored: str | None) -> Verdict:
        self.calls += 1
        matches = stored in {f"new:{password}", f"old:{password}"}
        outdated = matches and stored == f"old:{password}"
        return Verdict(matches, f"new:{password}" if outdated else None)


class ChainedRefreshTokens:
    """The successor is the hash of the token."""

    def first(self) -> RefreshToken:
        return RefreshToken(uuid4(), sha256(uuid4().bytes).digest())

    def successors(self, token: RefreshToken) -> Sequence[RefreshToken]:
        return [RefreshToken(token.family, sha256(token.secret).digest())]


@dataclass
class PlainAccessTokens:
    """Tokens anybody can read, made only here."""

    issued: dict[str, tuple[Caller, datetime]] = field(
        default_factory=dict[str, tuple[Caller, datetime]]
    )

    def issue(self, session: Session, *, at: datetime, verified: bool) -> AccessToken:
        until = min(at + timedelta(minutes=10), session.expires_at)
        text = f"token-{len(self.issued)}"
        self.issued[text] = replace(caller_of(session), verified=verified), until
        return AccessToken(text, int((until - at).total_seconds()))

    async def verify(self, text: str, *, at: datetime) -> Caller:
        caller, until = self.issued.get(text, (None, at))
        if caller is None or at >= until:
            raise AccessTokenRefused("the access token is not valid")
        return caller


@dataclass
class LiveSessionsInMemory:
    """Believes what it is told."""

    over: set[UUID] = field(default_factory=set[UUID])

    async def require(self, session_id: UUID) -> None:
        if session_id in self.over:
            raise SessionOver("the session has ended; sign in again")

    def ended(self, session_ids: Sequence[UUID]) -> None:
        self.over.update(session_ids)


@dataclass
class IdentityInMemory:
    """Accounts and sessions, and the transactions, queries and records over them."""

    kept_accounts: dict[UUID, Account] = field(default_factory=dict[UUID, Account])
    kept_sessions: dict[UUID, Session] = field(default_factory=dict[UUID, Session])
    audited: list[AuditEntry] = field(default_factory=list[AuditEntry])
    events: list[DomainEvent] = field(default_factory=list[DomainEvent])
    links: dict[UUID, KeptLink] = field(default_factory=dict[UUID, KeptLink])
    live: LiveSessionsInMemory = field(default_factory=LiveSessionsInMemory)
    factors: KeptFactors = field(default_factory=KeptFactors)
    api_keys: dict[UUID, ApiKey] = field(default_factory=dict[UUID, ApiKey])
    identities: dict[UUID, FederatedIdentity] = field(default_factory=dict[UUID, FederatedIdentity])

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[TransactionInMemory]:
        """Keep what is added and audited when the block ends well."""
        tx = TransactionInMemory(self)
        yield tx
        tx.commit()

    async def account(self, account_id: AccountId) -> AccountView:
        found = self.kept_accounts.get(account_id)
        if found is None or found.closed_at is not None:
            raise AccountUnknown("there is no such account")
        return account_view(found)

    async def account_of(self, email_normalized: str) -> AccountView | None:
        found = self.open_account(email_normalized)
        return account_view(found) if found else None

    async def credentials_of(self, email_normalized: str) -> StoredCredentials | None:
        found = self.open_account(email_normalized)
        return await self._shown(found) if found else None

    async def credentials(self, account_id: AccountId) -> StoredCredentials | None:
        found = self.kept_accounts.get(account_id)
        return await self._shown(found) if found and found.closed_at is None else None

    async def _shown(self, found: Account) -> StoredCredentials:
        protected = bool(await SecondFactorsInMemory(self.factors).of(found.id))
        return replace(credentials_of(found), protected=protected)

    async def sessions(self, caller: Caller, *, at: datetime) -> Sequence[SessionView]:
        found = [
            SessionView(
                one.id,
                one.started_at,
                one.last_used_at,
                one.expires_at,
                one.address,
                one.user_agent,
                one.name,
                one.methods,
                one.id == caller.session_id,
                one.impersonator_id,
            )
            for one in self.kept_sessions.values()
            if one.account_id == caller.id
            and one.ended_at is None
            and one.expires_at > at
            and one.last_used_at > at - LIMITS.idle
        ]
        return sorted(found, key=lambda one: (one.started_at, one.id), reverse=True)

    async def ended_since(self, moment: datetime) -> Sequence[tuple[UUID, datetime]]:
        return [
            (one.id, one.ended_at)
            for one in self.kept_sessions.values()
            if one.ended_at is not None and one.ended_at >= moment
        ]

    async def has_ended(self, session_id: UUID) -> bool:
        found = self.kept_sessions.get(session_id)
        return found is None or found.ended_at is not None

    def open_account(self, email_normalized: str) -> Account | None:
        """Return the open account of an address."""
        return open_account(self.kept_accounts, email_normalized)


class TransactionInMemory(FactorsInMemory):
    """One transaction over the store."""

    def __init__(self, store: IdentityInMemory) -> None:
        self.accounts = AccountsInMemory(store.kept_accounts)
        self.links, self.traces = LinksInMemory(store.links), TracesInMemory(store.links)
        self.api_keys = ApiKeysInMemory(store.api_keys)
        self.identities = IdentitiesInMemory(store.identities, store.kept_accounts)
        super().__init__(store.factors, self.accounts)
        self.sessions = SessionsInMemory(
            store.kept_accounts, store.kept_sessions, self.second_factors
        )
        self._store = store
        self._entries: list[AuditEntry] = []
        self._events: list[DomainEvent] = []
        self._besides: list[Forgetting] = []

    def audit(self, entry: AuditEntry) -> None:
        self._entries.append(entry)

    def besides(self, what: Besides) -> None:
        assert isinstance(what, Forgetting)
        self._besides.append(what)

    def publish(self, event: DomainEvent) -> None:
        self._events.append(event)

    def commit(self) -> None:
        """Make it true."""
        super().commit()
        for account in self.accounts.added:
            if self._store.open_account(account.email_normalized):
                raise EmailTaken("an account has this address already", field="/email")
            self._store.kept_accounts[account.id] = account
        self._store.kept_sessions.update((one.id, one) for one in self.sessions.added)
        for account in self._store.kept_accounts.values():
            self._events.extend(account.release_events())
        self._store.audited.extend(self._entries)
        for one in self._besides:
            one.carry_out()
        self._store.events.extend(self._events)
        over = [one.id for one in self._store.kept_sessions.values() if one.ended_at is not None]
        self._store.live.ended(over)
