"""The transactions of identity, and what they hand out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol
from uuid import UUID

from modules.identity.domain.account import Account, EmailAddress
from modules.identity.domain.session import Session
from modules.identity.ports.pending import PendingSignIns, SecondFactors
from shared_kernel.application import Besides, UnitOfWork


class Accounts(Protocol):
    """The accounts, inside one transaction."""

    def add(self, aggregate: Account) -> None: ...

    async def get_locked(self, id: UUID) -> Account:
        """Return the account and keep others from changing it. Raises AccountUnknown."""
        ...

    async def several(self, ids: Collection[UUID]) -> Sequence[Account]:
        """Return those of the accounts that there are, by id, locked in this order."""
        ...

    async def open(self, account: Account) -> bool:
        """Add an account unless its address is taken. Say whether it was added."""
        ...

    async def holder_of(self, email: EmailAddress) -> Account | None:
        """Return the open account that has the address, locked."""
        ...

    async def is_verified(self, id: UUID) -> bool:
        """Say whether an account's address is proved to be its own, and not doubted."""
        ...


class Sessions(Protocol):
    """The sessions, inside one transaction. What is returned is locked until its end."""

    def add(self, aggregate: Session) -> None: ...

    async def start(self, session: Session, *, most: int, unprotected: bool) -> frozenset[str]:
        """Add a session of a locked account, and make room for it.

        Those longest unused end, so that `most` remain, and with them what they led. An
        `unprotected` one starts only where no second factor protects the account, however
        lately it came; returned are those that stood in the way.
        """
        ...

    async def current(self, account_id: UUID, session_id: UUID) -> tuple[Account, Session] | None:
        """Return an account and a session of its that has not ended, both locked.

        Who waited for the account does not get a session that ended meanwhile.
        """
        ...

    async def of_family(self, family: UUID) -> Session | None:
        """Return the session a family of refresh tokens belongs to, ended or not."""
        ...

    async def open_of(self, account_id: UUID) -> Sequence[Session]:
        """Return the sessions of an account that have not ended."""
        ...

    async def held_by(self, account_id: UUID) -> Sequence[Session]:
        """Return both: the sessions of an account, and those in which it acts as others."""
        ...

    async def led_by(self, impersonator_id: UUID) -> Sequence[Session]:
        """Return the sessions, not ended, in which an account acts as others."""
        ...


class Transaction(UnitOfWork, Protocol):
    """One transaction over accounts and sessions.

    Once it has committed, the sessions it ended are refused in this process at once.
    """

    def besides(self, what: Besides) -> None:
        """Have an adapter's own work done with this transaction, or not at all."""
        ...

    @property
    def accounts(self) -> Accounts: ...

    @property
    def sessions(self) -> Sessions: ...

    @property
    def second_factors(self) -> SecondFactors: ...

    @property
    def pending_sign_ins(self) -> PendingSignIns: ...


Begin = Callable[[], AbstractAsyncContextManager[Transaction]]
