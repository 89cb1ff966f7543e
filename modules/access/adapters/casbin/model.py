"""The stored policy as a model of Casbin.

The subjects are roles and the permissions that roles hold; the objects are permissions. `g` says
what a role inherits from and what it holds, `p` what is allowed and denied, and a deny beats every
allow. Accounts are no part of it: their roles are asked about, together.

Everything comes in columns. What a name contains can never become part of a rule: nothing is read
as text, and nothing matches but what is equal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from casbin.model import Model
from casbin.persist import Adapter

from modules.access.application.decision.plans import Source
from modules.access.application.rulebook.documents import written
from modules.access.ports import MalformedPolicy, StoredPolicy, StoredRole
from modules.access.public import ADMINISTRATOR
from shared_kernel.application.conditions import TRUE, Condition
from shared_kernel.application.resources import Resource

MODEL = """
[request_definition]
r = sub, obj, facts

[policy_definition]
p = sub, obj, cond, eft, src, name

[role_definition]
g = _, _

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = (p.sub == "anyone" || g(r.sub, p.sub)) && r.obj == p.obj && meets(p.cond, r.facts)
"""

ANYONE = "anyone"
ROLE = "role:"
HOLDS = "holds:"

Row = tuple[str, ...]


class EmptyPolicy(Exception):
    """No role holds anything: whoever loaded this loaded nothing."""


class Columns(Adapter):  # type: ignore[misc]  # the library is untyped
    """Hands rows over as columns; a text would be split at its commas.

    They are appended, as the library's own adapters do: its `add_policy` compares each row with
    all before it, which takes minutes for 10,000.
    """

    def __init__(self, rules: Iterable[Row], links: Iterable[Row]) -> None:
        self._rows = {"p": rules, "g": links}

    def load_policy(self, model: Any) -> None:
        for kind, rows in self._rows.items():
            model[kind][kind].policy.extend(
                [str(one) for one in row] for row in dict.fromkeys(rows)
            )


def load(
    roles: Sequence[StoredRole],
    policies: Sequence[StoredPolicy],
    resources: Mapping[str, Resource],
    permissions: frozenset[str],
) -> Any:  # Any: the library is untyped
    """Return the model that holds this policy. Raises MalformedPolicy, EmptyPolicy."""
    links = list(_links(roles, permissions))
    if not any(held.startswith(HOLDS) for _, held in links):
        raise EmptyPolicy("the policy holds no rule")
    model: Any = Model()
    model.load_model_from_text(MODEL)
    rules = [*_declared(resources, permissions), *_added(roles, policies, permissions)]
    Columns(rules, links).load_policy(model)
    return model


def _links(roles: Sequence[StoredRole], permissions: frozenset[str]) -> Iterator[Row]:
    names = {one.name for one in roles}
    for role in roles:
        if not role.name:
            raise MalformedPolicy("role", role.id, "it has no name")
        everything = role.name == ADMINISTRATOR
        for held in permissions if everything else permissions.intersection(role.permissions):
            yield ROLE + role.name, HOLDS + held
        for parent in role.inherits:
            if parent not in names:
                raise MalformedPolicy("role", role.id, "it inherits from a role that is not there")
            yield ROLE + role.name, ROLE + parent


def _declared(resources: Mapping[str, Resource], permissions: frozenset[str]) -> Iterator[Row]:
    """Yield what the modules lay down: on a permission without objects, that it be held."""
    actions: set[str] = set()
    for resource in resources.values():
        actions.update(action.name for action in resource.actions)
        for rule in resource.rules:
            subject = ANYONE if rule.holding is None else HOLDS + rule.holding.name
            for action in rule.actions:
                yield subject, action.name, text_of(rule.when), "allow", Source.MODULE, ""
    for one in permissions - actions:
        yield HOLDS + one, one, text_of(TRUE), "allow", Source.ROLE, ""


def _added(
    roles: Sequence[StoredRole], policies: Sequence[StoredPolicy], permissions: frozenset[str]
) -> Iterator[Row]:
    """Yield what administrators added. What is about permissions no longer declared is left out."""
    names = {one.name for one in roles}
    for policy in policies:
        if policy.enabled:
            _require_sound(policy, names)
            when = _stored(policy)
            subjects = [ANYONE] if policy.anyone else [ROLE + one for one in policy.roles]
            for permission in permissions.intersection(policy.permissions):
                for subject in subjects:
                    yield subject, permission, when, policy.effect, Source.POLICY, policy.name


def _require_sound(policy: StoredPolicy, names: set[str]) -> None:
    if not policy.name:
        raise MalformedPolicy("policy", policy.id, "it has no name")
    if policy.effect not in {"allow", "deny"}:
        raise MalformedPolicy("policy", policy.id, f"its effect is {policy.effect!r}")
    if policy.anyone is bool(policy.roles):
        raise MalformedPolicy("policy", policy.id, "it has to be for roles or for anyone")
    if not names.issuperset(policy.roles):
        raise MalformedPolicy("policy", policy.id, "it is for a role that is not there")


def _stored(policy: StoredPolicy) -> str:
    try:
        return json.dumps(policy.when, default=dict)
    except (TypeError, ValueError, RecursionError):
        raise MalformedPolicy("policy", policy.id, "its condition is no document") from None


def text_of(condition: Condition) -> str:
    """Return the text that stands in a row for a condition."""
    return json.dumps(written(condition))
