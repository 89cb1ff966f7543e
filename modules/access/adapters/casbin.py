"""Decisions by Casbin.

The subjects are roles, the objects are permissions (`<module>.<plural>.<verb>`), and a deny beats
every allow. Casbin looks at all its rules for each question, so that each role gets an enforcer
over its own rules only: without inheritance no other rule can match it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from casbin import Enforcer
from casbin.model import Model
from casbin.persist import Adapter

MODEL = """
[request_definition]
r = sub, obj

[policy_definition]
p = sub, obj, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = r.sub == p.sub && r.obj == p.obj
"""

Rule = tuple[str, str, str]
"""Role, permission, and `allow` or `deny`."""


class EmptyPolicy(Exception):
    """There is not a single rule: whoever loaded this loaded nothing."""


class CasbinEngine:
    """Decides by a fixed set of rules. Ask it from one thread.

    A decision is taken by Casbin once and kept: at most roles times permissions of them, because
    only names that a rule mentions are ever asked. Raises EmptyPolicy.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules: dict[str, list[Rule]] = {}
        for rule in rules:
            self._rules.setdefault(rule[0], []).append(rule)
        if not self._rules:
            raise EmptyPolicy("the policy holds no rule")
        self._permissions = {rule[1] for of_role in self._rules.values() for rule in of_role}
        self._enforcers: dict[str, Any] = {}  # Any: the library is untyped
        self._decided: dict[tuple[str, str], bool] = {}

    @property
    def decisions(self) -> int:
        """How many decisions are kept."""
        return len(self._decided)

    def allows(self, role: str, permission: str) -> bool:
        """Say whether the role holds the permission. Names no rule mentions are refused."""
        decided = self._decided.get((role, permission))
        return self._decide(role, permission) if decided is None else decided

    def _decide(self, role: str, permission: str) -> bool:
        # Casbin lets empty names match an empty policy; neither ever reaches it.
        if role not in self._rules or permission not in self._permissions:
            return False
        if role not in self._enforcers:
            self._enforcers[role] = _enforcer(self._rules[role])
        decision = self._enforcers[role].enforce(role, permission) is True
        self._decided[role, permission] = decision
        return decision


class _Rows(Adapter):  # type: ignore[misc]  # the library is untyped
    """Hands rules over as columns; a text would be split at its commas."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = rules

    def load_policy(self, model: Any) -> None:
        for rule in self._rules:
            model.add_policy("p", "p", [*rule])


def _enforcer(rules: Iterable[Rule]) -> Any:
    model: Any = Model()
    model.load_model_from_text(MODEL)
    return Enforcer(model, _Rows(rules))
