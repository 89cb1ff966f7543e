"""What of their rights somebody may give on: not more, and for no longer, than they hold it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from modules.access.application.decision.current import CurrentPolicy
from modules.access.application.decision.facts import Asking
from modules.access.application.decision.in_force import PolicyInForce
from modules.access.application.decision.plans import Case, Source
from modules.access.domain import Stake
from shared_kernel.application import Caller
from shared_kernel.application.conditions import FALSE, TRUE, Facts, reduced
from shared_kernel.application.resources import NOTHING

FOREVER = datetime.max.replace(tzinfo=UTC)
MOMENT = timedelta(microseconds=1)

LASTING = ("caller.id", "caller.roles")
"""What does not depend on when and how somebody asks."""


@dataclass(frozen=True, slots=True)
class GivingOn:
    """Holds what is at stake to the policy in force.

    To hold a permission now is not enough to give it: who holds it for a while, or where a policy
    says so under a condition, would make of it something lasting, and unconditional.
    """

    current: CurrentPolicy

    def lacking(
        self, caller: Caller, stake: Stake, *, role: str | None = None, until: datetime | None
    ) -> Collection[str]:
        """Return the permissions the caller cannot give on until a time (None: for ever).

        Whoever holds the `role` that is given has all that comes with it.
        """
        with self.current.answering("what may be given on"):
            return self._lacking(caller, stake, role, until)

    def _lacking(
        self, caller: Caller, stake: Stake, role: str | None, until: datetime | None
    ) -> Collection[str]:
        policy = self.current.policy
        lasting = _until(policy, caller, until)
        found: set[str] = set()
        for now, then in zip(policy.asking(caller), lasting.asking(caller), strict=True):
            found.update(one for one in stake.held if not _holds(then.plan.case(one)))
            if role not in then.plan.counting:
                found.update(_not_everywhere(policy, then, stake))
            found.update(_denied(policy, now, stake.denying))
        return found

    def lasts(
        self, caller: Caller, permissions: Collection[str], facts: Facts, *, until: datetime | None
    ) -> bool:
        """Say whether roles that end before then are not needed to do all this to the object."""
        with self.current.answering("how long a right lasts"):
            lasting = _until(self.current.policy, caller, until)
            return all(lasting.allows(caller, one, facts) for one in permissions)


def _until(policy: PolicyInForce, caller: Caller, until: datetime | None) -> PolicyInForce:
    """Return the policy just before a time, when what ends then counts for the last time."""
    return policy.later(caller, (until or FOREVER) - MOMENT)


def _holds(case: Case) -> bool:
    """Say whether a role holds the permission, or a policy gives it without any condition."""
    return case.held or any(
        rule.source is Source.POLICY and rule.when == TRUE for rule in case.allowing
    )


def _not_everywhere(policy: PolicyInForce, asking: Asking, stake: Stake) -> Iterator[str]:
    """Yield what is allowed and shared, and not allowed to who asks on every object there is."""
    now = policy.now().timestamp()
    shared = {
        permission
        for role in stake.roles - asking.plan.counting
        for permission, objects in policy.grants.roles.get(role, {}).items()
        if any(now < end for end in objects.values())
    }
    for one in stake.allowed | shared:
        case = asking.plan.case(one)
        whole = any(rule.when == TRUE for rule in case.allowing)
        if not (whole if one in policy.engine.actions else _holds(case)):
            yield one


def _denied(policy: PolicyInForce, asking: Asking, names: Collection[str]) -> Iterator[str]:
    """Yield what these policies deny to who asks, wherever that is."""
    if not names:
        return
    known = policy.told(asking, LASTING, NOTHING)
    for permission in policy.engine.permissions:
        for _, case in policy.places(asking, permission):
            if any(
                rule.name in names and reduced(rule.when, known) != FALSE for rule in case.denying
            ):
                yield permission
