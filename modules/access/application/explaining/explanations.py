"""Decisions and their reasons, as they are shown and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from modules.access.application.decision.in_force import ID, PolicyInForce
from modules.access.application.decision.places import lies_in
from modules.access.application.decision.plans import Source
from modules.access.application.explaining.explaining import Reasons, Weighed, explain
from modules.access.application.explaining.hearing import Question, general_reasons
from modules.access.application.explaining.nearest import Need, Step, nearest
from modules.access.application.explaining.repairs import Change
from modules.access.application.rulebook.documents import written
from modules.access.application.rulebook.values import plain
from modules.access.domain import Effect
from shared_kernel.application import Caller
from shared_kernel.application.conditions import TRUE, Facts, Value, negated
from shared_kernel.application.resources import NOTHING

Document = Mapping[str, object]

MOST_RULES = 50  # shown: every refusal is kept with them


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule that speaks of the permission to who asks.

    source      where it comes from: a role, the module itself, a policy, or a grant on the object
    policy      the name of the policy it is
    holding     the permission it asks to be held
    through     the roles by which it speaks to who asks, from the one they were given to the one
                that is meant or that holds the permission; empty if it speaks to anyone
    scope       where these roles count, if not everywhere
    grant_id    the grant it is
    met         its condition holds here
    when        its condition; of a policy, null for who may not read policies
    attributes  what the condition read, null where there is nothing
    """

    source: Source
    effect: Effect
    policy: str | None
    holding: str | None
    through: Sequence[str]
    scope: str | None
    grant_id: UUID | None
    when: Document | None
    met: bool
    attributes: Document


@dataclass(frozen=True, slots=True)
class StepView:
    """One thing that would have to be different.

    kind       `second_factor` to be proved; `permission`, `role` or `grant` (of this permission, on
               this object) to be given; `key`: the API key would have to reach to the permission;
               `policy` would have to go; `condition` would have to be met
    name       of the permission, the role or the policy
    """

    kind: str
    name: str | None = None
    condition: Document | None = None


@dataclass(frozen=True, slots=True)
class PartyView:
    """What was decided about one of those who have to be allowed: the caller, or who acts as them.

    decided_by  the policy that denies it, or else the rule that allows it; null where none does
    rules       those that speak of the permission to them, what is met first; at most fifty
    nearest     what would be enough to be allowed: each a list of steps, the shortest first
    """

    account_id: UUID | None
    allowed: bool
    decided_by: RuleView | None
    rules: Sequence[RuleView]
    nearest: Sequence[Sequence[StepView]]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether something is allowed, and why. Whoever acts as somebody else needs both allowed."""

    allowed: bool
    permission: str
    resource: str | None
    object_id: UUID | None
    policy_version: int
    parties: Sequence[PartyView]


def explanation(
    policy: PolicyInForce,
    caller: Caller | None,
    permission: str,
    facts: Facts | None,
    *,
    discreet: bool = False,
) -> Explanation:
    """Explain a decision: about the object of these facts, or about none (see `Question`)."""
    asked = [Question(policy, one, permission, facts, discreet) for one in policy.asking(caller)]
    parties = [_party(*one) for one in zip(asked, _reasons(asked, caller), strict=True)]
    resource = policy.engine.actions.get(permission)
    object_id = (facts or NOTHING).get(ID)
    return Explanation(
        allowed=all(one.allowed for one in parties),
        permission=permission,
        resource=None if resource is None else resource.name,
        object_id=object_id if isinstance(object_id, UUID) else None,
        policy_version=policy.version,
        parties=parties,
    )


def with_grant(explained: Explanation, grant_id: UUID) -> Explanation:
    """Return the same, with the id of the grant that it names."""
    return replace(explained, parties=[_granted(one, grant_id) for one in explained.parties])


def _granted(party: PartyView, grant_id: UUID) -> PartyView:
    def named(rule: RuleView) -> RuleView:
        return replace(rule, grant_id=grant_id) if rule.source is Source.GRANT else rule

    decided_by = party.decided_by and named(party.decided_by)
    return replace(party, decided_by=decided_by, rules=[named(one) for one in party.rules])


def _reasons(asked: Sequence[Question], caller: Caller | None) -> Sequence[Reasons]:
    first = asked[0]
    if first.is_general:
        return [general_reasons(one) for one in asked]
    return explain(first.policy, caller, first.permission, first.facts or NOTHING)


def _party(question: Question, reasons: Reasons) -> PartyView:
    decisive = [one for one in reasons.weighed if one.met and one.rule == reasons.decided_by][:1]
    others = sorted(reasons.weighed, key=lambda one: not one.met)
    shown = [*decisive, *(one for one in others[:MOST_RULES] if one not in decisive)]
    rules = [_rule(question, one) for one in shown[:MOST_RULES]]
    ways: Sequence[Sequence[Step]] = () if reasons.allowed else nearest(question)
    return PartyView(
        account_id=reasons.account_id,
        allowed=reasons.allowed,
        decided_by=rules[0] if decisive else None,
        rules=rules,
        nearest=[[_step(one) for one in way] for way in ways],
    )


def _rule(question: Question, weighed: Weighed) -> RuleView:
    rule, asking = weighed.rule, question.asking
    scope, roles = _place(question, weighed)
    through: Sequence[str] = ()
    is_secret = question.discreet and rule.source is Source.POLICY
    if not rule.is_for_anyone:
        through = question.policy.engine.way(roles, rule, proved=asking.proved)
    return RuleView(
        source=rule.source,
        effect=Effect.DENY if rule.denies else Effect.ALLOW,
        policy=rule.name if rule.source is Source.POLICY else None,
        holding=rule.holding,
        through=through,
        scope=scope,
        grant_id=None,
        when=None if is_secret else written(rule.when),
        met=weighed.met,
        attributes={} if is_secret else told(weighed.read),
    )


def _place(question: Question, weighed: Weighed) -> tuple[str | None, tuple[str, ...]]:
    held, resource = question.asking.held, question.policy.engine.actions.get(question.permission)
    if weighed.where == TRUE or resource is None:
        return None, held.roles
    for scope, roles in held.scoped:
        if lies_in(resource, scope) == weighed.where:
            return scope, roles
    return None, held.roles


def _step(step: Step) -> StepView:
    if isinstance(step, Need):
        return StepView(kind=step.kind.value, name=step.name or None)
    return StepView(kind="condition", condition=_wanted(step))


def _wanted(change: Change) -> Document:
    return written(change.compare if change.holds else negated(change.compare))


def told(facts: Facts) -> Document:
    """Return attributes as JSON has them."""
    return {path: _told(value) for path, value in facts.items()}


def _told(value: Value) -> object:
    if value is None:
        return None
    return sorted(value) if isinstance(value, frozenset) else plain(value)
