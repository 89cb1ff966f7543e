"""The same policy as Casbin knows it by itself: every account linked to its roles, per domain.

Nothing here is taken from the compiled policy. Inheritance is Casbin's, effects are Casbin's, every
rule is looked at for every question. What Casbin has no words for is spelled out as links:

* roles are there thrice: as they count with a second factor, without one, and for denies;
* a role held everywhere is linked in every domain, one held within a scope in the domain of it;
* a permission that a rule asks to be held is expanded to the roles that hold it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from casbin import Enforcer
from casbin.model import Model

from benchmarks.differential.worlds import ADDRESS, NAMES, NOW, PLACES, World
from modules.access.application.rulebook.documents import parse, written
from modules.access.application.rulebook.vocabulary import attributes_of
from modules.access.ports import StoredRole
from shared_kernel.application import SECOND_FACTOR, Caller
from shared_kernel.application.conditions import Condition, Facts, Value, meets
from shared_kernel.application.resources import Resource
from shared_kernel.domain import AccountId

MODEL = """
[request_definition]
r = sub, dom, obj, facts, key

[policy_definition]
p = sub, obj, cond, via, eft

[role_definition]
g = _, _, _

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = r.obj == p.obj && brings(r.key, p.via) && \\
    (p.sub == "anyone" || g(r.sub, p.sub, r.dom)) && meets(p.obj, p.cond, r.facts)
"""

ALWAYS = '{"all": []}'
NOWHERE = "nowhere"
DOMAINS = (NOWHERE, *(f"at {place}" for place in PLACES))
PROVED, PLAIN, DENIED = "proved ", "plain ", "denied "

Row = tuple[str, str, str, str, str]


class Oracle:
    """Answers as Casbin does."""

    def __init__(self, here: World) -> None:
        self._world = here
        self._names = {one.id: one for one in here.roles}
        self._actions = {one.name: of for of in here.resources.values() for one in of.actions}
        model: Any = Model()
        model.load_model_from_text(MODEL)
        model["p"]["p"].policy = [list(row) for row in self._rules()]
        model["g"]["g"].policy = [
            [one, other, domain] for one, other, domains in self._links() for domain in domains
        ]
        self._enforcer: Any = Enforcer(model)
        self._enforcer.build_role_links()
        self._enforcer.fm.add_function("meets", self._meets)
        self._enforcer.fm.add_function("brings", _brings)
        self.asked = 0

    def allows(self, caller: Caller | None, permission: str, facts: Facts) -> bool:
        """Decide as Casbin does; whoever acts as somebody else has to be allowed as well."""
        if caller is None:
            return self._enforce("stranger", permission, {**_surroundings(), **facts}, None)
        if not self._in_scope(caller, permission):
            return False
        proved = SECOND_FACTOR in caller.methods
        if caller.impersonator_id is None:
            return self._ask(caller, caller.id, permission, facts, proved=proved)
        own = self._ask(caller, caller.impersonator_id, permission, facts, proved=proved)
        return own and self._ask(caller, caller.id, permission, facts, proved=False)

    def _ask(
        self, caller: Caller, id: AccountId, permission: str, facts: Facts, *, proved: bool
    ) -> bool:
        subject = f"{PROVED if proved else PLAIN}account {id}"
        known = {**_surroundings(), **self._about(caller, id, proved=proved), **facts}
        return self._enforce(subject, permission, known, caller.scope)

    def _enforce(
        self, subject: str, permission: str, facts: Facts, key: frozenset[str] | None
    ) -> bool:
        self.asked += 1
        domain = self._domain(permission, facts)
        return self._enforcer.enforce(subject, domain, permission, facts, key) is True

    def _domain(self, permission: str, facts: Facts) -> str:
        resource = self._actions.get(permission)
        if resource is None or resource.scope is None:
            return NOWHERE
        place = facts.get(f"resource.{resource.scope}")
        return NOWHERE if place is None else f"at {place}"

    def _in_scope(self, caller: Caller, permission: str) -> bool:
        if caller.scope is None or permission in caller.scope:
            return True
        resource = self._actions.get(permission)
        reads = resource is not None and permission == resource.read.name
        return reads and any(self._actions.get(one) is resource for one in caller.scope)

    def _about(self, caller: Caller, id: AccountId, *, proved: bool) -> dict[str, Value]:
        prefix = PROVED if proved else PLAIN
        linked = self._enforcer.get_implicit_roles_for_user(f"{prefix}account {id}", NOWHERE)
        since = caller.authenticated_at
        return {
            "caller.id": id,
            "caller.roles": frozenset(
                one.removeprefix(prefix) for one in linked if one.startswith(prefix)
            ),
            "caller.verified": caller.verified,
            "caller.second_factor": proved,
            "caller.authentication_age": None if since is None else (NOW - since).seconds,
            "caller.methods": caller.methods if proved else caller.methods - {SECOND_FACTOR},
            "caller.means": caller.means.value,
            "caller.impersonated": caller.impersonator_id is not None,
        }

    def _links(self) -> Iterator[tuple[str, str, Sequence[str]]]:
        guarded = {one.name for one in self._world.roles if one.requires_second_factor}
        for role in self._world.roles:
            for parent in role.inherits:
                yield PROVED + role.name, PROVED + parent, DOMAINS
                yield DENIED + role.name, DENIED + parent, DOMAINS
                if parent not in guarded:
                    yield PLAIN + role.name, PLAIN + parent, DOMAINS
        for account, name, domains in self._held():
            yield f"{PROVED}account {account}", PROVED + name, domains
            if name not in guarded:
                yield f"{PLAIN}account {account}", PLAIN + name, domains
            for prefix in (PROVED, PLAIN):
                yield f"{prefix}account {account}", DENIED + name, domains

    def _held(self) -> Iterator[tuple[AccountId, str, Sequence[str]]]:
        for account in self._world.accounts:
            yield account, self._world.roles[0].name, DOMAINS
        for one in self._world.assignments:
            if one.expires_at is None or one.expires_at > NOW:
                domains = [f"at {one.scope}"] if one.scope else DOMAINS
                yield AccountId(one.account_id), self._names[one.role_id].name, domains

    def _rules(self) -> Iterator[Row]:
        for resource in self._world.resources.values():
            for rule in resource.rules:
                for action in rule.actions:
                    yield from self._declared(
                        action.name, rule.when, rule.holding.name if rule.holding else None
                    )
        for name in NAMES:
            if name not in self._actions:
                yield from self._holding(name, ALWAYS, name)
        yield from self._policies()
        yield from self._grants()

    def _declared(self, action: str, when: Condition, holding: str | None) -> Iterator[Row]:
        text = json.dumps(written(when))
        if holding is None:
            yield "anyone", action, text, "", "allow"
        else:
            yield from self._holding(action, text, holding)

    def _holding(self, action: str, text: str, holding: str) -> Iterator[Row]:
        for role in self._world.roles:
            if holding in role.permissions:
                yield from self._to_role(role, action, text, holding)

    def _to_role(self, role: StoredRole, action: str, text: str, via: str = "") -> Iterator[Row]:
        """Let a role: with a second factor, and without one unless it asks for one."""
        yield PROVED + role.name, action, text, via, "allow"
        if not role.requires_second_factor:
            yield PLAIN + role.name, action, text, via, "allow"

    def _policies(self) -> Iterator[Row]:
        by_name = {one.name: one for one in self._world.roles}
        for policy in self._world.policies:
            text = json.dumps(policy.when)
            for action in policy.permissions if policy.enabled else ():
                if policy.anyone:
                    yield "anyone", action, text, "", policy.effect
                for name in policy.roles:
                    if policy.effect == "deny":
                        yield DENIED + name, action, text, "", "deny"
                    else:
                        yield from self._to_role(by_name[name], action, text)

    def _grants(self) -> Iterator[Row]:
        for one in self._world.grants:
            if one.expires_at is None or one.expires_at > NOW:
                text = json.dumps(
                    {"attribute": "resource.id", "op": "eq", "value": str(one.object_id)}
                )
                if one.role_id is not None:
                    yield from self._to_role(self._names[one.role_id], one.permission, text)
                for prefix in (PROVED, PLAIN) if one.account_id else ():
                    yield f"{prefix}account {one.account_id}", one.permission, text, "", "allow"

    def _meets(self, permission: str, text: str, facts: Facts) -> bool:
        return meets(_parsed(text, self._actions.get(permission)), facts)


@cache
def _parsed(text: str, resource: Resource | None) -> Condition:
    return parse(json.loads(text), attributes_of(resource))


def _brings(key: frozenset[str] | None, via: str) -> bool:
    return key is None or via == "" or via in key


def _surroundings() -> dict[str, Value]:
    return {
        "environment.time": NOW,
        "environment.hour": NOW.hour,
        "environment.weekday": NOW.isoweekday(),
        "environment.address": ADDRESS,
    }
