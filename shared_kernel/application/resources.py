"""Resources whose single objects are guarded: what a module declares, and how it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from shared_kernel.application import Authorizer, Caller
from shared_kernel.application.conditions import (
    TRUE,
    Attribute,
    Compare,
    Condition,
    Facts,
    Kind,
    Op,
    Value,
    paths,
)
from shared_kernel.domain import NotFound, Permission, PermissionDenied

T = TypeVar("T")

RESOURCE = "resource."

NOTHING: Facts = MappingProxyType({})

SCOPES = frozenset({Kind.TEXT, Kind.ID})
"""What a scope may be: a role is given within one by its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What the module itself lays down: these actions are allowed where the condition holds.

    To those who hold a permission, where one is named; to everyone, signed in or not, otherwise.
    """

    actions: Sequence[Permission]
    when: Condition = TRUE
    holding: Permission | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resource:
    """A kind of object that is guarded one by one.

    name        `<module>.<plural>`
    attributes  what conditions may read, by name; `id` is always among them
    read        the action without which an object does not exist for somebody
    share       the action of giving others rights on one object
    actions     every action on one object, `read` and `share` among them, in the order shown
    rules       what is allowed before any administrator has said a word
    scope       the attribute that says in which scope an object lies, a text or an id; roles given
                within a scope count for the objects in it
    """

    name: str
    attributes: Mapping[str, Kind]
    read: Permission
    share: Permission
    actions: Sequence[Permission]
    rules: Sequence[Rule]
    scope: str | None = None


def faults_of(resource: Resource, declared: Sequence[Permission]) -> Iterator[str]:
    """Yield what is wrong with a resource, of a module that declares these permissions."""
    known = {"id", *resource.attributes}
    mentioned = {resource.read, resource.share, *resource.actions}
    for rule in resource.rules:
        mentioned.update(rule.actions)
        for path in paths(rule.when):
            if path.startswith(RESOURCE) and path.removeprefix(RESOURCE) not in known:
                yield f"a rule reads {path}, which is not declared"
    for one in mentioned:
        if one not in declared or one not in resource.actions:
            yield f"{one.name} is not declared, as a permission and as an action"
        if one.name.rpartition(".")[0] != resource.name:
            yield f"{one.name} is not named after it"
    yield from _faults_of_scope(resource)


def _faults_of_scope(resource: Resource) -> Iterator[str]:
    if resource.scope in {None, "id"}:
        return
    kind = resource.attributes.get(resource.scope or "")
    if kind is None:
        yield f"its scope {resource.scope} is not declared"
    elif kind not in SCOPES:
        yield f"its scope {resource.scope} is neither a text nor an id"


def owned(attribute: str = "owner_id") -> Condition:
    """Return the condition that the caller is the one whom an attribute of the object names."""
    return Compare(RESOURCE + attribute, Op.EQ, Attribute("caller.id"))


def attribute_is(attribute: str, value: str) -> Condition:
    """Return the condition that an attribute of the object has a value."""
    return Compare(RESOURCE + attribute, Op.EQ, value)


def facts_of(attributes: Mapping[str, Value]) -> Facts:
    """Return the attributes of an object by their paths."""
    return {RESOURCE + name: value for name, value in attributes.items()}


class GuardedObjects(Protocol):
    """Reads guarded objects as they are stored, for those who administer rights on them."""

    async def attributes(self, ids: Sequence[UUID]) -> Mapping[UUID, Facts]:
        """Return the declared attributes of those that exist."""
        ...

    async def matching(self, condition: Condition, *, limit: int) -> Sequence[UUID]:
        """Return the ids of at most `limit` objects that meet a condition on the resource."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceCatalogue:
    """Every resource the modules declare, by name, and where its objects are read."""

    resources: Mapping[str, Resource]
    objects: Mapping[str, Callable[[], GuardedObjects]]


@dataclass(frozen=True, slots=True)
class Guard(Generic[T]):
    """Asks the policy about the objects of one kind. A module makes one for each it declares.

    facts    reads the declared attributes off an object, by path (`facts_of`)
    missing  what is raised where somebody may not even know of the object
    """

    resource: Resource
    facts: Callable[[T], Facts]
    missing: Callable[[], NotFound]
    authorizer: Authorizer

    def require(self, caller: Caller | None, action: Permission, thing: T) -> None:
        """Raise unless the caller may do this to the object.

        NotFound, as for an unknown id, where they may not read it; PermissionDenied otherwise.
        """
        facts = self.facts(thing)
        if not self.authorizer.allows(caller, self.resource.read.name, facts):
            raise self.missing()
        if action is not self.resource.read:
            self._require(caller, action, facts)

    def require_result(self, caller: Caller | None, action: Permission, thing: T) -> None:
        """Raise PermissionDenied unless the caller may do this to what the object would become.

        It is of their own making, also where they could not read it: there is nothing to hide.
        """
        self._require(caller, action, self.facts(thing))

    def visible(self, caller: Caller | None, known: Facts = NOTHING) -> Condition:
        """Return which objects the caller may read, of those with the attributes known."""
        return self.open_to(caller, self.resource.read, known)

    def open_to(
        self, caller: Caller | None, action: Permission, known: Facts = NOTHING
    ) -> Condition:
        """Return on which objects the caller may do this, of those with the attributes known."""
        return self.authorizer.condition(caller, action.name, known)

    def actions(self, caller: Caller | None, thing: T) -> Sequence[str]:
        """Return what the caller may do with the object: `read`, `write` ..."""
        allows, facts = self.authorizer.allows, self.facts(thing)
        return [
            action.name.rpartition(".")[2]
            for action in self.resource.actions
            if allows(caller, action.name, facts)
        ]

    def _require(self, caller: Caller | None, action: Permission, facts: Facts) -> None:
        if not self.authorizer.allows(caller, action.name, facts):
            raise PermissionDenied(
                f"this needs {action.name} of the object", permission=action.name, on=facts
            )
