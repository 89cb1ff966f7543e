"""One version of the policy, and every decision by it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf
from uuid import UUID

from modules.access.application.decision.facts import Asking, facts_about
from modules.access.application.decision.holders import Ending, Grants, Held, Holders
from modules.access.application.decision.places import lies_in, reaches, said
from modules.access.application.decision.plans import Case, Plan, PolicyEngine, Roles, Source
from shared_kernel.application import SECOND_FACTOR, Caller
from shared_kernel.application.conditions import (
    FALSE,
    TRUE,
    Compare,
    Condition,
    Facts,
    Kind,
    Op,
    Value,
    every,
    meets,
    negated,
    reduced,
    some,
)
from shared_kernel.application.resources import NOTHING, RESOURCE
from shared_kernel.domain import AccountId

ID = RESOURCE + "id"
NOBODY = Held(())

Objects = Mapping[UUID, float]
"""Objects, and until when something holds of each (seconds of the epoch)."""

Place = tuple[Condition, Case]
"""Where the roles count of which the case is, and the case."""


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """Answers by what it was made of, which never changes: requests see all of it or none.

    Whoever acts as somebody else may do what both may: the second factor is theirs alone, so that
    roles of the other that require one do not count.
    """

    version: int
    engine: PolicyEngine
    holders: Holders
    grants: Grants
    now: Callable[[], datetime]

    def under(self, engine: PolicyEngine) -> PolicyInForce:
        """Return the same with other rules."""
        return replace(self, engine=engine)

    def later(self, caller: Caller, moment: datetime) -> PolicyInForce:
        """Return the same with the roles that the caller, and who acts as them, still hold then."""
        then = replace(self, now=lambda: moment)
        accounts = [one for one in (caller.id, caller.impersonator_id) if one is not None]
        kept = {one.int: then.held(one) for one in accounts}
        changed = {**self.holders.changed, **kept}
        return replace(self, holders=replace(self.holders, changed=changed))

    def permits(self, caller: Caller, permission: str) -> bool:
        """Say whether the caller holds the permission, whatever it is used on."""
        if caller.scope is not None and permission not in caller.scope:
            return False
        if caller.impersonator_id is not None:
            return all(self._surely(one, permission) for one in self.asking(caller))
        # On every request: nothing is made here that is not needed.
        proved = SECOND_FACTOR in caller.methods
        roles = self.held(caller.id).roles
        certain = self.engine.plan(roles, proved=proved).case(permission).certain
        if certain is not None:
            return certain
        return self._surely(self._as(caller, caller.id, proved=proved), permission)

    def could_permit(self, caller: Caller, permission: str) -> bool:
        """Say whether there may be an object on which the caller may do this."""
        if self.permits(caller, permission):
            return True
        return self.condition(caller, permission, NOTHING) != FALSE

    def allows(self, caller: Caller | None, permission: str, facts: Facts) -> bool:
        """Say whether the caller may do this to the object of which these facts hold."""
        at_once = self._at_once(caller, permission, facts)
        if at_once is not None:
            return at_once
        if not self.in_scope(caller, permission):
            return False
        for one in self.asking(caller):  # noqa: SIM110 - a generator takes twice as long
            if not self._allows(one, permission, facts):
                return False
        return True

    def condition(self, caller: Caller | None, permission: str, known: Facts) -> Condition:
        """Return the condition, on the resource alone, under which the caller may do this."""
        if not self.in_scope(caller, permission):
            return FALSE
        return every(self._condition(one, permission, known) for one in self.asking(caller))

    def in_scope(self, caller: Caller | None, permission: str) -> bool:
        """Say whether an API key reaches to the permission.

        Who may do anything with the objects of a resource may be shown them.
        """
        if caller is None or caller.scope is None or permission in caller.scope:
            return True
        resource = self.engine.actions.get(permission)
        if resource is None or permission != resource.read.name:
            return False
        return not caller.scope.isdisjoint(one.name for one in resource.actions)

    def asking(self, caller: Caller | None) -> Sequence[Asking]:
        """Return those who have to be allowed, all of them."""
        if caller is None:
            return [Asking(None, None, False, NOBODY, self.engine.plan((), proved=False))]
        proved = SECOND_FACTOR in caller.methods
        if caller.impersonator_id is None:
            return [self._as(caller, caller.id, proved=proved)]
        own = self._as(caller, caller.impersonator_id, proved=proved)
        return [own, self._as(caller, caller.id, proved=False)]

    def places(self, asking: Asking, permission: str) -> Sequence[Place]:
        """Return what the rules say to somebody, and on which objects: all, or those of a scope."""
        everywhere = (TRUE, asking.plan.case(permission))
        if not asking.held.scoped:
            return (everywhere,)
        resource = self.engine.actions.get(permission)
        if resource is None:
            return (everywhere,)
        plan, proved = self.engine.plan, asking.proved
        return [
            everywhere,
            *(
                (lies_in(resource, scope), plan(roles, proved=proved).case(permission))
                for scope, roles in asking.held.scoped
            ),
        ]

    def shares(self, asking: Asking, permission: str) -> Iterator[tuple[Condition, Objects]]:
        """Yield the objects on which somebody was given the right, and where that counts."""
        resource = self.engine.actions.get(permission)
        if resource is None or asking.id is None:
            return
        own = self.grants.accounts.get(asking.id.int)
        if own is not None and permission in own:
            yield TRUE, own[permission]
        if self.grants.roles:
            for objects in self._shared_with(asking.plan, permission):
                yield TRUE, objects
            for scope, roles in asking.held.scoped:
                plan = self.engine.plan(roles, proved=asking.proved)
                for objects in self._shared_with(plan, permission):
                    yield lies_in(resource, scope), objects

    def _shared_with(self, plan: Plan, permission: str) -> Iterator[Objects]:
        roles = self.grants.roles
        for role in plan.counting:
            if role in roles and permission in roles[role]:
                yield roles[role][permission]

    def _surely(self, asking: Asking, permission: str) -> bool:
        case = asking.plan.case(permission)
        if case.certain is not None:
            return case.certain
        known = facts_about(asking, self.now, case.reads)
        if any(reduced(rule.when, known) == TRUE for rule in case.denying):
            return False
        return case.held or any(
            rule.source is Source.POLICY and reduced(rule.when, known) == TRUE
            for rule in case.allowing
        )

    def _allows(self, asking: Asking, permission: str, facts: Facts) -> bool:
        places, key = self.places(asking, permission), asking.key
        known = self._known(asking, places, facts)
        if len(places) > 1:
            places = [(where, case) for where, case in places if meets(where, known)]
        for _, case in places:
            if case.denied(known):
                return False
        for _, case in places:
            if case.allowed(known) and (key is None or _brings(key, case, known)):
                return True
        return self._is_shared_with(asking, permission, known)

    def _at_once(self, caller: Caller | None, permission: str, facts: Facts) -> bool | None:
        """Decide what most ask, in half the time: rules on the object alone, nothing shared."""
        if caller is None or caller.scope is not None or caller.impersonator_id is not None:
            return None
        grants, proved = self.grants, SECOND_FACTOR in caller.methods
        if grants.roles or caller.id.int in grants.accounts:
            return None
        held = self.held(caller.id)
        case = self.engine.plan(held.roles, proved=proved).case(permission)
        if case.reads:
            return None
        if held.scoped and (roles := self._roles_within(held, permission, facts)):
            within = self.engine.plan(roles, proved=proved).case(permission)
            if within.reads:
                return None
            denied = case.denied(facts) or within.denied(facts)
            return not denied and (case.allowed(facts) or within.allowed(facts))
        return not case.denied(facts) and case.allowed(facts)

    def _roles_within(self, held: Held, permission: str, facts: Facts) -> Roles:
        """Return the roles that count in the scope in which the object lies."""
        resource = self.engine.actions.get(permission)
        if resource is None or resource.scope is None:
            return ()
        where = facts.get(RESOURCE + resource.scope)
        text = where if resource.attributes.get(resource.scope) is Kind.TEXT else _text_of(where)
        for scope, roles in held.scoped:  # a generator takes twice as long
            if scope == text:
                return roles
        return ()

    def _is_shared_with(self, asking: Asking, permission: str, known: Facts) -> bool:
        object_id = known.get(ID)
        for where, objects in self.shares(asking, permission):
            if self.is_shared(objects, object_id) and (where is TRUE or meets(where, known)):
                return True
        return False

    def is_shared(self, objects: Objects, object_id: Value) -> bool:
        """Say whether an object is among these, still."""
        end = objects.get(object_id) if isinstance(object_id, UUID) else None
        return end is not None and self._is_ahead(end)

    def _condition(self, asking: Asking, permission: str, facts: Facts) -> Condition:
        places = self.places(asking, permission)
        known, key = self._known(asking, places, facts), asking.key
        shares = list(self.shares(asking, permission))
        if len(places) == 1 and key is None and not shares:
            return reduced(places[0][1].whole, known)  # as most are; put together once
        allowed = [
            every([where, some(rule.when for rule in said(where, case.allowing, key))])
            for where, case in places
        ]
        shared = [
            found if where is TRUE else every([where, found])
            for where, objects in shares
            for found in [Compare(ID, Op.IN, self._lasting(objects))]
        ]
        denied = [
            every([where, some(rule.when for rule in said(where, case.denying, None))])
            for where, case in places
        ]
        return reduced(every([some([*allowed, *shared]), negated(some(denied))]), known)

    def told(self, asking: Asking, paths: Collection[str], facts: Facts) -> Facts:
        """Return what is known of the object, and these attributes of the rest."""
        general = [one for one in paths if not one.startswith(RESOURCE)]
        return {**facts, **facts_about(asking, self.now, general)} if general else facts

    def _known(self, asking: Asking, places: Sequence[Place], facts: Facts) -> Facts:
        read = places[0][1].reads if len(places) == 1 else _all_read(places)
        return {**facts, **facts_about(asking, self.now, read)} if read else facts

    def _lasting(self, objects: Objects) -> tuple[UUID, ...]:
        now = self.now().timestamp()
        return tuple(one for one, end in objects.items() if now < end)

    def _is_ahead(self, end: float) -> bool:
        return end == inf or self.now().timestamp() < end

    def held(self, account_id: AccountId) -> Held:
        """Return the roles that an account holds now."""
        holders, account = self.holders, account_id.int
        found = holders.changed.get(account) or holders.accounts.get(account, holders.default)
        return found.at(self.now().timestamp()) if isinstance(found, Ending) else found

    def _as(self, caller: Caller, account_id: AccountId, *, proved: bool) -> Asking:
        held = self.held(account_id)
        plan = self.engine.plan(held.roles, proved=proved)
        return Asking(caller, account_id, proved, held, plan)


def _text_of(id: Value) -> str | None:
    return str(id) if isinstance(id, UUID) else None


def _all_read(places: Sequence[Place]) -> Collection[str]:
    return {path for _, case in places for path in case.reads}


def _brings(key: frozenset[str], case: Case, known: Facts) -> bool:
    return any(meets(rule.when, known) for rule in case.allowing if reaches(key, rule))
