"""What would this change give or take, from whom, on real data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from modules.access.application.decision.current import CurrentPolicy
from modules.access.application.explaining.assuming import Assume
from modules.access.application.simulation.changes import Simulate
from modules.access.application.simulation.groups import LISTED, Everybody, Group
from modules.access.application.simulation.moves import Finder
from modules.access.application.simulation.objects import EffectsOnObjects
from modules.access.application.simulation.supposing import Suppose
from modules.access.application.simulation.views import (
    AccountsView,
    ObjectEffect,
    PermissionEffect,
    Simulation,
)
from modules.access.ports import Aside
from modules.access.public import READ_ASSIGNMENTS
from modules.identity.public import Census
from shared_kernel.application import Caller, Clock
from shared_kernel.application.resources import NOTHING, ResourceCatalogue
from shared_kernel.domain import PermissionDenied

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SimulateChange:
    """Compares two policies over all accounts and objects. Nothing is changed."""

    current: CurrentPolicy
    suppose: Suppose
    census: Census
    resources: ResourceCatalogue
    aside: Aside
    clock: Clock

    async def __call__(self, caller: Caller, wanted: Simulate) -> Simulation:
        """Return what the change would give and take. Raises what `Suppose` raises.

        PermissionDenied where the caller may not know who holds what; Unavailable on a defect.
        """
        with self.current.answering("what a change would do"):
            return await self._simulated(caller, wanted)

    async def _simulated(self, caller: Caller, wanted: Simulate) -> Simulation:
        if not self.current.policy.permits(caller, READ_ASSIGNMENTS.name):
            raise PermissionDenied(
                f"this needs the permission {READ_ASSIGNMENTS.name}",
                permission=READ_ASSIGNMENTS.name,
            )
        change = await self.suppose(wanted)
        assumed = wanted.assuming or Assume()
        everybody = Everybody(change, assumed, self.clock.now())
        aside = _Assuming(self.aside, assumed)
        async for accounts in self.census.accounts():
            await aside(partial(everybody.add, accounts))
        everybody.settle()
        left_out = set[str]()
        return Simulation(
            policy_version=change.before.version,
            permissions=await aside(lambda: list(_permissions(everybody))),
            objects=await self._objects(caller, everybody, aside, left_out),
            complete=not left_out,
            left_out=sorted(left_out),
        )

    async def _objects(
        self, caller: Caller, everybody: Everybody, aside: Aside, left_out: set[str]
    ) -> Sequence[ObjectEffect]:
        effects: list[ObjectEffect] = []
        for name in sorted(self.resources.resources):
            resource, current = self.resources.resources[name], self.current.policy
            visible = current.condition(caller, resource.read.name, NOTHING)
            finder = Finder(self.resources.objects[name](), visible, left_out)
            for action in resource.actions:
                effects += await EffectsOnObjects(action.name, resource, finder, everybody, aside)()
        return effects


@dataclass(frozen=True, slots=True)
class _Assuming:
    """Works aside, as if asked from where it is assumed."""

    aside: Aside
    assumed: Assume

    async def __call__(self, work: Callable[[], T]) -> T:
        def there() -> T:
            with self.assumed.from_there():
                return work()

        return await self.aside(there)


def _permissions(everybody: Everybody) -> Iterator[PermissionEffect]:
    for permission in sorted(everybody.after.engine.permissions):
        gaining, losing = list[Group](), list[Group]()
        for group in everybody.groups:
            was, is_now = group.specimen.permits(permission)
            if was is not is_now:
                (gaining if is_now else losing).append(group)
        if gaining or losing:
            yield PermissionEffect(permission, _accounts(gaining), _accounts(losing))


def _accounts(groups: Sequence[Group]) -> AccountsView:
    first = sorted(one for group in groups for one in group.first)
    return AccountsView(sum(group.count for group in groups), first[:LISTED])
