"""Where rules count, and as far as which key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from uuid import UUID

from modules.access.application.decision.plans import Rule
from shared_kernel.application.conditions import FALSE, TRUE, Compare, Condition, Kind, Op
from shared_kernel.application.resources import RESOURCE, Resource

KEPT_SCOPES = 10_000


def reaches(key: frozenset[str] | None, rule: Rule) -> bool:
    """Say whether an API key of this scope brings along what the rule asks to be held."""
    return key is None or rule.holding is None or rule.holding in key


def said(where: Condition, rules: Sequence[Rule], key: frozenset[str] | None) -> Iterator[Rule]:
    """Yield what is said in a place alone, as far as an API key reaches."""
    everywhere = where == TRUE
    return (one for one in rules if (everywhere or not one.is_for_anyone) and reaches(key, one))


@lru_cache(KEPT_SCOPES)
def lies_in(resource: Resource, scope: str) -> Condition:
    """Return the condition that an object lies in a scope: that the attribute reads like it."""
    if resource.scope is None:
        return FALSE
    path = RESOURCE + resource.scope
    kind = Kind.ID if resource.scope == "id" else resource.attributes[resource.scope]
    if kind is Kind.TEXT:
        return Compare(path, Op.EQ, scope)
    try:
        value = UUID(scope)
    except ValueError:
        return FALSE
    return Compare(path, Op.EQ, value) if str(value) == scope else FALSE
