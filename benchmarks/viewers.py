"""Kinds of people who look at the same list of products, each under a policy of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from modules.access.adapters.casbin import compile_policy
from modules.access.application.decision.holders import Folding, Sharing
from modules.access.application.decision.in_force import PolicyInForce
from modules.access.ports import StoredAssignment, StoredGrant, StoredPolicy, StoredRole
from modules.catalog.application.guarding import PRODUCTS
from modules.catalog.module import module as catalog
from modules.catalog.public import PRODUCTS_PUBLISH, PRODUCTS_READ, PRODUCTS_WRITE
from shared_kernel.application import Caller
from shared_kernel.application.conditions import Condition, Facts
from shared_kernel.application.resources import NOTHING
from shared_kernel.domain import AccountId

ACCOUNT = AccountId(UUID("01900000-0000-7000-8000-000000000001"))
EDITS = [PRODUCTS_READ.name, PRODUCTS_WRITE.name, PRODUCTS_PUBLISH.name]
VIEWER, EDITOR = StoredRole(UUID(int=1), "viewer", False, []), StoredRole(
    UUID(int=2), "editor", False, EDITS
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who looks, and the policy they look under."""

    caller: Caller | None
    policies: Sequence[StoredPolicy] = ()
    assignments: Sequence[StoredAssignment] = ()
    grants: Sequence[StoredGrant] = ()

    @property
    def in_force(self) -> PolicyInForce:
        """The policy, compiled."""
        roles = [VIEWER, EDITOR]
        names = {one.id: one.name for one in roles}
        folding, sharing = Folding(names, VIEWER.name), Sharing(names)
        folding.add(self.assignments)
        sharing.add(self.grants)
        known = frozenset(one.name for one in catalog.permissions)
        engine = compile_policy(roles, self.policies, {PRODUCTS.name: PRODUCTS}, known)
        now = datetime.now(UTC)
        return PolicyInForce(1, engine, folding.holders(), sharing.grants(), lambda: now)

    def within(self, known: Facts = NOTHING) -> Condition:
        """Return what they are shown."""
        return self.in_force.condition(self.caller, PRODUCTS_READ.name, known)


def viewers(categories: Sequence[UUID], shared: Sequence[UUID]) -> Mapping[str, Viewer]:
    """Return one of each kind.

    An editor has the first two categories, nobody is shown the third, `shared` are granted.
    """
    person = Caller(ACCOUNT, UUID(int=1))
    return {
        "a stranger": Viewer(None),
        "an owner": Viewer(person),
        "an editor of two categories": Viewer(
            person,
            assignments=[
                StoredAssignment(UUID(int=n), ACCOUNT, EDITOR.id, str(one))
                for n, one in enumerate(categories[:2])
            ],
        ),
        f"somebody with {len(shared)} grants": Viewer(
            person,
            grants=[
                StoredGrant(UUID(int=n), PRODUCTS.name, one, PRODUCTS_READ.name, ACCOUNT)
                for n, one in enumerate(shared)
            ],
        ),
        "an owner under a deny": Viewer(person, policies=[_deny(categories[2])]),
    }


def _deny(category: UUID) -> StoredPolicy:
    when = {"attribute": "resource.category_id", "op": "eq", "value": str(category)}
    return StoredPolicy(
        UUID(int=1), "hidden-shelf", "deny", True, when, permissions=[PRODUCTS_READ.name]
    )
