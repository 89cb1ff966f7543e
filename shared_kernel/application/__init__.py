"""Ports and values every application ring shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol
from uuid import UUID

from shared_kernel.application.commands import ABSENT as ABSENT
from shared_kernel.application.commands import Absent as Absent
from shared_kernel.application.commands import Aware as Aware
from shared_kernel.application.commands import Command as Command
from shared_kernel.application.commands import Matches as Matches
from shared_kernel.application.commands import given as given
from shared_kernel.application.conditions import Condition, Facts
from shared_kernel.application.paging import MOST_COUNTED as MOST_COUNTED
from shared_kernel.application.paging import Page as Page
from shared_kernel.application.paging import Slice as Slice
from shared_kernel.application.paging import Total as Total
from shared_kernel.application.views import Sparse as Sparse
from shared_kernel.application.views import view as view
from shared_kernel.domain import AccountId, DomainEvent, Forbidden, Limit, Permission

NOTHING: Mapping[str, str] = MappingProxyType({})


class Clock(Protocol):
    """The time, so that tests can choose it."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        ...


class Means(StrEnum):
    """What a request is authenticated with."""

    TOKEN = "token"  # noqa: S105 - the name of a means
    COOKIE = "cookie"
    KEY = "key"


SECOND_FACTOR = "mfa"
"""The method (RFC 8176) of a caller who has proved more than one factor."""

FRESH = timedelta(minutes=10)
"""How long a proof of identity is good enough for sensitive actions."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking. Proved once at the edge, passed first to every use case.

    session_id        the session, or the API key, the request belongs to
    authenticated_at  when the person last proved who they are; None where nobody did
    methods           how (RFC 8176: `pwd`, `otp`, `mfa` ...)
    impersonator_id   the administrator who acts as this account
    scope             the permissions an API key is limited to; None leaves all of the account's
    verified          the account's e-mail address has been proved to be its own
    """

    id: AccountId
    session_id: UUID
    authenticated_at: datetime | None = None
    methods: frozenset[str] = frozenset()
    impersonator_id: AccountId | None = None
    scope: frozenset[str] | None = None
    means: Means = Means.TOKEN
    verified: bool = True

    def is_fresh(self, *, at: datetime) -> bool:
        """Say whether the caller proved who they are within the last ten minutes."""
        return self.authenticated_at is not None and at - self.authenticated_at <= FRESH

    def with_second_factor(self) -> Caller:
        """Return who the caller would be after proving a second factor."""
        return replace(self, methods=self.methods | {SECOND_FACTOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a request carries to prove who is asking."""

    authorization: str | None
    cookie: str | None = None


class CallerSource(Protocol):
    """Turns credentials into a caller. The module that knows accounts provides it."""

    async def identify(self, credentials: Credentials) -> Caller | None:
        """Return the caller, or None for a request without credentials.

        Raises Unauthenticated when credentials are there and do not hold.
        """
        ...


class Authorizer(Protocol):
    """Decides who may do what. The module that knows roles provides it.

    Every answer comes from memory, in microseconds. Unknown names are refused, and what is outside
    the scope of an API key. A caller of None is a stranger.
    """

    def permits(self, caller: Caller, permission: str) -> bool:
        """Say whether the caller holds the permission, whatever it is used on."""
        ...

    def could_permit(self, caller: Caller, permission: str) -> bool:
        """Say whether there may be an object on which the caller may do this."""
        ...

    def allows(self, caller: Caller | None, permission: str, facts: Facts) -> bool:
        """Say whether the caller may do this to the object of which these facts hold."""
        ...

    def condition(self, caller: Caller | None, permission: str, known: Facts) -> Condition:
        """Return the condition, on the resource alone, under which the caller may do this.

        Of objects of which the facts `known` hold: what they decide is left out.
        """
        ...


class Refusals(Protocol):
    """Keeps why somebody was refused, for those who may look it up."""

    async def record(self, refusal: Forbidden, caller: Caller | None) -> None:
        """Save the refusal under its `decision_id`, in a transaction of its own."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionCatalogue:
    """Every permission the modules declare, and the grants their default roles start with."""

    permissions: Sequence[Permission]
    roles: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where work comes from: kept beside logs and audit entries.

    Nothing is decided by it but what a policy says of the client's address.
    """

    request_id: str
    trace_id: str | None = None
    address: str | None = None
    actor_id: AccountId | None = None
    impersonator_id: AccountId | None = None

    def by(self, actor_id: AccountId, impersonator_id: AccountId | None = None) -> Origin:
        """Return the same, done by an account, or by somebody who acts as it.

        On every request: `replace` takes thrice as long.
        """
        return Origin(
            request_id=self.request_id,
            trace_id=self.trace_id,
            address=self.address,
            actor_id=actor_id,
            impersonator_id=impersonator_id,
        )


origin: ContextVar[Origin] = ContextVar("origin", default=Origin(request_id="-"))  # noqa: B039 - frozen


class Outcome(StrEnum):
    """How an audited attempt ended."""

    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the audit log. `detail` holds plain facts, never secrets.

    Who asked, from where and in which request is added from `origin`; `actor_id` overrides it
    where the actor becomes known on the way (a sign-in). Whoever acts as the actor is added to
    `detail`, as `impersonator_id`.
    """

    action: str
    occurred_at: datetime
    outcome: Outcome = Outcome.DONE
    subject_id: UUID | None = None
    actor_id: AccountId | None = None
    detail: Mapping[str, str] = field(default_factory=lambda: NOTHING)


class AuditTrail(Protocol):
    """Keeps refusals and security events. State changes are kept by the unit of work itself."""

    async def record(self, entry: AuditEntry) -> None:
        """Save the entry in a transaction of its own: it survives whatever follows."""
        ...


class InSteps:
    """A subscriber that does its work in several transactions, each of which finds what is left.

    Any other subscriber writes in one unit of work, and is not called again for an event whose
    unit of work has committed. One that works in steps is called until it ends without an error.
    """

    __slots__ = ()


class Besides:
    """What one adapter has done in the transaction of another. Only adapters know what it is."""

    __slots__ = ()


class UnitOfWork(Protocol):
    """One transaction. Leaving it normally commits, leaving it by an error rolls back.

    Every event recorded by an aggregate it handed out is saved with the state, to the outbox and
    to the audit log.
    """

    def audit(self, entry: AuditEntry) -> None:
        """Save an entry with the change, for what no event tells."""
        ...

    def publish(self, event: DomainEvent) -> None:
        """Save an event that no single aggregate records."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What became of one request under a limit.

    taken          how many were allowed in the window, this one included if it is
    wait           how long the next one has to wait; nothing while some are left
    ends_in        how long it takes until the window, or the wait, is over
    first_refusal  it is the first to be refused since one was allowed: the one to tell about
    """

    allowed: bool
    taken: int
    wait: timedelta
    ends_in: timedelta
    first_refusal: bool = False


@dataclass(frozen=True, slots=True)
class Counter:
    """What is counted: requests under a key, for a limit."""

    limit: Limit
    key: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What became of the limit of whoever sent the request that is under way."""

    limit: Limit
    allowance: Allowance


spent: ContextVar[Spent | None] = ContextVar("spent", default=None)
"""Set by whoever counts a request, for its answer to tell how many are left."""


class RateLimiter(Protocol):
    """Counts, exactly, over all processes. Each call commits by itself and raises Unavailable."""

    async def take(self, counters: Sequence[Counter], *, at: datetime) -> Sequence[Allowance]:
        """Count a request under each, up to the first that has none left, which comes last.

        What is refused is not counted, nor is what comes after it. In one go, so that the request
        waits for the database once.
        """
        ...

    async def give_back(self, counters: Sequence[Counter]) -> None:
        """Take back one request under each, which was counted and came to nothing."""
        ...

    async def forget(self, counters: Sequence[Counter]) -> None:
        """Count from the beginning again."""
        ...

    def forgetting(self, counters: Sequence[Counter]) -> Besides:
        """Return the same for a transaction to do, if it commits."""
        ...
