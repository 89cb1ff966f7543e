"""The policy in memory: every request is decided without asking anybody."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from modules.access.application.decision.in_force import PolicyInForce
from modules.access.application.decision.loading import Loaded, LoadPolicy
from modules.access.ports import MalformedPolicy, PolicyStore, StoredPolicy, StoredRole
from shared_kernel.adapters.lookout import Lookout
from shared_kernel.adapters.signals import Signals
from shared_kernel.application import Caller
from shared_kernel.application.conditions import FALSE, Condition, Facts
from shared_kernel.domain import DomainError, Unavailable

POLICY_TOPIC = "access.policy"
POLL_SECONDS = 0.5  # the net under the signals: a change is seen within 1 s even without them
STALE_SECONDS = 10.0

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class InMemoryAuthorizer:
    """Answers from memory, and keeps that memory like the database.

    A change is heard by signal, or found by a look twice a second. While the database is away the
    last known policy decides; after ten seconds of that `check()` reports it. An error in the
    stored policy also leaves the last good one in force. Before it is opened it refuses everything.
    Where a decision fails, nobody is allowed anything: Unavailable is raised.
    """

    store: PolicyStore
    load: LoadPolicy
    signals: Signals
    seed: Callable[[], Awaitable[None]]
    _loaded: Loaded | None = field(default=None, init=False)
    _policy: PolicyInForce | None = field(default=None, init=False)
    _refused: int | None = field(default=None, init=False)
    _confirmed_at: float = field(default=0.0, init=False)
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _lookout: Lookout = field(init=False)

    def __post_init__(self) -> None:
        self._lookout = Lookout("access policy", self._look, every=POLL_SECONDS)

    @property
    def policy(self) -> PolicyInForce:
        """The policy that decides now. Raises Unavailable before it is opened."""
        if self._policy is None:
            raise Unavailable("the policy is not loaded yet")
        return self._policy

    @property
    def version(self) -> int | None:
        """The version decided by; None before there is one."""
        return None if self._policy is None else self._policy.version

    def supposing(
        self, roles: Sequence[StoredRole], policies: Sequence[StoredPolicy]
    ) -> PolicyInForce:
        """Return what would decide with these roles and policies, and all else as it is.

        Raises MalformedPolicy, and Unavailable before it is opened.
        """
        return self.policy.under(self.load.compiled(roles, policies))

    @contextmanager
    def answering(self, what: str) -> Generator[None]:
        """Do the same for whoever asks the policy itself."""
        try:
            yield
        except DomainError:
            raise
        except Exception as error:
            raise _failed(what, error) from error

    def permits(self, caller: Caller, permission: str) -> bool:
        try:
            return self._policy is not None and self._policy.permits(caller, permission)
        except Exception as error:
            raise _failed(permission, error) from error

    def could_permit(self, caller: Caller, permission: str) -> bool:
        try:
            return self._policy is not None and self._policy.could_permit(caller, permission)
        except Exception as error:
            raise _failed(permission, error) from error

    def allows(self, caller: Caller | None, permission: str, facts: Facts) -> bool:
        try:
            return self._policy is not None and self._policy.allows(caller, permission, facts)
        except Exception as error:
            raise _failed(permission, error) from error

    def condition(self, caller: Caller | None, permission: str, known: Facts) -> Condition:
        if self._policy is None:
            return FALSE
        try:
            return self._policy.condition(caller, permission, known)
        except Exception as error:
            raise _failed(permission, error) from error

    async def changed(self) -> None:
        self.signals.send(POLICY_TOPIC)
        try:
            await self._look()
        except DomainError as error:
            # The change is saved; its caller must not be told otherwise. The next look finds it.
            log.warning("policy not reloaded yet: %s", error)
        except MalformedPolicy as error:
            log.error("policy refused, the one before stays in force: %s", error)  # noqa: TRY400 - the row is named, that is all there is to know

    async def check(self) -> None:
        """Raise Unavailable when the policy in memory may be older than ten seconds."""
        if time.monotonic() - self._confirmed_at > STALE_SECONDS:
            raise Unavailable("the policy in memory could not be compared with the database")

    async def __aenter__(self) -> Self:
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
        """Load the policy if it changed. The version is read first: what follows is no older.

        A look that began after it was asked for serves whoever waited for the one before.
        """
        wanted_at = time.monotonic()
        async with self._loading:
            if self._confirmed_at > wanted_at:
                return
            asked_at = time.monotonic()
            version = await self.store.version()
            if version == self._refused:
                return  # said once; it will not become better by being read again
            if self._policy is None or self._policy.version != version:
                await self._take(version)
            self._confirmed_at = asked_at

    async def _take(self, version: int) -> None:
        try:
            self._loaded = await self.load(version, self._loaded)
        except MalformedPolicy:
            self._refused = version
            raise
        self._policy = self._loaded.policy


def _failed(what: str, error: Exception) -> Unavailable:
    log.error("could not decide about %s", what, exc_info=error)
    return Unavailable("the policy cannot be asked now")
