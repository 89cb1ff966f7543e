"""Doubles for the ports of access, in memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import (
    AsyncIterator,
    Callable,
    Collection,
    Iterable,
    Sequence,
)
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from modules.access.domain import Stake
from modules.access.ports import Changes, StoredAssignment, StoredGrant, StoredPolicy, StoredRole
from modules.identity.public import AccountView
from shared_kernel.application import AuditEntry, Caller, PermissionCatalogue
from shared_kernel.application.conditions import FALSE, TRUE, Condition, Facts
from shared_kernel.domain import AccountId, Permission, new_id

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def calling(account_id: AccountId) -> Caller:
    """Return the account as a caller, in some session."""
    return Caller(account_id, new_id())


class Noon:
    """A clock that stands."""

    def now(self) -> datetime:
        return NOON


@dataclass
class FakePolicy:
    """Counts how often the policy was said to have changed.

    `lost` are the permissions that nobody would hold after a change.
    """

    changes: int = 0
    lost: set[str] = field(default_factory=set[str])

    async def changed(self) -> None:
        self.changes += 1

    @property
    def version(self) -> int:
        return self.changes

    def supposing(
        self, roles: Sequence[StoredRole], policies: Sequence[StoredPolicy]
    ) -> FakeFuture:
        return FakeFuture(lost=self.lost)

    def answering(self, what: str) -> AbstractContextManager[None]:
        return nullcontext()


@dataclass
class FakeAuthorizer:
    """Permits what it was told to permit."""

    held: set[tuple[AccountId, str]] = field(default_factory=set[tuple[AccountId, str]])

    def permits(self, caller: Caller, permission: str) -> bool:
        return (caller.id, permission) in self.held

    def could_permit(self, caller: Caller, permission: str) -> bool:
        return self.permits(caller, permission)

    def allows(self, caller: Caller | None, permission: str, facts: Facts) -> bool:
        return caller is not None and self.permits(caller, permission)

    def condition(self, caller: Caller | None, permission: str, known: Facts) -> Condition:
        return TRUE if self.allows(caller, permission, known) else FALSE


@dataclass
class FakeFuture(FakeAuthorizer):
    """Permits everybody everything but what is lost."""

    lost: set[str] = field(default_factory=set[str])

    def permits(self, caller: Caller, permission: str) -> bool:
        return permission not in self.lost


class FakeGiving:
    """Lets everybody give on what they hold."""

    def lacking(
        self, caller: Caller, stake: Stake, *, role: str | None = None, until: datetime | None
    ) -> Collection[str]:
        return ()

    def lasts(
        self, caller: Caller, permissions: Collection[str], facts: Facts, *, until: datetime | None
    ) -> bool:
        return True


class FakeAccounts:
    """Every account is open but those that were closed. Registers and finds nobody."""

    def __init__(self) -> None:
        self.closed: set[AccountId] = set()

    async def register(self, email: str, password: str) -> AccountId:
        raise NotImplementedError

    async def find(self, email: str) -> AccountView | None:
        raise NotImplementedError

    async def is_open(self, account_id: AccountId) -> bool:
        return account_id not in self.closed

    async def can_sign_in(self, account_id: AccountId) -> bool:
        return await self.is_open(account_id)


@dataclass
class FakeTrail:
    """Keeps what was recorded in a transaction of its own."""

    entries: list[AuditEntry] = field(default_factory=list[AuditEntry])

    async def record(self, entry: AuditEntry) -> None:
        self.entries.append(entry)


@dataclass
class FakePolicyStore:
    """A stored policy that can be changed, and that can be away (`error`)."""

    current: int = 1
    kept: list[StoredRole] = field(default_factory=list[StoredRole])
    added: list[StoredPolicy] = field(default_factory=list[StoredPolicy])
    held: list[StoredAssignment] = field(default_factory=list[StoredAssignment])
    shared: list[StoredGrant] = field(default_factory=list[StoredGrant])
    error: Exception | None = None

    async def version(self) -> int:
        if self.error is not None:
            raise self.error
        return self.current

    async def roles(self) -> Sequence[StoredRole]:
        return list(self.kept)

    async def policies(self) -> Sequence[StoredPolicy]:
        return list(self.added)

    async def changes(self, since: int) -> Changes:
        return Changes(rules=True, given=None)

    async def lasting(self) -> AsyncIterator[tuple[UUID, Sequence[int]]]:
        lasting = [one for one in self.held if _lasts(one)]
        for start in range(0, len(lasting), 100):
            part = lasting[start : start + 100]
            for role_id in {one.role_id for one in part}:
                yield role_id, [one.account_id.int for one in part if one.role_id == role_id]
            await asyncio.sleep(0)

    async def assignments(
        self, of: Collection[UUID] | None = None
    ) -> AsyncIterator[Sequence[StoredAssignment]]:
        yield [one for one in self.held if not _lasts(one)]

    async def grants(
        self, of: Collection[UUID] | None = None
    ) -> AsyncIterator[Sequence[StoredGrant]]:
        yield list(self.shared)

    def add_role(
        self, name: str, *permissions: str, guarded: bool = False, inherits: Sequence[str] = ()
    ) -> UUID:
        """Keep a role, and count the version up."""
        self.kept.append(StoredRole(new_id(), name, guarded, permissions, inherits))
        self.current += 1
        return self.kept[-1].id

    def add_policy(self, policy: StoredPolicy) -> None:
        """Keep a policy, and count the version up."""
        self.added.append(policy)
        self.current += 1

    def assign(
        self,
        account_id: AccountId,
        role_id: UUID,
        scope: str = "",
        expires_at: datetime | None = None,
    ) -> None:
        """Keep an assignment, and count the version up."""
        self.held.append(StoredAssignment(new_id(), account_id, role_id, scope, expires_at))
        self.current += 1

    def share(self, grant: StoredGrant) -> None:
        """Keep a grant, and count the version up."""
        self.shared.append(grant)
        self.current += 1


def _lasts(one: StoredAssignment) -> bool:
    return one.scope == "" and one.expires_at is None


def catalogue_with(
    *names: str, roles: dict[str, Iterable[str]] | None = None
) -> PermissionCatalogue:
    """Return a catalogue of these permissions, with these default roles."""
    return PermissionCatalogue(
        permissions=[Permission(name, f"{name}, for a test.") for name in names],
        roles={name: frozenset(granted) for name, granted in (roles or {}).items()},
    )


async def until(holds: Callable[[], bool], *, seconds: float) -> float:
    """Wait until it holds and return how long that took, in seconds. Raises TimeoutError."""
    begun = time.monotonic()
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - a decision has no event to wait for
            await asyncio.sleep(0.01)
    return time.monotonic() - begun
