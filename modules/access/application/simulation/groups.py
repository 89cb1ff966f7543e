"""Everybody, put into groups to whose members the policy says the same."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from modules.access.application.decision.holders import Ending, Held, Holders
from modules.access.application.decision.in_force import PolicyInForce
from modules.access.application.explaining.assuming import Assume
from modules.access.application.simulation.supposing import Change
from shared_kernel.application import Caller
from shared_kernel.application.conditions import Compare, Condition, Facts, Not
from shared_kernel.application.resources import NOTHING
from shared_kernel.domain import AccountId, new_id

LISTED = 100  # accounts that are named; all are counted
BYTES = 16  # of an id

Key = tuple[Held, Held, int | None]


@dataclass(frozen=True, slots=True)
class Specimen:
    """One who stands for a group, before and after the change; None is a stranger."""

    before: PolicyInForce
    after: PolicyInForce
    caller: Caller | None

    def permits(self, permission: str) -> tuple[bool, bool]:
        """Say whether they hold a permission, before and after."""
        if self.caller is None:
            return False, False
        return self.before.permits(self.caller, permission), self.after.permits(
            self.caller, permission
        )

    def allows(self, permission: str, facts: Facts) -> tuple[bool, bool]:
        """Say whether they may do something to an object, before and after."""
        before = self.before.allows(self.caller, permission, facts)
        return before, self.after.allows(self.caller, permission, facts)

    def is_denied_alike(self, permission: str) -> bool:
        """Say whether the same is denied before and after: also of what is shared with some."""
        denied = [
            [(where, case.denying) for where, case in policy.places(asking, permission)]
            for policy in (self.before, self.after)
            for asking in policy.asking(self.caller)
        ]
        return denied[0] == denied[1]

    def conditions(self, permission: str) -> tuple[Condition, Condition]:
        """Return on which objects they may do something, before and after."""
        before = self.before.condition(self.caller, permission, NOTHING)
        return before, self.after.condition(self.caller, permission, NOTHING)


@dataclass(slots=True)
class Group:
    """Accounts that hold the same; or one alone, which stands for itself."""

    before: Held
    after: Held
    specimen: Specimen
    alone: bool = False
    count: int = 0
    first: list[AccountId] = field(default_factory=list[AccountId])


class Everybody:
    """All open accounts, by group. 16 bytes are kept of each."""

    def __init__(self, change: Change, assumed: Assume, at: datetime) -> None:
        self._assumed, self._at = assumed, assumed.time or at
        self.before = assumed.policy(change.before)
        self.after = assumed.policy(change.after)
        self.nobody = AccountId(new_id())
        """An account that is nobody's, for whoever stands for a group."""
        self._named = {one.int for one in named_in(change)}
        self._groups: dict[Key, Group] = {}
        self._roll = _Roll()

    def add(self, accounts: Sequence[AccountId]) -> None:
        """Take accounts in, in the order of their ids."""
        for id in accounts:
            group = self.group_of(id)
            group.count += 1
            if len(group.first) < LISTED:
                group.first.append(id)
        self._roll.add(accounts)

    def settle(self) -> None:
        """Have accounts stand for themselves that hold what nobody else does."""
        for group in self._groups.values():
            if group.count == 1 and not group.alone:
                group.specimen, group.alone = self.specimen(group.first[0]), True

    def __contains__(self, id: UUID) -> bool:
        return self._roll.holds(id)

    @property
    def groups(self) -> Collection[Group]:
        """The groups there are."""
        return self._groups.values()

    @property
    def strangers(self) -> Specimen:
        """Whoever has not signed in."""
        return Specimen(self.before, self.after, None)

    def group_of(self, id: AccountId) -> Group:
        """Return the group of an account."""
        alone = id.int if id.int in self._named else None
        key = self._held(self.before, id), self._held(self.after, id), alone
        found = self._groups.get(key)
        if found is None:
            found = self._groups[key] = self._group(key, id)
        return found

    def specimen(self, id: AccountId) -> Specimen:
        """Return an account as itself."""
        return Specimen(self.before, self.after, self._assumed.caller(id, self._at))

    def _group(self, key: Key, id: AccountId) -> Group:
        before, after, alone = key
        if alone is not None:
            return Group(before, after, self.specimen(id), alone=True)
        specimen = Specimen(
            _held_by_all(self.before, before),
            _held_by_all(self.after, after),
            self._assumed.caller(self.nobody, self._at),
        )
        return Group(before, after, specimen)

    def _held(self, policy: PolicyInForce, id: AccountId) -> Held:
        holders = policy.holders
        found = holders.changed.get(id.int) or holders.accounts.get(id.int, holders.default)
        return found.at(self._at.timestamp()) if isinstance(found, Ending) else found


class _Roll:
    """Ids in their order."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def add(self, ids: Iterable[UUID]) -> None:
        for one in ids:
            self._kept += one.bytes

    def holds(self, id: UUID) -> bool:
        place = bisect_left(self, id.bytes)
        return place < len(self) and self[place] == id.bytes

    def __len__(self) -> int:
        return len(self._kept) // BYTES

    def __getitem__(self, place: int) -> bytes:
        return bytes(self._kept[place * BYTES : (place + 1) * BYTES])


def named_in(change: Change) -> Iterator[UUID]:
    """Yield the accounts that conditions name."""
    for policy in (change.before, change.after):
        for rules in policy.engine.rules.values():
            for rule in rules:
                yield from _named(rule.when)


def _named(condition: Condition) -> Iterator[UUID]:
    if isinstance(condition, Compare):
        if condition.path == "caller.id":
            right = condition.right
            values = right if isinstance(right, tuple) else (right,)
            yield from (one for one in values if isinstance(one, UUID))
    elif isinstance(condition, Not):
        yield from _named(condition.part)
    else:
        for part in condition.parts:
            yield from _named(part)


def _held_by_all(policy: PolicyInForce, held: Held) -> PolicyInForce:
    return replace(policy, holders=Holders(held, {}))
