"""Decisions compiled from a loaded model of Casbin: dictionaries instead of a walk over all rules.

Tests ask Casbin's own enforcer the same questions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from modules.access.adapters.casbin.model import ANYONE, HOLDS, ROLE, load
from modules.access.adapters.casbin.reading import (
    NOBODY,
    Links,
    links_of,
    reach,
    rules_of,
    way_to,
)
from modules.access.application.decision.plans import NO_CASE, Case, Roles, Rule, case_of
from modules.access.ports import StoredPolicy, StoredRole
from shared_kernel.application.resources import Resource

KEPT_PLANS = 10_000

Subjects = Mapping[str, Sequence[Rule]]


def compile_policy(
    roles: Sequence[StoredRole],
    policies: Sequence[StoredPolicy],
    resources: Mapping[str, Resource],
    permissions: frozenset[str],
) -> CasbinEngine:
    """Load the policy into Casbin, and compile it. Raises MalformedPolicy, EmptyPolicy.

    Resources and permissions are those that modules declare.
    """
    model = load(roles, policies, resources, permissions)
    return CasbinEngine(
        resources=resources,
        permissions=permissions,
        rules=rules_of(model, resources, {one.name: one.id for one in policies}),
        links=links_of(model, {ROLE + one.name: one.id for one in roles}),
        guarded=frozenset(ROLE + one.name for one in roles if one.requires_second_factor),
    )


class CasbinEngine:
    """A compiled policy. What was worked out is kept per combination of roles, never per caller."""

    def __init__(
        self,
        *,
        resources: Mapping[str, Resource],
        permissions: frozenset[str],
        rules: Mapping[str, Sequence[Rule]],
        links: Links,
        guarded: frozenset[str],
    ) -> None:
        self.permissions, self.rules = permissions, rules
        self.actions = {one.name: of for of in resources.values() for one in of.actions}
        self._links, self._guarded = links, guarded
        self._index = {one: _by_subject(rules.get(one, ())) for one in permissions}
        self._plans: tuple[dict[Roles, CasbinPlan], dict[Roles, CasbinPlan]] = ({}, {})

    @property
    def decisions(self) -> int:
        """How many decisions are kept."""
        return sum(plan.decisions for kept in self._plans for plan in kept.values())

    def plan(self, roles: Roles, *, proved: bool) -> CasbinPlan:
        plans = self._plans[proved]
        found = plans.get(roles)
        if found is None:
            if len(plans) >= KEPT_PLANS:
                plans.clear()  # combinations that nobody holds any more are among them
            found = plans[roles] = self._make(roles, proved=proved)
        return found

    def way(self, roles: Roles, rule: Rule, *, proved: bool) -> Sequence[str]:
        wanted = HOLDS + rule.holding if rule.holding is not None else ROLE + (rule.role or "")
        closed = frozenset[str]() if proved or rule.denies else self._guarded
        found = way_to(wanted, [ROLE + one for one in roles], self._links, without=closed)
        return [one.removeprefix(ROLE) for one in found if one.startswith(ROLE)]

    def _make(self, roles: Roles, *, proved: bool) -> CasbinPlan:
        named = [ROLE + one for one in roles]
        counting = reach(named, self._links, without=NOBODY if proved else self._guarded)
        return CasbinPlan(self._index, counting, denied=reach(named, self._links))


class CasbinPlan:
    """What one combination of roles may do.

    A deny reaches whoever has the role: not to prove a second factor is no way around it.
    """

    def __init__(
        self, index: Mapping[str, Subjects], subjects: frozenset[str], denied: frozenset[str]
    ) -> None:
        self._index, self._subjects, self._denied = index, subjects, denied
        self._cases: dict[str, Case] = {}
        roles = (one for one in subjects if one.startswith(ROLE))
        self.counting = frozenset(one.removeprefix(ROLE) for one in roles)

    @property
    def decisions(self) -> int:
        """How many decisions are kept."""
        return len(self._cases)

    def case(self, permission: str) -> Case:
        found = self._cases.get(permission)
        return self._compile(permission) if found is None else found

    def _compile(self, permission: str) -> Case:
        said = self._index.get(permission)
        if said is None:
            return NO_CASE
        case = self._cases[permission] = case_of(
            [one for one in _said_to(self._subjects, said) if not one.denies],
            [one for one in _said_to(self._denied, said) if one.denies],
            held=HOLDS + permission in self._subjects,
        )
        return case


def _said_to(subjects: frozenset[str], said: Subjects) -> Iterator[Rule]:
    return chain.from_iterable(
        rules for one, rules in said.items() if one == ANYONE or one in subjects
    )


def _by_subject(rules: Iterable[Rule]) -> Subjects:
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        subject = ROLE + rule.role if rule.role is not None else ANYONE
        found.setdefault(subject if rule.holding is None else HOLDS + rule.holding, []).append(rule)
    return found
