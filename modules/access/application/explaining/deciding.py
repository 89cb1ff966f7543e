"""Questions about decisions: may somebody do this, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import cast
from uuid import UUID

from modules.access.application.decision.current import CurrentPolicy
from modules.access.application.decision.in_force import PolicyInForce
from modules.access.application.decision.plans import Source
from modules.access.application.explaining.assuming import Assume
from modules.access.application.explaining.explanations import Explanation, explanation, with_grant
from modules.access.application.explaining.questions import (
    Asked,
    Check,
    Explain,
    NobodyElse,
    NoObject,
    Thing,
    sketched,
)
from modules.access.application.queries import AccessQueries, DecisionView, GrantView
from modules.access.domain import (
    NoSuchAccount,
    NoSuchObject,
    NotAnAction,
    UnknownPermission,
    UnknownResource,
)
from modules.access.public import READ_DECISIONS, READ_POLICIES
from modules.identity.public import AccountDirectory
from shared_kernel.application import Authorizer, Caller, Clock, Slice
from shared_kernel.application.conditions import Facts
from shared_kernel.application.resources import RESOURCE, Resource, ResourceCatalogue
from shared_kernel.domain import AccountId, PermissionDenied

KNOWS_POLICIES = (READ_DECISIONS, READ_POLICIES)
MOST_GRANTS = 200  # on one object, to find the one that allows


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether it is allowed. What is not there is not."""

    allowed: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers in the order of the questions, by one version of the policy."""

    answers: Sequence[Answer]
    policy_version: int


@dataclass(frozen=True, slots=True)
class Objects:
    """Reads guarded objects, all of one kind at once."""

    resources: ResourceCatalogue

    async def facts(self, things: Sequence[Thing]) -> Mapping[tuple[str, UUID], Facts]:
        """Return what is known of those that exist."""
        wanted: dict[str, set[UUID]] = {}
        for one in things:
            if one.type in self.resources.objects:
                wanted.setdefault(one.type, set()).add(one.id)
        found: dict[tuple[str, UUID], Facts] = {}
        for kind, ids in wanted.items():
            read = await self.resources.objects[kind]().attributes(sorted(ids))
            found.update({(kind, id): facts for id, facts in read.items()})
        return found

    def resource(self, name: str) -> Resource:
        """Return a resource by name. Raises UnknownResource."""
        found = self.resources.resources.get(name)
        if found is None:
            raise UnknownResource("no module declares this resource", field="/resource/type")
        return found


@dataclass(frozen=True, slots=True)
class Subjects:
    """Finds out about whom a question is, and whether its asker may ask it."""

    current: CurrentPolicy
    accounts: AccountDirectory
    clock: Clock

    async def of(
        self, caller: Caller, account_id: AccountId | None, assuming: Assume | None
    ) -> tuple[Caller, Assume | None]:
        """Return who is meant, and what is assumed of them: of the caller, nothing.

        Raises PermissionDenied, NobodyElse, NoSuchAccount.
        """
        if account_id is None or (account_id == caller.id and assuming is None):
            if assuming is not None:
                raise NobodyElse("only of somebody else anything is assumed", field="/assuming")
            return caller, None
        if not self.current.policy.permits(caller, READ_DECISIONS.name):
            raise PermissionDenied(
                f"this needs the permission {READ_DECISIONS.name}", permission=READ_DECISIONS.name
            )
        if not await self.accounts.is_open(account_id):
            raise NoSuchAccount("no open account has this id", field="/account_id")
        assumed = assuming or Assume()
        return assumed.caller(account_id, self.clock.now()), assumed


@dataclass(frozen=True, slots=True)
class DecisionService:
    """Answers questions about the policy in force."""

    authorizer: Authorizer
    current: CurrentPolicy
    subjects: Subjects
    objects: Objects
    queries: AccessQueries

    async def check(self, caller: Caller, wanted: Check) -> Answers:
        """Decide. What the asker may not read is, for somebody else, not there.

        Raises PermissionDenied, NobodyElse, NoSuchAccount, NoAddress; Unavailable on a defect, like
        everything here.
        """
        with self.current.answering("what may be done"):
            return await self._check(caller, wanted)

    async def _check(self, caller: Caller, wanted: Check) -> Answers:
        subject, assumed = await self.subjects.of(caller, wanted.account_id, wanted.assuming)
        things = [one.resource for one in wanted.questions if one.resource is not None]
        known = await self.objects.facts(things)
        current = self.current.policy
        decides = self.authorizer if assumed is None else assumed.policy(current)
        visible = known if assumed is None else _readable(current, caller, known)
        actions = current.engine.actions
        with nullcontext() if assumed is None else assumed.from_there():
            answers = [
                Answer(_decided(decides, actions, subject, one, visible))
                for one in wanted.questions
            ]
        return Answers(answers, current.version)

    async def explain(self, caller: Caller, wanted: Explain) -> Explanation:
        """Explain a decision.

        Raises UnknownPermission, UnknownResource, NotAnAction, NoObject, UnknownAttribute,
        WrongType; NoSuchObject where there is none, or the asker may not read it; and what `check`
        raises.
        """
        with self.current.answering("why something is allowed or not"):
            return await self._explain(caller, wanted)

    async def _explain(self, caller: Caller, wanted: Explain) -> Explanation:
        subject, assumed = await self.subjects.of(caller, wanted.account_id, wanted.assuming)
        facts = await self._facts(caller, wanted)
        current = self.current.policy
        policy = current if assumed is None else assumed.policy(current)
        with nullcontext() if assumed is None else assumed.from_there():
            explained = explanation(
                policy,
                subject,
                wanted.permission,
                facts,
                discreet=not any(current.permits(caller, one.name) for one in KNOWS_POLICIES),
            )
        return await self._named(policy, subject, explained)

    async def refusal(self, caller: Caller, decision_id: UUID) -> DecisionView:
        """Return why somebody was refused, without the attributes of what the asker may not read.

        Raises NoSuchDecision.
        """
        view = await self.queries.decision(decision_id)
        if view.resource is None or view.object_id is None:
            return view
        known = await self.objects.facts([Thing(type=view.resource, id=view.object_id)])
        with self.current.answering("who may read what a decision was about"):
            if _readable(self.current.policy, caller, known):
                return view
        return replace(view, detail=_without_object(view.detail))

    async def _facts(self, caller: Caller, wanted: Explain) -> Facts | None:
        engine = self.current.policy.engine
        if wanted.permission not in engine.permissions:
            raise UnknownPermission("no module declares this permission", field="/permission")
        sketch = wanted.resource
        if sketch is None:
            return None
        resource = self.objects.resource(sketch.type)
        if engine.actions.get(wanted.permission) is not resource:
            raise NotAnAction("this is no action on these objects", field="/permission")
        if (sketch.id is None) is (sketch.attributes is None):
            raise NoObject("say its id, or its attributes", field="/resource")
        if sketch.id is None:
            return sketched(resource, sketch.attributes or {})
        found = await self.objects.facts([Thing(type=sketch.type, id=sketch.id)])
        facts = found.get((sketch.type, sketch.id))
        if facts is None or not self.current.policy.allows(caller, resource.read.name, facts):
            raise NoSuchObject("there is no such object")
        return facts

    async def _named(
        self, policy: PolicyInForce, subject: Caller, explained: Explanation
    ) -> Explanation:
        """Return the same with the id of the grant, where one is among its rules."""
        granted = any(
            one.source is Source.GRANT for party in explained.parties for one in party.rules
        )
        if not granted or explained.resource is None or explained.object_id is None:
            return explained
        roles = {one for asking in policy.asking(subject) for one in asking.plan.counting}
        page = await self.queries.grants_on(
            explained.resource, explained.object_id, Slice(limit=MOST_GRANTS)
        )
        for grant in page.items:
            if _speaks_to(grant, subject, roles, explained.permission):
                return with_grant(explained, grant.id)
        return explained


def _speaks_to(grant: GrantView, subject: Caller, roles: set[str], permission: str) -> bool:
    whom = grant.account_id == subject.id or (grant.role is not None and grant.role in roles)
    return whom and grant.permission == permission


def _without_object(detail: Mapping[str, object]) -> Mapping[str, object]:
    """Return the same without the values of attributes of the object."""
    return {name: _withheld(one) for name, one in detail.items() if not name.startswith(RESOURCE)}


def _withheld(value: object) -> object:
    if isinstance(value, Mapping):
        return _without_object(cast("Mapping[str, object]", value))
    return (
        [_withheld(one) for one in cast("list[object]", value)]
        if isinstance(value, list)
        else value
    )


def _decided(
    decides: Authorizer,
    actions: Mapping[str, Resource],
    subject: Caller,
    asked: Asked,
    known: Mapping[tuple[str, UUID], Facts],
) -> bool:
    thing = asked.resource
    if thing is None:
        return decides.permits(subject, asked.permission)
    facts, resource = known.get((thing.type, thing.id)), actions.get(asked.permission)
    if facts is None or resource is None or resource.name != thing.type:
        return False
    # What somebody may not read does not exist for them, whatever else they might do with it.
    if not decides.allows(subject, resource.read.name, facts):
        return False
    return decides.allows(subject, asked.permission, facts)


def _readable(
    policy: PolicyInForce, caller: Caller, known: Mapping[tuple[str, UUID], Facts]
) -> Mapping[tuple[str, UUID], Facts]:
    read = {one.name: one.read.name for one in policy.engine.actions.values()}
    return {
        key: facts
        for key, facts in known.items()
        if key[0] in read and policy.allows(caller, read[key[0]], facts)
    }
