"""What is nearest to being allowed: how little would have to be different."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from modules.access.application.decision.facts import Asking
from modules.access.application.decision.holders import EVERYWHERE, added
from modules.access.application.decision.in_force import ID
from modules.access.application.decision.places import reaches
from modules.access.application.decision.plans import Rule, Source
from modules.access.application.explaining.hearing import Question
from modules.access.application.explaining.repairs import (
    NOTHING_TO_DO,
    Change,
    after,
    together,
    ways_to,
)
from shared_kernel.application.conditions import TRUE, Condition, every, meets
from shared_kernel.application.resources import RESOURCE

SHOWN = 5
TRIED = 30
MOST_RULES = 200  # looked at; those of the module come first
MOST_DENIED = 10  # of policies that deny it at once, more are no matter of little things


class Lack(StrEnum):
    """What is missing, or in the way; what is easiest to change stands first."""

    SECOND_FACTOR = "second_factor"
    KEY = "key"
    PERMISSION = "permission"
    ROLE = "role"
    GRANT = "grant"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Need:
    """Something to have; of a policy, that it were not there."""

    kind: Lack
    name: str = ""


Step = Need | Change
Steps = frozenset[Step]

RANK = {kind: rank for rank, kind in enumerate(Lack)}


def nearest(question: Question) -> Sequence[Sequence[Step]]:
    """Return what would be enough, each by itself, for who asks to be allowed: the least first.

    Attributes are changed in the simplest manner, and it is tried whether that helps. Every refusal
    is explained: what is looked at is bounded, and where more denies it nothing is near.
    """
    return _Search(question).found()


class _Search:
    def __init__(self, question: Question) -> None:
        self._question, self._asking = question, question.asking
        self._engine, self._permission = question.policy.engine, question.permission
        self._known, self._places = question.known, question.places
        self._lifting: Sequence[Steps] | None = None
        self._denies = list(islice(question.denies(), MOST_RULES + 1))

    def found(self) -> Sequence[Sequence[Step]]:
        """Return the ways, ordered."""
        allowed = {way: (rule, condition) for way, rule, condition in self._allowed()}
        tried = sorted(
            {(one, way) for way in allowed for one in self._undenied(way)},
            key=lambda both: _order(both[0]),
        )
        found: list[Steps] = []
        for one, way in tried[:TRIED]:
            if not any(other <= one for other in found) and self._helps(one, *allowed[way]):
                found.append(one)
        return [sorted(one, key=_rank) for one in found[:SHOWN] if one]

    def _allowed(self) -> Iterator[tuple[Steps, Rule | None, Condition]]:
        """Yield what would have some rule allow it, and the rule, unless it is a grant."""
        key: Steps = NOTHING_TO_DO
        if self._question.beyond_key:
            key = frozenset({Need(Lack.KEY, self._permission)})
        for rule, condition in islice(self._question.rules(), MOST_RULES):
            if not rule.denies and not self._is_secret(rule):
                for needs, when in self._readings(rule, condition):
                    for way in ways_to(when, self._known):
                        yield key | needs | way, rule, condition
        if self._could_be_given():
            yield key | {Need(Lack.GRANT, self._permission)}, None, TRUE

    def _is_secret(self, rule: Rule) -> bool:
        return self._question.discreet and rule.source is Source.POLICY

    def _could_be_given(self) -> bool:
        """Say whether the object could be shared, which the right to share itself never is."""
        resource = self._engine.actions.get(self._permission)
        return (
            resource is not None
            and self._asking.id is not None
            and self._known.get(ID) is not None
            and self._permission != resource.share.name
        )

    def _readings(self, rule: Rule, condition: Condition) -> Iterator[tuple[Steps, Condition]]:
        """Yield what it takes for the rule to speak to who asks, and its condition then."""
        heard = False
        for where, case in self._places:
            if self._question.hears(rule, case) and (where == TRUE or not rule.is_for_anyone):
                heard = heard or where == TRUE
                yield self._brought(rule), every([where, condition])
        if not heard:
            yield self._brought(rule) | {self._lacking(rule)}, condition

    def _brought(self, rule: Rule) -> Steps:
        if reaches(self._asking.key, rule) or rule.holding is None:
            return NOTHING_TO_DO
        return frozenset({Need(Lack.KEY, rule.holding)})

    def _lacking(self, rule: Rule) -> Need:
        proved = self._engine.plan(self._asking.held.roles, proved=True).case(self._permission)
        if self._asking.id is not None and self._question.hears(rule, proved):
            return Need(Lack.SECOND_FACTOR)
        if rule.role is not None:
            return Need(Lack.ROLE, rule.role)
        return Need(Lack.PERMISSION, rule.holding or self._permission)

    def _undenied(self, way: Steps) -> Sequence[Steps]:
        """Return the same with what it takes for no policy to deny it."""
        if self._lifting is None:
            self._lifting = together(self._unmet())
        return [way | one for one in self._lifting]

    def _unmet(self) -> Iterator[Sequence[Steps]]:
        """Yield, for each policy that denies it, what it takes that it does not."""
        met = [(rule, when) for rule, when in self._denies if meets(when, self._known)]
        if len(met) > MOST_DENIED or len(self._denies) > MOST_RULES:
            yield []
            return
        for rule, when in met:
            lifted: Steps = frozenset({Need(Lack.POLICY, rule.name)})
            unmet: Sequence[Steps] = ()
            if not self._is_secret(rule):
                unmet = ways_to(when, self._known, met=False)
            yield [*unmet, lifted]

    def _helps(self, way: Steps, rule: Rule | None, condition: Condition) -> bool:
        """Say whether all of it together has it allowed, by this rule or by a grant."""
        needs = frozenset(one for one in way if isinstance(one, Need))
        changes = [one for one in way if isinstance(one, Change)]
        if any(one.compare.path == ID for one in changes):
            return False  # another object is no answer to a question about this one
        return _Supposed(self._question, needs, changes).is_allowed(rule, condition)


class _Supposed:
    """A question, after some things were given and some attributes changed."""

    def __init__(
        self, question: Question, needs: frozenset[Need], changes: Sequence[Change]
    ) -> None:
        self._needs, self._changes = needs, changes
        asking = self._asking(question)
        self._question = question.by(asking)
        self._key = asking.key and asking.key | self._names(Lack.KEY)
        self._known = after(changes, self._question.known)

    def is_allowed(self, rule: Rule | None, condition: Condition) -> bool:
        """Say whether it is allowed now, and every attribute can be as it was changed."""
        beyond = self._question.beyond_key and not self._names(Lack.KEY)
        if beyond or not all(meets(one.compare, self._known) is one.holds for one in self._changes):
            return False
        lifted = self._names(Lack.POLICY)
        for policy, when in self._question.denies():
            if policy.name not in lifted and meets(when, self._known):
                return False
        return rule is None or (reaches(self._key, rule) and self._speaks(rule, condition))

    def _speaks(self, rule: Rule, condition: Condition) -> bool:
        if not meets(condition, self._known):
            return False
        return rule.holding in self._names(Lack.PERMISSION) or any(
            self._question.hears(rule, case)
            and (where == TRUE or not rule.is_for_anyone)
            and meets(where, self._known)
            for where, case in self._question.places
        )

    def _asking(self, question: Question) -> Asking:
        asking, held = question.asking, question.asking.held
        for role in self._names(Lack.ROLE):
            held = added(held, role, EVERYWHERE)
        proved = asking.proved or Need(Lack.SECOND_FACTOR) in self._needs
        caller = asking.caller
        if caller is not None and proved:
            caller = caller.with_second_factor()
        plan = question.policy.engine.plan(held.roles, proved=proved)
        return asking._replace(caller=caller, proved=proved, held=held, plan=plan)

    def _names(self, kind: Lack) -> frozenset[str]:
        return frozenset(one.name for one in self._needs if one.kind is kind)


def _order(way: Steps) -> tuple[int, list[tuple[int, str]]]:
    return len(way), sorted(_rank(step) for step in way)


def _rank(step: Step) -> tuple[int, str]:
    """Order what is easiest first: what the caller can do, then what is given, then attributes."""
    if isinstance(step, Need):
        return RANK[step.kind], step.name
    path = step.compare.path
    return len(RANK) + path.startswith(RESOURCE), path
