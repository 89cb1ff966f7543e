"""A shop whose things are guarded one by one: what the tests of the engine decide about."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from modules.access.adapters.memory import InMemoryAuthorizer
from modules.access.ports import StoredPolicy
from modules.access.public import VIEWER
from shared_kernel.application import Clock
from shared_kernel.application.conditions import Facts, Kind, Value
from shared_kernel.application.resources import Resource, Rule, attribute_is, owned
from shared_kernel.domain import Permission, new_id
from tests.kit.access import FakePolicyStore
from tests.kit.deciding import authorizer_over

READ, WRITE, SHARE = (
    Permission(f"shop.things.{verb}", f"{verb} things") for verb in ("read", "write", "share")
)
ALL = Permission("shop.things.all", "Do everything with everybody's things.")
REPORTS = "shop.reports.read"

THINGS = Resource(
    name="shop.things",
    attributes={
        "owner_id": Kind.ID,
        "status": Kind.TEXT,
        "place": Kind.TEXT,
        "tags": Kind.TEXTS,
        "weight": Kind.NUMBER,
        "made_at": Kind.TIME,
    },
    read=READ,
    share=SHARE,
    actions=(READ, WRITE, SHARE),
    rules=(
        Rule(actions=[READ], when=attribute_is("status", "open")),
        Rule(actions=[READ, WRITE, SHARE], when=owned(), holding=WRITE),
        Rule(actions=[READ, WRITE, SHARE], holding=ALL),
    ),
    scope="place",
)

ALWAYS: dict[str, object] = {"all": []}
DRAFT: dict[str, object] = {"attribute": "resource.status", "op": "eq", "value": "draft"}


def stored() -> FakePolicyStore:
    """Return a store with the default role, which holds nothing that matters."""
    store = FakePolicyStore()
    store.add_role(VIEWER, REPORTS)
    return store


def deciding(store: FakePolicyStore, clock: Clock | None = None) -> InMemoryAuthorizer:
    """Return who decides about the shop, still to be opened."""
    return authorizer_over(store, ALL.name, REPORTS, resources=[THINGS], clock=clock)


def thing(**attributes: Value) -> Facts:
    """Return the facts of a draft that nobody owns."""
    facts: dict[str, Value] = {"id": new_id(), "owner_id": None, "status": "draft"}
    return {f"resource.{name}": value for name, value in {**facts, **attributes}.items()}


def id_of(facts: Facts) -> UUID:
    """Return the id of a thing."""
    found = facts["resource.id"]
    assert isinstance(found, UUID)
    return found


def policy(
    effect: str,
    *permissions: str,
    roles: Sequence[str] = (),
    when: dict[str, object] | None = None,
    enabled: bool = True,
) -> StoredPolicy:
    """Return a policy, for anyone unless roles are named."""
    return StoredPolicy(
        id=new_id(),
        name=f"policy-{new_id()}",
        effect=effect,
        anyone=not roles,
        when=ALWAYS if when is None else when,
        enabled=enabled,
        roles=roles,
        permissions=permissions,
    )
