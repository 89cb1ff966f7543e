"""The whole rulebook at once: an earlier version put in force again, or one from a file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from modules.access.application.administering.roles import Reason, remove_role
from modules.access.application.rulebook.reading import read_rulebook
from modules.access.application.rulebook.revising import Revise, Revision
from modules.access.application.rulebook.wording import Wording
from modules.access.domain import Policy, PolicyEntry, Role, RoleEntry, Rulebook
from modules.access.ports import AccessTransaction
from modules.access.public import ADMINISTRATOR
from shared_kernel.application import Clock, Command


class RestoreVersion(Command):
    """Why an earlier version comes back in force; `force`: even if you cannot take that back."""

    reason: Reason | None = None
    force: bool = False


@dataclass(frozen=True, slots=True)
class Writing:
    """Makes the roles and policies of a transaction those of a rulebook, and no others."""

    wording: Wording
    clock: Clock
    default_role: str

    async def __call__(self, tx: AccessTransaction, wanted: Rulebook) -> None:
        """Write it.

        Raises UnknownPermission, UnknownRole, InheritanceCycle, BuiltInRole, RoleInUse, and what
        reading a condition raises.
        """
        before = (await tx.rules()).book
        book = self.wording.require_written(before, complete(wanted, before))
        book.require_sound()
        roles = {one.name: one for one in await tx.roles.all()}
        for name in sorted(book.roles.keys() - roles.keys()):
            roles[name] = Role.named(name, (), at=self.clock.now())
            tx.roles.add(roles[name])
        ids = {name: one.id for name, one in roles.items()}
        for name, entry in book.roles.items():
            if entry != before.roles.get(name):
                self._write_role(roles[name], entry, ids)
        await self._write_policies(tx, before, book, ids)
        await self._remove_roles(tx, [one for one in roles.values() if one.name not in book.roles])

    def _write_role(self, role: Role, entry: RoleEntry, ids: Mapping[str, UUID]) -> None:
        now = self.clock.now()
        role.demand_second_factor(entry.requires_second_factor, at=now)
        if role.name != ADMINISTRATOR:
            role.hold_only(entry.permissions, at=now)
            role.inherit_only([ids[one] for one in entry.inherits], at=now)

    async def _write_policies(
        self, tx: AccessTransaction, before: Rulebook, book: Rulebook, ids: Mapping[str, UUID]
    ) -> None:
        changed = {n: one for n, one in book.policies.items() if one != before.policies.get(n)}
        gone = before.policies.keys() - book.policies.keys()
        for policy in await tx.policies.named(gone):
            await tx.policies.remove(policy)
        there = await tx.policies.named(changed.keys() & before.policies.keys())
        policies = {one.name: one for one in there}
        for name, entry in changed.items():
            policy = policies.get(name) or Policy.named(name, entry.effect, at=self.clock.now())
            self._write_policy(policy, entry, ids)
            if name not in policies:
                tx.policies.add(policy)

    def _write_policy(self, policy: Policy, entry: PolicyEntry, ids: Mapping[str, UUID]) -> None:
        policy.description, policy.effect = entry.description, entry.effect
        policy.enabled, policy.when = entry.enabled, entry.when
        policy.be_about(entry.permissions)
        policy.be_for([ids[one] for one in entry.roles], anyone=entry.anyone)
        policy.changed_at = self.clock.now()

    async def _remove_roles(self, tx: AccessTransaction, gone: Collection[Role]) -> None:
        for role in gone:
            role.require_deletable()
            role.inherit_only((), at=self.clock.now())  # they may inherit from each other
        for role in gone:
            await remove_role(tx, role, self.default_role)


@dataclass(frozen=True, slots=True)
class RulebookService:
    """Puts a whole rulebook in force. Who may change what is as in any other change."""

    revise: Revise
    write: Writing

    async def restore(self, version: int, revision: Revision) -> None:
        """Put an earlier version in force again, as a new one.

        Raises NoSuchVersion beside what writing it raises: what it names may be gone by now.
        """
        async with self.revise(revision) as tx:
            past = await tx.past.get(version)
            await self.write(tx, read_rulebook(past.document))

    async def apply(self, wanted: Rulebook, revision: Revision) -> None:
        """Put a rulebook in force. Raises what writing it raises."""
        async with self.revise(revision) as tx:
            await self.write(tx, wanted)


def complete(wanted: Rulebook, before: Rulebook) -> Rulebook:
    """Return the rulebook with the administrator, who may be left out and stays as they are."""
    kept = {name: one for name, one in before.roles.items() if name == ADMINISTRATOR}
    return Rulebook(roles={**kept, **wanted.roles}, policies=wanted.policies)
