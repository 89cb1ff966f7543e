"""Policies: what is allowed and denied beside the roles, under conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from annotated_types import MaxLen, MinLen

from modules.access.application.administering.roles import PermissionName, Reason, RoleName
from modules.access.application.rulebook.revising import Revise, Revision
from modules.access.application.rulebook.wording import Wording
from modules.access.domain import ALWAYS, POLICY_NAME, Effect, Policy, UnknownRole
from modules.access.ports import AccessTransaction
from shared_kernel.application import ABSENT, Absent, Caller, Clock, Command, Matches, given

PolicyName = Annotated[str, Matches(POLICY_NAME)]
Description = Annotated[str, Matches(r"^[^\x00-\x1f\x7f-\x9f]{0,500}$")]
RolesNamed = Annotated[tuple[RoleName, ...], MaxLen(1000)]
PermissionsNamed = Annotated[tuple[PermissionName, ...], MinLen(1), MaxLen(1000)]
ConditionDocument = dict[str, object]


class CreatePolicy(Command):
    """A new policy: whom it is for (`roles`, or `anyone`), and what it allows or denies them.

    `when` is a condition; without one the policy always applies. A deny wins over every allow.
    """

    name: PolicyName
    description: Description = ""
    effect: Effect
    roles: RolesNamed = ()
    anyone: bool = False
    permissions: PermissionsNamed
    when: ConditionDocument = field(default_factory=lambda: dict(ALWAYS))
    enabled: bool = True
    reason: Reason | None = None
    force: bool = False


class AlterPolicy(Command):
    """What the policy shall be from now on (JSON Merge Patch): what is not sent stays.

    `roles`, `permissions` and `when` are replaced as a whole. `reason` is kept with the version
    that the change makes. `force` changes it even if you cannot take that back.
    """

    description: Description | Absent = ABSENT
    effect: Effect | Absent = ABSENT
    roles: RolesNamed | Absent = ABSENT
    anyone: bool | Absent = ABSENT
    permissions: PermissionsNamed | Absent = ABSENT
    when: ConditionDocument | Absent = ABSENT
    enabled: bool | Absent = ABSENT
    reason: Reason | None = None
    force: bool = False


@dataclass(frozen=True, slots=True)
class PolicyService:
    """What can be done with policies; without a caller, on the system's own behalf.

    Nobody allows or denies what they do not hold: see `Revise` for what every change raises
    beside what is named here.
    """

    revise: Revise
    wording: Wording
    clock: Clock

    async def create(self, caller: Caller | None, wanted: CreatePolicy) -> UUID:
        """Make a policy.

        Raises PolicyNameTaken, PolicyForNobody, UnknownPermission, UnknownRole, and what reading
        a condition raises.
        """
        self.wording.require_declared(wanted.permissions)
        async with self.revise(_revision(caller, wanted)) as tx:
            policy = Policy.named(wanted.name, wanted.effect, at=self.clock.now())
            policy.description, policy.enabled = wanted.description, wanted.enabled
            policy.be_about(wanted.permissions)
            policy.when = self.wording.condition(wanted.when, policy.permissions)
            policy.be_for(await _ids_of(tx, wanted.roles), anyone=wanted.anyone)
            tx.policies.add(policy)
            return policy.id

    async def alter(
        self, caller: Caller | None, policy_id: UUID, expected: int, wanted: AlterPolicy
    ) -> None:
        """Change what a policy says. Raises Stale beside what making one raises."""
        async with self.revise(_revision(caller, wanted)) as tx:
            policy = await tx.policies.get(policy_id)
            policy.must_be_at(expected)
            policy.description = given(wanted.description, policy.description)
            policy.effect = given(wanted.effect, policy.effect)
            policy.enabled = given(wanted.enabled, policy.enabled)
            self._word(policy, wanted)
            await self._aim(tx, policy, wanted)
            policy.changed_at = self.clock.now()

    async def delete(
        self,
        caller: Caller | None,
        policy_id: UUID,
        expected: int,
        *,
        reason: str | None = None,
        force: bool = False,
    ) -> None:
        """Delete a policy. Raises Stale."""
        revision = Revision(author=caller, reason=reason, force=force)
        async with self.revise(revision) as tx:
            policy = await tx.policies.get(policy_id)
            policy.must_be_at(expected)
            await tx.policies.remove(policy)

    def _word(self, policy: Policy, wanted: AlterPolicy) -> None:
        """Set what it is about, and when; other permissions may know other attributes."""
        if wanted.permissions is not ABSENT:
            self.wording.require_declared({*wanted.permissions} - policy.permissions)
            policy.be_about(wanted.permissions)
        if wanted.permissions is not ABSENT or wanted.when is not ABSENT:
            when = given(wanted.when, policy.when)
            policy.when = self.wording.condition(when, policy.permissions)

    async def _aim(self, tx: AccessTransaction, policy: Policy, wanted: AlterPolicy) -> None:
        if wanted.roles is ABSENT and wanted.anyone is ABSENT:
            return
        ids = policy.role_ids if wanted.roles is ABSENT else await _ids_of(tx, wanted.roles)
        policy.be_for(ids, anyone=given(wanted.anyone, policy.anyone))


def _revision(caller: Caller | None, wanted: CreatePolicy | AlterPolicy) -> Revision:
    return Revision(author=caller, reason=wanted.reason, force=wanted.force)


async def _ids_of(tx: AccessTransaction, names: tuple[str, ...]) -> frozenset[UUID]:
    known: Mapping[str, UUID] = {one.name: one.id for one in await tx.roles.all()}
    if not known.keys() >= {*names}:
        raise UnknownRole("there is no such role", field="/roles")
    return frozenset(known[one] for one in names)
