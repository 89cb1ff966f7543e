"""Why the policy decides as it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from modules.access.application.decision.facts import Asking
from modules.access.application.decision.in_force import ID, PolicyInForce
from modules.access.application.decision.places import reaches, said
from modules.access.application.decision.plans import Rule, Source
from shared_kernel.application import Caller
from shared_kernel.application.conditions import (
    Attribute,
    Compare,
    Condition,
    Facts,
    Op,
    meets,
    paths,
)
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True)
class Weighed:
    """One rule that speaks of the permission to who asks.

    where  on which objects it speaks to them: those of a scope, where their role is of a scope
    met    its condition holds, and an API key brings along what it asks for
    read   the attributes it reads, None where there is nothing
    """

    rule: Rule
    where: Condition
    met: bool
    read: Facts


@dataclass(frozen=True, slots=True)
class Reasons:
    """What was decided about one of those who have to be allowed, and why.

    account_id  the caller, or who acts as the caller; None for a stranger
    decided_by  the deny that is met, else what allows; None where nothing does
    lacking     permissions with which rules would allow that are met but for these
    beyond_key  the API key does not reach to the permission
    """

    account_id: AccountId | None
    allowed: bool
    decided_by: Rule | None
    weighed: Sequence[Weighed]
    lacking: Sequence[str]
    beyond_key: bool


def explain(
    policy: PolicyInForce, caller: Caller | None, permission: str, facts: Facts
) -> Sequence[Reasons]:
    """Return why a caller may do this or not; all of the reasons have to allow it."""
    return [_reasons(policy, one, permission, facts) for one in policy.asking(caller)]


def _reasons(policy: PolicyInForce, asking: Asking, permission: str, facts: Facts) -> Reasons:
    every_rule = policy.engine.rules.get(permission, ())
    read = {path for rule in every_rule for path in paths(rule.when)}
    known = policy.told(asking, read, facts)
    weighed = list(_weighed(policy, asking, permission, known))
    denied = next((one.rule for one in weighed if one.met and one.rule.denies), None)
    allowing = next((one.rule for one in weighed if one.met and not one.rule.denies), None)
    beyond_key = not policy.in_scope(asking.caller, permission)
    heard = {one.rule for one in weighed if one.met}
    return Reasons(
        account_id=asking.id,
        allowed=denied is None and allowing is not None and not beyond_key,
        decided_by=denied or (None if beyond_key else allowing),
        weighed=weighed,
        lacking=_lacking([rule for rule in every_rule if rule not in heard], permission, known),
        beyond_key=beyond_key,
    )


def _weighed(
    policy: PolicyInForce, asking: Asking, permission: str, known: Facts
) -> Iterator[Weighed]:
    for where, case in policy.places(asking, permission):
        here = meets(where, known)
        for rule in said(where, [*case.denying, *case.allowing], None):
            reached = rule.denies or reaches(asking.key, rule)
            met = here and reached and meets(rule.when, known)
            yield Weighed(rule, where, met, _read(rule.when, known))
    for where, objects in policy.shares(asking, permission):
        object_id = known.get(ID)
        if policy.is_shared(objects, object_id):
            when = Compare(ID, Op.EQ, Attribute(ID))
            rule = Rule(source=Source.GRANT, name="", permission=permission, when=when)
            yield Weighed(rule, where, meets(where, known), {ID: object_id})


def _lacking(rules: Sequence[Rule], permission: str, known: Facts) -> Sequence[str]:
    """Return what would have to be held, the permission itself first."""
    wanted = {
        rule.holding
        for rule in rules
        if rule.holding is not None and not rule.denies and meets(rule.when, known)
    }
    return sorted(wanted, key=lambda one: (one != permission, one))


def _read(condition: Condition, known: Facts) -> Facts:
    return {path: known.get(path) for path in paths(condition)}
