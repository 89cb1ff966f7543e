"""All roles and policies together, by name: compared, kept as a version, written to a file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast

from modules.access.domain.policies import Effect
from modules.access.domain.roles import AdministratorIsFixed, InheritanceCycle, UnknownRole
from modules.access.public import ADMINISTRATOR

NOTHING: frozenset[str] = frozenset()

ROLES_HELD = "caller.roles"
"""The attribute by which a condition asks which roles somebody holds."""

ANY_ROLE = ""
"""Stands for the role of which a condition asks without naming it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleEntry:
    """What is laid down about a role. About the administrator only whether it needs a factor."""

    permissions: frozenset[str] = NOTHING
    inherits: frozenset[str] = NOTHING
    requires_second_factor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEntry:
    """What is laid down in a policy."""

    description: str = ""
    effect: Effect
    roles: frozenset[str] = NOTHING
    anyone: bool = False
    permissions: frozenset[str]
    when: Mapping[str, object]
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """What somebody gains by a role, or by a change of the rules.

    held     permissions, by roles
    allowed  what policies allow, which they may allow on more objects than who holds it is used to
    denying  the names of policies that deny something, which may come or go
    roles    roles with which something may be shared
    """

    held: frozenset[str] = NOTHING
    allowed: frozenset[str] = NOTHING
    denying: frozenset[str] = NOTHING
    roles: frozenset[str] = NOTHING


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """Roles and policies by name."""

    roles: Mapping[str, RoleEntry]
    policies: Mapping[str, PolicyEntry]

    @cached_property
    def _speaking(self) -> Mapping[str, Collection[str]]:
        """The enabled policies by each role they speak of; of `ANY_ROLE`, those of whichever."""
        found: dict[str, list[str]] = {}
        for name, policy in self.policies.items():
            if policy.enabled:
                for role in {*policy.roles, *_asked(policy.when)}:
                    found.setdefault(role, []).append(name)
        return found

    def lineage(self, role: str, *, proved: bool = True) -> Collection[str]:
        """Return the role and all it inherits from, as far as they count.

        Without a second factor proved, a role that requires one does not, nor what it inherits.
        """
        found: dict[str, None] = {}
        ahead = [role]
        while ahead:
            name = ahead.pop()
            entry = self.roles.get(name)
            if entry is None or name in found or (entry.requires_second_factor and not proved):
                continue
            found[name] = None
            ahead.extend(sorted(entry.inherits))
        return list(found)

    def held(self, role: str, catalogue: Collection[str], *, proved: bool = True) -> frozenset[str]:
        """Return what the role allows, inherited permissions included, of all there is to allow."""
        counting = self.lineage(role, proved=proved)
        if ADMINISTRATOR in counting:
            return frozenset(catalogue)
        held = NOTHING.union(*(self.roles[one].permissions for one in counting))
        return held.intersection(catalogue)

    def policies_on(self, role: str) -> frozenset[str]:
        """Return the policies that speak of the role, or of one it inherits from.

        Those among them that are for anyone whose condition asks who holds the role.
        """
        speaking = self._speaking
        return NOTHING.union(*(speaking.get(one, ()) for one in (*self.lineage(role), ANY_ROLE)))

    def at_stake(self, role: str, catalogue: Collection[str]) -> frozenset[str]:
        """Return what somebody may gain or lose with the role, by policies as well."""
        stake = self.stake(role, catalogue)
        policies = [self.policies[one].permissions for one in stake.denying]
        return (stake.held | stake.allowed).union(*policies).intersection(catalogue)

    def stake(self, role: str, catalogue: Collection[str]) -> Stake:
        """Return what somebody gains with the role."""
        policies = self.policies_on(role)
        allowing = {one for one in policies if self.policies[one].effect is Effect.ALLOW}
        allowed = NOTHING.union(*(self.policies[one].permissions for one in allowing))
        return Stake(
            held=self.held(role, catalogue),
            allowed=allowed.intersection(catalogue),
            denying=policies - allowing,
            roles=frozenset(self.lineage(role)),
        )

    def with_heirs(self, roles: Collection[str]) -> frozenset[str]:
        """Return these roles, and all that inherit from them, near or far."""
        heirs: dict[str, list[str]] = {}
        for name, one in self.roles.items():
            for parent in one.inherits:
                heirs.setdefault(parent, []).append(name)
        found, ahead = set(roles), list(roles)
        while ahead:
            new = [one for one in heirs.get(ahead.pop(), ()) if one not in found]
            found.update(new)
            ahead.extend(new)
        return frozenset(found)

    def require_sound(self) -> None:
        """Raise UnknownRole, AdministratorIsFixed or InheritanceCycle if it cannot be applied."""
        for name, role in self.roles.items():
            self._require_roles(role.inherits, f"/roles/{name}/inherits")
            if ADMINISTRATOR in role.inherits:
                # Its rights are given by assignment alone, so that all who hold them are listed.
                raise AdministratorIsFixed("no role inherits from the administrator")
        for name, policy in self.policies.items():
            self._require_roles(policy.roles, f"/policies/{name}/roles")
        for name in self.roles:
            if cycle := next(self._cycles(name), None):
                raise InheritanceCycle(f"a role would inherit from itself: {' > '.join(cycle)}")

    def _require_roles(self, names: Collection[str], at: str) -> None:
        if not self.roles.keys() >= {*names}:
            raise UnknownRole("there is no such role", field=at)

    def _cycles(self, start: str) -> Iterator[list[str]]:
        paths, seen = [[start]], set[str]()
        while paths:
            path = paths.pop()
            for parent in self.roles[path[-1]].inherits:
                if parent == start:
                    yield [*path, start]
                elif parent not in seen:
                    seen.add(parent)
                    paths.append([*path, parent])


EMPTY = Rulebook(roles={}, policies={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a change of the rulebook touches.

    rights   the permissions somebody would gain or lose by roles and by policies that allow
    denied   those somebody would gain or lose because a policy that denies comes or goes
    stake    what of this is a gain
    roles, policies   the names of what is made, changed or deleted
    """

    rights: frozenset[str]
    denied: frozenset[str]
    stake: Stake
    roles: Collection[str]
    policies: Collection[str]


def difference(before: Rulebook, after: Rulebook, catalogue: Collection[str]) -> Difference:
    """Compare two rulebooks."""
    return _Comparison(before, after, frozenset(catalogue)).made()


@dataclass(frozen=True, slots=True)
class _Comparison:
    before: Rulebook
    after: Rulebook
    catalogue: frozenset[str]

    def made(self) -> Difference:
        roles = _changed(self.before.roles, self.after.roles)
        # What a role gives depends on itself and on those it inherits from, and on nothing else.
        touched = self.before.with_heirs(roles) | self.after.with_heirs(roles)
        policies = NOTHING.union(*(self._policies(role) for role in touched), self._acting())
        allowing = [one for one in self._entries(policies) if one.effect is Effect.ALLOW]
        denying = [one for one in self._entries(policies) if one.effect is Effect.DENY]
        allowed = self._named(allowing)
        return Difference(
            rights=NOTHING.union(*(self._held(one) for one in touched), allowed),
            denied=self._named(denying),
            stake=Stake(
                held=NOTHING.union(*(self._gained(one) for one in touched)),
                allowed=allowed,
                denying=policies & _denying(self.before),
                roles=NOTHING.union(*(self._joined(one) for one in touched)),
            ),
            roles=roles,
            policies=_changed(self.before.policies, self.after.policies),
        )

    def _held(self, role: str) -> frozenset[str]:
        changed = NOTHING
        for proved in (True, False):
            was = self.before.held(role, self.catalogue, proved=proved)
            changed |= was ^ self.after.held(role, self.catalogue, proved=proved)
        return changed

    def _gained(self, role: str) -> frozenset[str]:
        gained = NOTHING
        for proved in (True, False):
            was = self.before.held(role, self.catalogue, proved=proved)
            gained |= self.after.held(role, self.catalogue, proved=proved) - was
        return gained

    def _joined(self, role: str) -> frozenset[str]:
        """Return the roles of which the role is one from now on."""
        return frozenset(self.after.lineage(role)) - {*self.before.lineage(role), role}

    def _policies(self, role: str) -> frozenset[str]:
        return self.before.policies_on(role) ^ self.after.policies_on(role)

    def _acting(self) -> frozenset[str]:
        before, after = self.before.policies, self.after.policies
        return frozenset(
            name
            for name in _changed(before, after)
            if _acts(before.get(name)) != _acts(after.get(name))
        )

    def _entries(self, names: Collection[str]) -> Iterator[PolicyEntry]:
        for book in (self.before, self.after):
            yield from (one for name, one in book.policies.items() if name in names and one.enabled)

    def _named(self, entries: Collection[PolicyEntry]) -> frozenset[str]:
        return NOTHING.union(*(one.permissions for one in entries)) & self.catalogue


def _changed(was: Mapping[str, object], is_now: Mapping[str, object]) -> list[str]:
    names = sorted({*was, *is_now})
    return [name for name in names if was.get(name) != is_now.get(name)]


def _acts(policy: PolicyEntry | None) -> PolicyEntry | None:
    """Return what of it decides anything: not its description, and nothing while disabled."""
    return replace(policy, description="") if policy is not None and policy.enabled else None


def _denying(book: Rulebook) -> frozenset[str]:
    return frozenset(
        name for name, one in book.policies.items() if one.enabled and one.effect is Effect.DENY
    )


def _asked(condition: object) -> Iterator[str]:
    """Yield the roles of which the document of a condition asks who holds them."""
    if isinstance(condition, Mapping):
        said = cast("Mapping[str, object]", condition)
        if said.get("attribute") == ROLES_HELD and "value" in said:
            yield str(said["value"])
        elif ROLES_HELD in (said.get("attribute"), said.get("other")):
            yield ANY_ROLE  # it is compared with an attribute, of which nobody knows the value
        else:
            for name, one in said.items():
                if name != "value" and not isinstance(one, str):
                    yield from _asked(one)
    elif isinstance(condition, list | tuple):
        for one in cast("Sequence[object]", condition):
            yield from _asked(one)
