"""What identity shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from modules.identity.public import AccountView
from shared_kernel.application import Caller
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True)
class SessionView:
    """One device that is signed in. `impersonator_id`: the administrator who acts as the owner."""

    id: UUID
    started_at: datetime
    last_used_at: datetime
    expires_at: datetime
    address: str | None
    user_agent: str | None
    name: str | None
    methods: Sequence[str]
    current: bool
    impersonator_id: UUID | None


@dataclass(frozen=True, slots=True)
class StoredCredentials:
    """What a password is checked against. Never leaves the application ring.

    `active`: the account is not suspended. `verified`: its address is its owner's. `protected`:
    a second factor is asked for, too.
    """

    account_id: AccountId
    password_hash: str | None = field(repr=False)
    active: bool = True
    verified: bool = False
    protected: bool = False


class IdentityQueries(Protocol):
    """Reads, outside any transaction."""

    async def account(self, account_id: AccountId) -> AccountView:
        """Return an open account. Raises AccountUnknown."""
        ...

    async def account_of(self, email_normalized: str) -> AccountView | None:
        """Return the open account that has the address."""
        ...

    async def credentials_of(self, email_normalized: str) -> StoredCredentials | None:
        """Return what the open account of the address is protected by."""
        ...

    async def credentials(self, account_id: AccountId) -> StoredCredentials | None:
        """Return what an open account is protected by."""
        ...

    async def sessions(self, caller: Caller, *, at: datetime) -> Sequence[SessionView]:
        """Return the caller's live sessions, the newest first."""
        ...
