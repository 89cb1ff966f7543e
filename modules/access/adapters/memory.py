"""The policy in memory: every request is decided without asking anybody."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType, TracebackType
from typing import Self
from uuid import UUID

from modules.access.ports import PolicyEngine, PolicyStore, StoredRole
from modules.access.public import ADMINISTRATOR
from shared_kernel.adapters.lookout import Lookout
from shared_kernel.adapters.signals import Signals
from shared_kernel.application import SECOND_FACTOR, Caller, PermissionCatalogue
from shared_kernel.domain import AccountId, DomainError, Unavailable

POLICY_TOPIC = "access.policy"
POLL_SECONDS = 1.0  # the net under the signals: a change is seen within 2 s even without them
STALE_SECONDS = 10.0

log = logging.getLogger(__name__)

Rule = tuple[str, str, str]
Compile = Callable[[Iterable[Rule]], PolicyEngine]
Roles = tuple[str, ...]


class NoSuchDefaultRole(Exception):
    """`ACCESS_DEFAULT_ROLE` names a role that does not exist."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the policy, never changed: requests see all of it or none.

    Accounts are kept by the integer of their id, which is quicker to look up than the id itself.
    `guarded` are the roles that count only for who has proved a second factor.
    """

    version: int
    rules: frozenset[Rule]
    engine: PolicyEngine
    held: Mapping[int, Roles]
    default: Roles
    guarded: frozenset[str]

    def allows(self, account_id: AccountId, permission: str, *, proved: bool) -> bool:
        """Say whether a role of the account holds the permission, and counts."""
        allows = self.engine.allows
        for role in self.held.get(account_id.int, self.default):
            if allows(role, permission) and (proved or role not in self.guarded):
                return True
        return False


@dataclass(slots=True, eq=False)
class InMemoryAuthorizer:
    """Answers from memory, and keeps that memory like the database.

    A change is heard by signal, or found by a look each second. While the database is away the
    last known policy decides; after ten seconds of that `check()` reports it. An error in the
    stored policy also leaves the last good one in force. Before it is opened it refuses everything.

    Whoever acts as somebody else may do what both may: the second factor is theirs alone, so that
    roles of the other that require one do not count.
    """

    store: PolicyStore
    compile: Compile
    catalogue: PermissionCatalogue
    signals: Signals
    seed: Callable[[], Awaitable[None]]
    default_role: str
    _policy: Policy | None = field(default=None, init=False)
    _known: frozenset[str] = field(default=frozenset(), init=False)
    _confirmed_at: float = field(default=0.0, init=False)
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _lookout: Lookout = field(init=False)

    def __post_init__(self) -> None:
        self._lookout = Lookout("access policy", self._look, every=POLL_SECONDS)

    def permits(self, caller: Caller, permission: str) -> bool:
        policy = self._policy
        if policy is None or permission not in self._known:
            return False
        if caller.scope is not None and permission not in caller.scope:
            return False
        proved, actor = SECOND_FACTOR in caller.methods, caller.impersonator_id
        if actor is None:
            return policy.allows(caller.id, permission, proved=proved)
        own = policy.allows(actor, permission, proved=proved)
        return own and policy.allows(caller.id, permission, proved=False)

    async def changed(self) -> None:
        self.signals.send(POLICY_TOPIC)
        try:
            await self._look()
        except DomainError as error:
            # The change is saved; its caller must not be told otherwise. The next look finds it.
            log.warning("policy not reloaded yet: %s", error)

    async def check(self) -> None:
        """Raise Unavailable when the policy in memory may be older than ten seconds."""
        if time.monotonic() - self._confirmed_at > STALE_SECONDS:
            raise Unavailable("the policy in memory could not be compared with the database")

    async def __aenter__(self) -> Self:
        self._known = frozenset(one.name for one in self.catalogue.permissions)
        await self.seed()
        await self._look()
        self.signals.subscribe(POLICY_TOPIC, self._lookout.stir)
        await self._lookout.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._lookout.__aexit__(kind, error, trace)

    async def _look(self) -> None:
        """Load the policy if it changed. The version is read first: what follows is no older."""
        async with self._loading:
            asked_at = time.monotonic()
            version = await self.store.version()
            if self._policy is None or self._policy.version != version:
                self._policy = await self._load(version)
            self._confirmed_at = asked_at

    async def _load(self, version: int) -> Policy:
        stored = await self.store.roles()
        names = {one.id: one.name for one in stored}
        if self.default_role not in names.values():
            raise NoSuchDefaultRole(f"ACCESS_DEFAULT_ROLE: there is no role {self.default_role!r}")
        rules = frozenset(self._rules(stored))
        default = (self.default_role,)
        held = await _fold(self.store.assignments(), names, default)
        guarded = frozenset(one.name for one in stored if one.requires_second_factor)
        return Policy(version, rules, self._engine(rules), held, default, guarded)

    def _engine(self, rules: frozenset[Rule]) -> PolicyEngine:
        """Return the engine in use when no rule changed, with the decisions it has taken."""
        current = self._policy
        return current.engine if current and current.rules == rules else self.compile(rules)

    def _rules(self, stored: Sequence[StoredRole]) -> Iterable[Rule]:
        for role in stored:
            everything = role.name == ADMINISTRATOR
            held = self._known if everything else self._known.intersection(role.permissions)
            for permission in held:
                yield role.name, permission, "allow"


async def _fold(
    slices: AsyncIterator[Sequence[tuple[UUID, UUID, UUID]]],
    names: Mapping[UUID, str],
    default: Roles,
) -> Mapping[int, Roles]:
    """Return the roles of each account that holds any.

    Equal sets of roles share one tuple: memory grows with accounts, not with their roles.
    """
    held: dict[int, Roles] = {}
    joined: dict[tuple[Roles, str], Roles] = {}
    async for part in slices:
        for _, account_id, role_id in part:
            before, name = held.get(account_id.int, default), names.get(role_id)
            if name is None or name in before:
                continue  # a role made since the roles were read: the next load knows it
            if (before, name) not in joined:
                joined[before, name] = tuple(sorted({*before, name}))
            held[account_id.int] = joined[before, name]
    return MappingProxyType(held)
