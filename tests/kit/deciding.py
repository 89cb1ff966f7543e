"""The policy in memory over a double of the store."""

from __future__ import annotations

from collections.abc import Sequence

from modules.access.adapters.casbin import compile_policy
from modules.access.adapters.memory import InMemoryAuthorizer
from modules.access.adapters.threads import InThread
from modules.access.application.decision.loading import LoadPolicy
from modules.access.public import VIEWER
from shared_kernel.adapters.signals import Signals
from shared_kernel.adapters.sql import Database
from shared_kernel.application import Clock
from shared_kernel.application.resources import Resource, ResourceCatalogue
from tests.kit.access import FakePolicyStore, Noon, catalogue_with


async def nothing_to_seed() -> None:
    """Seed nothing: the store holds what the test put there."""


def authorizer_over(
    store: FakePolicyStore,
    *permissions: str,
    resources: Sequence[Resource] = (),
    default_role: str = VIEWER,
    clock: Clock | None = None,
) -> InMemoryAuthorizer:
    """Return an authorizer that is still to be opened, and that hears of no signals."""
    actions = [one.name for of in resources for one in of.actions]
    load = LoadPolicy(
        store=store,
        compile=compile_policy,
        catalogue=catalogue_with(*dict.fromkeys([*permissions, *actions])),
        resources=ResourceCatalogue(resources={one.name: one for one in resources}, objects={}),
        clock=clock or Noon(),
        aside=InThread(),
        default_role=default_role,
    )
    signals = Signals(Database("postgresql://nobody@127.0.0.1:1/nowhere"))
    return InMemoryAuthorizer(store=store, load=load, signals=signals, seed=nothing_to_seed)
