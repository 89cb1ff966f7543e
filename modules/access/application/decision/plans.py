"""What a combination of roles may do, worked out once and then looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Protocol

from modules.access.application.decision.compiled import Test, never, one_of
from shared_kernel.application.conditions import FALSE, TRUE, Condition, every, negated, paths, some
from shared_kernel.application.resources import RESOURCE, Resource

Roles = tuple[str, ...]
"""Names of roles, in the order of the alphabet."""


class Source(StrEnum):
    """Where a rule comes from: a role holds it, a module declares it, an administrator added it."""

    ROLE = "role"
    MODULE = "module"
    POLICY = "policy"
    GRANT = "grant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing the policy says.

    name       of the policy, or the permission through which a role or a module's rule allows
    role       whom it is for, where that is said: a role
    holding    the permission that whom it is for have to hold
    """

    source: Source
    name: str
    permission: str
    when: Condition
    denies: bool = False
    role: str | None = None
    holding: str | None = None

    @property
    def is_for_anyone(self) -> bool:
        """Whether it asks for neither a role nor a permission."""
        return self.role is None and self.holding is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the rules say to one combination of roles about one permission.

    held     one of the roles holds the permission
    certain  whether it is permitted whatever it is used on; None if that depends on who asks, when
    whole    the condition all of them come to
    reads    the attributes of the caller and of the environment that decide it
    allowed  says of facts whether they meet a rule that allows
    denied   says of facts whether they meet a rule that denies
    """

    held: bool
    certain: bool | None
    allowing: Sequence[Rule]
    denying: Sequence[Rule]
    whole: Condition
    reads: Sequence[str]
    allowed: Test
    denied: Test


NO_CASE = Case(
    held=False,
    certain=False,
    allowing=(),
    denying=(),
    whole=FALSE,
    reads=(),
    allowed=never,
    denied=never,
)


class Plan(Protocol):
    """Everything the policy says to who holds one combination of roles."""

    @property
    def counting(self) -> frozenset[str]:
        """The roles that count, with those they inherit from."""
        ...

    def case(self, permission: str) -> Case:
        """Return what there is about a permission; of unknown names, nothing, and unremembered."""
        ...


class PolicyEngine(Protocol):
    """A policy, compiled. It never changes, and is asked from one thread."""

    @property
    def actions(self) -> Mapping[str, Resource]:
        """The resource of each permission that is an action on single objects."""
        ...

    @property
    def rules(self) -> Mapping[str, Sequence[Rule]]:
        """Every rule, by the permission it is about."""
        ...

    @property
    def permissions(self) -> frozenset[str]:
        """Every permission there is."""
        ...

    def plan(self, roles: Roles, *, proved: bool) -> Plan:
        """Return what holders of these roles may do, with or without a second factor."""
        ...

    def way(self, roles: Roles, rule: Rule, *, proved: bool) -> Sequence[str]:
        """Return the roles that lead, by inheritance, from one of these to whom a rule is for.

        Empty where none does, and where the rule asks for nothing.
        """
        ...


def case_of(allowing: Sequence[Rule], denying: Sequence[Rule], *, held: bool) -> Case:
    """Return the case these rules make. What is met always stands first."""
    ordered = sorted(allowing, key=lambda rule: rule.when != TRUE)
    read = chain.from_iterable(paths(rule.when) for rule in chain(allowing, denying))
    return Case(
        held=held,
        certain=_certain(allowing, denying, held=held),
        allowing=tuple(ordered),
        denying=tuple(denying),
        whole=every(
            [some(one.when for one in ordered), negated(some(one.when for one in denying))]
        ),
        reads=tuple(sorted({one for one in read if not one.startswith(RESOURCE)})),
        allowed=one_of(rule.when for rule in ordered),
        denied=one_of(rule.when for rule in denying),
    )


def _certain(allowing: Sequence[Rule], denying: Sequence[Rule], *, held: bool) -> bool | None:
    if any(rule.when == TRUE for rule in denying):
        return False
    if denying:
        return None
    policies = [rule for rule in allowing if rule.source is Source.POLICY]
    if held or any(rule.when == TRUE for rule in policies):
        return True
    return None if policies else False
