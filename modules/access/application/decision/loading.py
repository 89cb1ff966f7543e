"""How a version of the policy comes into memory: all of it, or what changed since the last."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from modules.access.application.decision.holders import Folding, Grants, Holders, Sharing
from modules.access.application.decision.in_force import PolicyInForce
from modules.access.application.decision.plans import PolicyEngine
from modules.access.ports import (
    Aside,
    Changes,
    MalformedPolicy,
    PolicyStore,
    StoredPolicy,
    StoredRole,
)
from shared_kernel.application import Clock, PermissionCatalogue
from shared_kernel.application.resources import Resource, ResourceCatalogue

Compile = Callable[
    [Sequence[StoredRole], Sequence[StoredPolicy], Mapping[str, Resource], frozenset[str]],
    PolicyEngine,
]


EVERYTHING = Changes(rules=True, given=None)


class NoSuchDefaultRole(Exception):
    """`ACCESS_DEFAULT_ROLE` names a role that does not exist."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A policy, and what it was made of."""

    policy: PolicyInForce
    roles: Sequence[StoredRole]
    policies: Sequence[StoredPolicy]

    @property
    def names(self) -> Mapping[UUID, str]:
        """The name of each role."""
        return {one.id: one.name for one in self.roles}


@dataclass(frozen=True, slots=True)
class LoadPolicy:
    """Reads the policy as it is stored."""

    store: PolicyStore
    compile: Compile
    catalogue: PermissionCatalogue
    resources: ResourceCatalogue
    clock: Clock
    aside: Aside
    default_role: str

    async def __call__(self, version: int, before: Loaded | None) -> Loaded:
        """Return a version of the policy, which may hold what was changed after it as well.

        Raises MalformedPolicy, NoSuchDefaultRole, Unavailable, and what compiling raises.
        """
        if before is None:
            return await self._load(version, EVERYTHING, None)
        return await self._load(version, await self.store.changes(before.policy.version), before)

    async def _load(self, version: int, changes: Changes, before: Loaded | None) -> Loaded:
        """Read what has changed; all of it without one before."""
        if before is None or changes.rules:
            roles, policies = await self.store.roles(), await self.store.policies()
            engine = await self._engine(roles, policies, before)
        else:
            roles, policies, engine = before.roles, before.policies, before.policy.engine
        names = {one.id: one.name for one in roles}
        if self.default_role not in names.values():
            raise NoSuchDefaultRole(f"ACCESS_DEFAULT_ROLE: there is no role {self.default_role!r}")
        given = changes.given
        if before is None or given is None or _renamed(before.names, names):
            holders, grants = await self._given(version, names, None)
        else:
            holders, grants = await self._since(version, names, given, before)
        policy = PolicyInForce(version, engine, holders, grants, self.clock.now)
        return Loaded(policy, roles, policies)

    def compiled(
        self, roles: Sequence[StoredRole], policies: Sequence[StoredPolicy]
    ) -> PolicyEngine:
        """Return these roles and policies, compiled. Raises MalformedPolicy."""
        known = frozenset(one.name for one in self.catalogue.permissions)
        return self.compile(roles, policies, self.resources.resources, known)

    async def _engine(
        self, roles: Sequence[StoredRole], policies: Sequence[StoredPolicy], before: Loaded | None
    ) -> PolicyEngine:
        """Return the engine in use when no rule changed, with the decisions it has taken."""
        if before is not None and (before.roles, before.policies) == (roles, policies):
            return before.policy.engine
        return await self.aside(lambda: self.compiled(roles, policies))

    async def _since(
        self, version: int, names: Mapping[UUID, str], changed: Collection[UUID], before: Loaded
    ) -> tuple[Holders, Grants]:
        holders, grants = await self._given(version, names, changed)
        known = {**names, **before.names}
        of_roles = [known[one] for one in changed if one in known]
        return (
            before.policy.holders.with_those_of(changed, holders),
            before.policy.grants.with_those_of(changed, of_roles, grants),
        )

    async def _given(
        self, version: int, names: Mapping[UUID, str], to: Collection[UUID] | None
    ) -> tuple[Holders, Grants]:
        """Read what is given, to all or to some."""
        folding, sharing = Folding(names, self.default_role), Sharing(names)
        if to is None:
            await self._lasting(version, folding)
        async for part in self.store.assignments(to):
            folding.add(part)
        async for shared in self.store.grants(to):
            sharing.add(shared)
        strange = [("assignment", one) for one in folding.strange]
        strange += [("grant", one) for one in sharing.strange]
        await self._require_none(version, strange)
        return folding.holders(), sharing.grants()

    async def _lasting(self, version: int, folding: Folding) -> None:
        async for role_id, accounts in self.store.lasting():
            if not folding.add_lasting(role_id, accounts):
                await self._require_none(version, [("role", role_id)])

    async def _require_none(self, version: int, strange: Sequence[tuple[str, UUID]]) -> None:
        """Raise MalformedPolicy where there is one that is of a role nobody knows.

        One made since the roles were read is no fault: the version tells, and the next load.
        """
        if strange and await self.store.version() == version:
            raise MalformedPolicy(*strange[0], "something is given by a role that is not there")


def _renamed(before: Mapping[UUID, str], now: Mapping[UUID, str]) -> bool:
    return any(now.get(id, name) != name for id, name in before.items())
