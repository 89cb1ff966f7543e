"""Who would gain and lose which objects by a change, for one action on them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from modules.access.application.decision.holders import Held
from modules.access.application.simulation.deltas import Delta
from modules.access.application.simulation.groups import LISTED, Everybody, Group
from modules.access.application.simulation.moves import Both, Finder
from modules.access.application.simulation.views import AccountsView, ObjectEffect
from modules.access.ports import Aside
from shared_kernel.application.conditions import Facts
from shared_kernel.application.resources import Resource
from shared_kernel.domain import AccountId

NOBODY = Held(())

Odd = Mapping[AccountId, tuple[Group, Both]]
"""Accounts to which something else happens than to their group."""


@dataclass(slots=True)
class EffectsOnObjects:
    """Finds them out."""

    action: str
    resource: Resource
    finder: Finder
    everybody: Everybody
    aside: Aside
    _deltas: dict[int, Delta] = field(default_factory=dict[int, Delta], init=False)

    async def __call__(self) -> Sequence[ObjectEffect]:
        """Return the effects: on strangers, on groups, and on accounts that differ from theirs."""
        strangers = await self.aside(self._compare)
        groups = list(self.everybody.groups)
        happens = {id(one): await self.finder.both(self._delta(one)) for one in groups}
        special, facts = await self._special()
        odd = await self.aside(lambda: self._odd(special, facts, happens))
        rows = [self._row(NOBODY, [], 0, await self.finder.both(strangers))]
        rows += [self._of_group(one, happens[id(one)], odd) for one in groups]
        rows += [
            self._row(group.after, [account], 1, both)
            for account, (group, both) in sorted(odd.items())[:LISTED]
        ]
        if len(odd) > LISTED:
            self.finder.left_out.add(f"{self.action}: {len(odd) - LISTED} more accounts")
        return [one for one in rows if _is_something(one)]

    def _delta(self, group: Group) -> Delta:
        return self._deltas[id(group)]

    def _compare(self) -> Delta:
        for group in self.everybody.groups:
            self._deltas[id(group)] = Delta.between(*group.specimen.conditions(self.action))
        return Delta.between(*self.everybody.strangers.conditions(self.action))

    async def _special(self) -> tuple[Mapping[AccountId, set[UUID]], Mapping[UUID, Facts]]:
        """Return which accounts may differ from their group, on which objects, and what these are.

        Who holds the same differs by what they own, and by what was shared with them.
        """
        nobody = self.everybody.nobody
        deltas = {self._delta(one) for one in self.everybody.groups if not one.alone}
        near = {one for delta in deltas for one in delta.near(nobody)}
        owning = {one for delta in deltas for one in delta.attributes(nobody)}
        found: dict[AccountId, set[UUID]] = {}
        for account, objects in await self.aside(lambda: list(self._shared())):
            found.setdefault(account, set()).update(objects)
        wanted = {one for objects in found.values() for one in objects}
        for condition in near:
            wanted.update(await self.finder.near(condition))
        facts = await self.finder.facts(wanted)
        for object_id, known in facts.items():
            for path in owning:
                if isinstance(owner := known.get(path), UUID) and owner in self.everybody:
                    found.setdefault(AccountId(owner), set()).add(object_id)
        return found, facts

    def _shared(self) -> Iterator[tuple[AccountId, Collection[UUID]]]:
        """Yield what was shared with single accounts that the change may concern."""
        before = self.everybody.before.grants.accounts
        after = self.everybody.after.grants.accounts
        for account in before.keys() | after.keys():
            was = before.get(account, {}).get(self.action, {})
            is_now = after.get(account, {}).get(self.action, {})
            id_ = AccountId(UUID(int=account))
            shared = bool(was or is_now) and id_ in self.everybody
            if shared and (was != is_now or self._is_touched(id_)):
                yield id_, was.keys() | is_now.keys()

    def _is_touched(self, account: AccountId) -> bool:
        """Say whether anything changes for a group, or for what is shared with some of it."""
        group = self.everybody.group_of(account)
        delta = self._delta(group)
        return not (delta.is_nothing and group.specimen.is_denied_alike(self.action))

    def _odd(
        self,
        special: Mapping[AccountId, Collection[UUID]],
        facts: Mapping[UUID, Facts],
        happens: Mapping[int, Both],
    ) -> Odd:
        found: dict[AccountId, tuple[Group, Both]] = {}
        for account, ids in special.items():
            group = self.everybody.group_of(account)
            if not group.alone:
                usual = happens[id(group)]
                own = self._own(account, usual, {one: facts[one] for one in ids if one in facts})
                if own != usual:
                    found[account] = group, own
        return found

    def _own(self, account: AccountId, usual: Both, facts: Mapping[UUID, Facts]) -> Both:
        """Return what happens to an account, which is asked about these objects one by one."""
        specimen = self.everybody.specimen(account)
        asked = {one: specimen.allows(self.action, known) for one, known in facts.items()}
        gained = frozenset(one for one, answers in asked.items() if answers == (False, True))
        lost = frozenset(one for one, answers in asked.items() if answers == (True, False))
        shown = self.finder.readable
        return Both(
            usual.gained.with_own(facts, gained, shown(gained, facts)),
            usual.lost.with_own(facts, lost, shown(lost, facts)),
        )

    def _of_group(self, group: Group, both: Both, odd: Odd) -> ObjectEffect:
        others = [one for one in group.first if one not in odd]
        elsewhere = sum(of is group for of, _ in odd.values())
        return self._row(group.after, others, group.count - elsewhere, both)

    def _row(
        self, held: Held, accounts: Sequence[AccountId], count: int, both: Both
    ) -> ObjectEffect:
        return ObjectEffect(
            permission=self.action,
            resource=self.resource.name,
            roles=held.roles,
            scopes=[scope for scope, _ in held.scoped],
            strangers=held is NOBODY,
            accounts=AccountsView(count, list(accounts)),
            gained=both.gained.view(),
            lost=both.lost.view(),
        )


def _is_something(row: ObjectEffect) -> bool:
    return bool((row.strangers or row.accounts.count) and (row.gained.count or row.lost.count))
