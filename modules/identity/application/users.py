"""What administrators see of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from modules.identity.application.queries import SessionView
from modules.identity.domain.account import AccountStatus
from modules.identity.domain.session import EndReason
from modules.identity.ports import EmailAddresses
from shared_kernel.application import Caller, Page, Slice


class UserSort(StrEnum):
    """What a list of users is sorted by; `-` turns it round."""

    REGISTERED = "registered_at"
    LATEST_REGISTERED = "-registered_at"
    EMAIL = "email"
    EMAIL_BACKWARDS = "-email"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter:
    """Which users to list: those who meet all that is given.

    `email` is an address, however it is written; `email_prefix` what one begins with, literally.
    """

    email: str | None = None
    email_prefix: str | None = None
    status: AccountStatus | None = None
    verified: bool | None = None


@dataclass(frozen=True, slots=True)
class UserSummary:
    """An account in a list."""

    id: UUID
    version: int
    email: str
    email_verified: bool
    display_name: str | None
    locale: str | None
    status: AccountStatus
    registered_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class UserView(UserSummary):
    """An account, and what opens and protects it; never a secret.

    ways_in         `password`, `passkey`, and the providers that open it
    second_factors  `otp`, `passkey`
    """

    password_changed_at: datetime | None
    ways_in: Sequence[str]
    second_factors: Sequence[str]
    recovery_codes_left: int
    api_keys: int


@dataclass(frozen=True, slots=True)
class SignInView:
    """A session, from its sign-in to its end; null where it has not ended.

    `methods` (RFC 8176) tell how the owner was recognised, or the administrator who acted as them:
    `impersonator_id`. One that expired is ended when it is next used, or never.
    """

    session_id: UUID
    started_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    end_reason: EndReason | None
    address: str | None
    user_agent: str | None
    name: str | None
    methods: Sequence[str]
    impersonator_id: UUID | None


class UserQueries(Protocol):
    """Reads, outside any transaction."""

    async def users(self, where: UserFilter, sort: UserSort, part: Slice) -> Page[UserSummary]:
        """Return accounts; `where.email` and `where.email_prefix` are normalised."""
        ...

    async def user(self, account_id: UUID) -> UserView:
        """Return an account, closed or not. Raises AccountUnknown."""
        ...

    async def sessions_of(
        self, caller: Caller, account_id: UUID, *, at: datetime
    ) -> Sequence[SessionView]:
        """Return the live sessions of an account, the newest first. Raises AccountUnknown."""
        ...

    async def sign_ins(self, account_id: UUID, part: Slice) -> Page[SignInView]:
        """Return the sessions of an account, the newest first. Raises AccountUnknown."""
        ...


@dataclass(frozen=True, slots=True)
class FindUsers:
    """Lists accounts for administrators."""

    queries: UserQueries
    emails: EmailAddresses

    async def __call__(self, where: UserFilter, sort: UserSort, part: Slice) -> Page[UserSummary]:
        """Raise EmailMalformed for an address that is none."""
        email, prefix = where.email, where.email_prefix
        normalized = UserFilter(
            email=None if email is None else self.emails.parse(email).normalized,
            email_prefix=None if prefix is None else prefix.lower(),
            status=where.status,
            verified=where.verified,
        )
        return await self.queries.users(normalized, sort, part)
