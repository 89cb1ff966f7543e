"""Rules and links, read out of a loaded model of Casbin."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final
from uuid import UUID

from modules.access.adapters.casbin.model import HOLDS, ROLE
from modules.access.application.decision.plans import Rule, Source
from modules.access.application.rulebook.documents import parse
from modules.access.application.rulebook.vocabulary import attributes_of
from modules.access.ports import MalformedPolicy
from shared_kernel.application.conditions import Condition
from shared_kernel.application.resources import Resource
from shared_kernel.domain import Invalid

Links = Mapping[str, Sequence[str]]
"""What each subject is linked with: a role with its parents, and with what it holds."""

NOBODY: Final[frozenset[str]] = frozenset()

KEPT_CONDITIONS = 20_000


def links_of(model: Any, roles: Mapping[str, UUID]) -> Links:
    """Return the links of a model. Raises MalformedPolicy where roles inherit in a circle."""
    found: dict[str, list[str]] = {}
    for below, above in model["g"]["g"].policy:
        found.setdefault(below, []).append(above)
    try:
        TopologicalSorter(found).prepare()
    except CycleError as error:
        one: str = error.args[1][0]
        raise MalformedPolicy("role", roles[one], "it inherits from itself") from None
    return found


def reach(
    subjects: Iterable[str], links: Links, without: frozenset[str] = NOBODY
) -> frozenset[str]:
    """Return the subjects and all they are linked with, on ways that lead through none of some."""
    found: set[str] = set()
    ahead = list(subjects)
    while ahead:
        one = ahead.pop()
        if one not in found and one not in without:
            found.add(one)
            ahead.extend(links.get(one, ()))
    return frozenset(found)


def way_to(
    wanted: str, subjects: Iterable[str], links: Links, without: frozenset[str]
) -> Sequence[str]:
    """Return the shortest way from one of the subjects to the one wanted, with both ends."""
    ahead, seen = deque([one] for one in subjects if one not in without), set[str]()
    while ahead:
        way = ahead.popleft()
        if way[-1] == wanted:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            ahead.extend([*way, one] for one in links.get(way[-1], ()) if one not in without)
    return []


def rules_of(
    model: Any, resources: Mapping[str, Resource], policies: Mapping[str, UUID]
) -> Mapping[str, Sequence[Rule]]:
    """Return the rules of a model by the permission they are about.

    Raises MalformedPolicy where the condition of a policy cannot be understood, and Invalid where
    that of a module cannot.
    """
    actions = {one.name: of for of in resources.values() for one in of.actions}
    found: dict[str, list[Rule]] = {}
    for row in model["p"]["p"].policy:
        try:
            rule = _rule(row, _parsed(row[2], actions.get(row[1])))
        except Invalid as error:
            if row[5] in policies:
                reason = f"{error.field}: {error}"
                raise MalformedPolicy("policy", policies[row[5]], reason) from error
            raise
        found.setdefault(rule.permission, []).append(rule)
    return found


def _rule(row: Sequence[str], when: Condition) -> Rule:
    subject, permission, _, effect, source, name = row
    return Rule(
        source=Source(source),
        name=name,
        permission=permission,
        when=when,
        denies=effect == "deny",
        role=subject.removeprefix(ROLE) if subject.startswith(ROLE) else None,
        holding=subject.removeprefix(HOLDS) if subject.startswith(HOLDS) else None,
    )


@lru_cache(KEPT_CONDITIONS)
def _parsed(text: str, resource: Resource | None) -> Condition:
    """Return a condition. Most rules stay as they are from one version to the next."""
    return parse(json.loads(text), attributes_of(resource))
