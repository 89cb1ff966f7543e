"""What the rules say about a permission, whether or not they say it to who asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from modules.access.application.decision.facts import Asking
from modules.access.application.decision.in_force import Place, PolicyInForce
from modules.access.application.decision.places import reaches, said
from modules.access.application.decision.plans import Case, Rule, Source
from modules.access.application.explaining.explaining import Reasons, Weighed
from shared_kernel.application.conditions import (
    TRUE,
    Condition,
    Facts,
    every,
    meets,
    paths,
    reduced,
)
from shared_kernel.application.resources import NOTHING, RESOURCE


@dataclass(frozen=True)
class Question:
    """Whether somebody may do something.

    facts     those of the object meant. None asks whether they may whatever the object is, which
              only rules decide that do not look at it.
    discreet  the one who is told may not read what policies say
    """

    policy: PolicyInForce
    asking: Asking
    permission: str
    facts: Facts | None
    discreet: bool = False

    @property
    def is_general(self) -> bool:
        """Whether it is about no object, though there are objects it could be about."""
        return self.facts is None and self.permission in self.policy.engine.actions

    @cached_property
    def known(self) -> Facts:
        """Everything that any rule about the permission might read."""
        rules = self.policy.engine.rules.get(self.permission, ())
        read = {path for rule in rules for path in paths(rule.when)}
        return self.policy.told(self.asking, read, self.facts or NOTHING)

    def by(self, asking: Asking) -> Question:
        """Return the same question of somebody else, who is told of the same attributes."""
        other = replace(self, asking=asking)
        known = self.policy.told(asking, [*self.known], self.facts or NOTHING)
        other.__dict__["known"] = known  # not to be worked out again for each proposal
        return other

    @cached_property
    def places(self) -> Sequence[Place]:
        """What is said to who asks, and on which objects."""
        found = self.policy.places(self.asking, self.permission)
        return found[:1] if self.is_general else found

    @property
    def beyond_key(self) -> bool:
        """Whether an API key does not reach to the permission."""
        if self.is_general and self.asking.key is not None:
            return self.permission not in self.asking.key
        return not self.policy.in_scope(self.asking.caller, self.permission)

    def rules(self) -> Iterator[tuple[Rule, Condition]]:
        """Yield every rule with what of its condition has to be met."""
        written, known = self.policy.engine.rules.get(self.permission, ()), self.known
        if not self.is_general:
            yield from ((rule, rule.when) for rule in written)
            return
        yield holding(self.permission), TRUE
        for rule in written:
            when = reduced(rule.when, known)
            if rule.source is Source.POLICY and not _reads_object(when):
                yield rule, rule.when

    def hears(self, rule: Rule, case: Case) -> bool:
        """Say whether a rule that allows is among what a case says."""
        return case.held if rule.source is Source.ROLE else rule in case.allowing

    def denies(self) -> Iterator[tuple[Rule, Condition]]:
        """Yield the policies that speak to who asks and deny it if they are met, and when."""
        general, known = self.is_general, self.known
        for where, case in self.places:
            for rule in said(where, case.denying, None):
                if not (general and _reads_object(reduced(rule.when, known))):
                    yield rule, every([where, rule.when])


def holding(permission: str) -> Rule:
    """Return the rule by which a role allows what it holds."""
    return Rule(source=Source.ROLE, name="", permission=permission, when=TRUE, holding=permission)


def general_reasons(question: Question) -> Reasons:
    """Return why somebody may do something, or not, whatever it is done to."""
    _, case = question.places[0]
    known, asking = question.known, question.asking
    weighed = [
        Weighed(
            rule=rule,
            where=TRUE,
            met=(rule.denies or reaches(asking.key, rule)) and meets(when, known),
            read={path: known.get(path) for path in paths(when)},
        )
        for rule, when in question.rules()
        if rule in case.denying or question.hears(rule, case)
    ]
    denied = next((one.rule for one in weighed if one.met and one.rule.denies), None)
    allowing = next((one.rule for one in weighed if one.met and not one.rule.denies), None)
    beyond = question.beyond_key
    return Reasons(
        account_id=asking.id,
        allowed=denied is None and allowing is not None and not beyond,
        decided_by=denied or (None if beyond else allowing),
        weighed=weighed,
        lacking=[] if case.held else [question.permission],
        beyond_key=beyond,
    )


def _reads_object(condition: Condition) -> bool:
    return any(path.startswith(RESOURCE) for path in paths(condition))
