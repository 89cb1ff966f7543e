"""Who holds which roles, and what was shared with them, in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import cast
from uuid import UUID

from modules.access.application.decision.plans import Roles
from modules.access.ports import StoredAssignment, StoredGrant

Scoped = tuple[tuple[str, Roles], ...]
"""The roles somebody holds within a scope, by scope."""

Shared = Mapping[str, Mapping[UUID, float]]
"""What may be done with which objects, by permission, and until when (seconds of the epoch)."""

EVERYWHERE = ""

MOST_CHANGED = 5_000
"""Beyond so many, all accounts are copied once: a million take 50 ms."""


@dataclass(frozen=True, slots=True)
class Held:
    """The roles of one account: those that count everywhere, and those of single scopes."""

    roles: Roles
    scoped: Scoped = ()


@dataclass(frozen=True, slots=True)
class Ending:
    """Roles of an account some of which end: `rows` are role, scope and the second of the end.

    Until the `first` end all is held.
    """

    lasting: Held
    rows: tuple[tuple[str, str, float], ...]
    all: Held
    first: float

    def at(self, now: float) -> Held:
        """Return what is held at a moment."""
        if now < self.first:
            return self.all
        found = self.lasting
        for role, scope, end in self.rows:
            if now < end:
                found = added(found, role, scope)
        return found


def added(held: Held, role: str, scope: str) -> Held:
    """Return the same with one role more."""
    if scope == EVERYWHERE:
        return Held(tuple(sorted({*held.roles, role})), held.scoped)
    scoped = dict(held.scoped)
    scoped[scope] = tuple(sorted({*scoped.get(scope, ()), role}))
    return Held(held.roles, tuple(sorted(scoped.items())))


@dataclass(frozen=True, slots=True)
class Holders:
    """The roles of every account, by the integer of its id, which is quicker to look up.

    Who holds no role but the default one is not among them. What `changed` says goes before: a
    million accounts are not copied because one of them was given a role.
    """

    default: Held
    accounts: Mapping[int, Held | Ending]
    changed: Mapping[int, Held | Ending] = field(default_factory=dict[int, Held | Ending])

    def with_those_of(self, changed: Collection[UUID], now: Holders) -> Holders:
        """Return the same, but for these accounts, which hold what they hold now."""
        others = {one.int: now.accounts.get(one.int, self.default) for one in changed}
        both = {**self.changed, **others}
        if len(both) > MOST_CHANGED:
            return Holders(self.default, {**self.accounts, **both})
        return Holders(self.default, self.accounts, both)


class Folding:
    """Takes assignments in and makes Holders of them.

    Accounts that hold the same share one object: memory grows with accounts, not with their roles.
    Assignments of roles that are not among `names` are kept in `strange`.
    """

    def __init__(self, names: Mapping[UUID, str], default_role: str) -> None:
        self._names, self._default = names, Held((default_role,))
        self._held: dict[int, Held] = {}
        self._ending: dict[int, list[tuple[str, str, float]]] = {}
        self._joined: dict[tuple[int, str, str], Held] = {}
        self._known: dict[Held, Held] = {self._default: self._default}
        self.strange: list[UUID] = []

    def add(self, rows: Iterable[StoredAssignment]) -> None:
        """Take some assignments in."""
        names, held, default = self._names, self._held, self._default
        for row_id, account_id, role_id, scope, end in rows:
            name = names.get(role_id)
            if name is None:
                self.strange.append(row_id)
            elif end is not None:
                ends = (name, scope, end.timestamp())
                self._ending.setdefault(account_id.int, []).append(ends)
            else:
                account = account_id.int
                held[account] = self._joined_with(held.get(account, default), name, scope)

    def add_lasting(self, role_id: UUID, accounts: Iterable[int]) -> bool:
        """Take in who holds a role everywhere and always; say whether the role is known."""
        name, held, default = self._names.get(role_id), self._held, self._default
        if name is None:
            return False
        found = dict.fromkeys(accounts, self._joined_with(default, name, EVERYWHERE))
        for account in held.keys() & found.keys():
            found[account] = self._joined_with(held[account], name, EVERYWHERE)
        held.update(found)
        return True

    def holders(self) -> Holders:
        """Return what was taken in. It is the last that is asked for: nothing is copied."""
        accounts = cast("dict[int, Held | Ending]", self._held)
        for account, rows in self._ending.items():
            accounts[account] = self._ending_of(self._held.get(account, self._default), rows)
        return Holders(self._default, accounts)

    def _ending_of(self, lasting: Held, rows: Sequence[tuple[str, str, float]]) -> Ending:
        everything = lasting
        for role, scope, _ in rows:
            everything = added(everything, role, scope)
        held = self._known.setdefault(everything, everything)
        return Ending(lasting, tuple(rows), held, min(end for _, _, end in rows))

    def _joined_with(self, before: Held, name: str, scope: str) -> Held:
        """Return the same with one role more: the object that all share who hold the same."""
        now = self._joined.get((id(before), name, scope))
        if now is None:
            made = added(before, name, scope)
            now = self._joined[id(before), name, scope] = self._known.setdefault(made, made)
        return now


@dataclass(frozen=True, slots=True)
class Grants:
    """What was shared: with accounts by the integer of their id, with roles by name."""

    accounts: Mapping[int, Shared] = field(default_factory=dict[int, Shared])
    roles: Mapping[str, Shared] = field(default_factory=dict[str, Shared])

    def with_those_of(
        self, accounts: Collection[UUID], roles: Collection[str], now: Grants
    ) -> Grants:
        """Return the same, but for these accounts and roles, with which is shared what is now."""
        ints = frozenset(one.int for one in accounts)
        kept = {one: shared for one, shared in self.accounts.items() if one not in ints}
        of_roles = {one: shared for one, shared in self.roles.items() if one not in roles}
        return Grants({**kept, **now.accounts}, {**of_roles, **now.roles})


class Sharing:
    """Takes grants in and makes Grants of them, as Folding does with assignments."""

    def __init__(self, names: Mapping[UUID, str]) -> None:
        self._names = names
        self._accounts: dict[int, dict[str, dict[UUID, float]]] = {}
        self._roles: dict[str, dict[str, dict[UUID, float]]] = {}
        self.strange: list[UUID] = []

    def add(self, rows: Iterable[StoredGrant]) -> None:
        """Take some grants in."""
        for id, _, object_id, permission, account_id, role_id, end in rows:
            until = inf if end is None else end.timestamp()
            if account_id is not None:
                shared = self._accounts.setdefault(account_id.int, {})
            elif role_id is not None and role_id in self._names:
                shared = self._roles.setdefault(self._names[role_id], {})
            else:
                self.strange.append(id)
                continue
            objects = shared.setdefault(permission, {})
            objects[object_id] = max(until, objects.get(object_id, until))

    def grants(self) -> Grants:
        """Return what was taken in."""
        return Grants(self._accounts, self._roles)
