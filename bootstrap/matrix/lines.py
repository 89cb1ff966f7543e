"""The lines of the matrix.

The gate of the routes and the guard of the objects are asked as requests ask them; nothing is
decided here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPMethod
from uuid import UUID

from fastapi import FastAPI, Request

from bootstrap.matrix.samples import Ownership, objects_for
from bootstrap.routes import Routes
from shared_kernel.adapters.http import Access, Gate, problem_of
from shared_kernel.application import Authorizer, Caller, Clock, Credentials
from shared_kernel.application.conditions import Condition, Facts
from shared_kernel.application.delivered import DeliveredPolicy, Share
from shared_kernel.application.resources import Guard, Resource, ResourceCatalogue
from shared_kernel.domain import AccountId, DomainError, NotFound, new_id
from shared_kernel.module import Services

STRANGER = "stranger"
ALLOWED = "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What becomes of requests to a route, by role: `yes`, or the status of the refusal.

    ownership  what the object meant is to the caller, where the route is about a single one
    """

    method: str
    path: str
    access: Access
    ownership: Ownership | None
    outcomes: Mapping[str, str]


async def matrix_of(app: FastAPI) -> Sequence[Line]:
    """Return a line for each route, or for each ownership where it is about a single object."""
    services: Services = app.state.services
    routes: Routes = app.state.routes
    desk = _Desk.of(services)
    lines = [
        await desk.line(method, str(context.path), route.access, ownership)
        for context, route in routes.guarded
        for method in sorted((context.methods or set()) - {HTTPMethod.HEAD})
        for ownership in desk.ownerships(str(context.path), route.access)
    ]
    return sorted(lines, key=lambda one: (one.path, one.method))


@dataclass(frozen=True, slots=True)
class _Sent:
    """Credentials that need no proof."""

    caller: Caller | None

    async def identify(self, credentials: Credentials) -> Caller | None:
        return self.caller


@dataclass(frozen=True, slots=True)
class _Desk:
    """Everybody who may ask, and who decides.

    resources   by each action on their objects
    shared      an object by each right that was given on it, to everybody
    authorizer  decides while nothing is shared, `sharing` while these are
    """

    callers: Mapping[str, Caller | None]
    resources: Mapping[str, Resource]
    shared: Mapping[str, UUID]
    authorizer: Authorizer
    sharing: Authorizer
    clock: Clock

    @classmethod
    def of(cls, services: Services) -> _Desk:
        policy, clock = services.get(DeliveredPolicy), services.get(Clock)
        declared = services.get(ResourceCatalogue).resources.values()
        resources = {action.name: one for one in declared for action in one.actions}
        shared = {name: new_id() for name in resources}
        callers = {role: _just_signed_in(clock) for role in policy.roles}
        shares = [
            Share(account_id=one.id, permission=given, object_id=id)
            for one in callers.values()
            for name, id in shared.items()
            for given in {name, resources[name].read.name}
        ]
        held = {one.id: role for role, one in callers.items()}
        return cls(
            callers={STRANGER: None, **callers},
            resources=resources,
            shared=shared,
            authorizer=policy.authorizer(held, []),
            sharing=policy.authorizer(held, shares),
            clock=clock,
        )

    def ownerships(self, path: str, access: Access) -> Sequence[Ownership | None]:
        """Return what to tell apart. What a route makes is its caller's own."""
        if not access.of_object:
            return [None]
        return list(self._objects(None, access)) if "{" in path else [Ownership.OWN]

    async def line(
        self, method: str, path: str, access: Access, ownership: Ownership | None
    ) -> Line:
        # Each in a task, whose context is its own: the gate notes there who asks.
        outcomes = [
            asyncio.create_task(self._outcome(access, caller, ownership))
            for caller in self.callers.values()
        ]
        return Line(
            method=method,
            path=path,
            access=access,
            ownership=ownership,
            outcomes=dict(zip(self.callers, await asyncio.gather(*outcomes), strict=True)),
        )

    async def _outcome(
        self, access: Access, caller: Caller | None, ownership: Ownership | None
    ) -> str:
        decides = self.sharing if ownership is Ownership.SHARED else self.authorizer
        gate = Gate(callers=_Sent(caller), authorizer=decides, clock=self.clock)
        try:
            await gate.admit(Request({"type": "http", "method": "GET", "headers": []}), access)
            if ownership is not None and access.permission is not None:
                thing = self._objects(caller, access)[ownership]
                resource = self.resources[access.permission.name]
                guard = Guard(resource, _as_they_are, _missing, decides)
                guard.require(caller, access.permission, thing)
        except DomainError as error:
            return str(problem_of(error).status_code)
        return ALLOWED

    def _objects(self, caller: Caller | None, access: Access) -> Mapping[Ownership, Facts]:
        wanted = "" if access.permission is None else access.permission.name
        asker = None if caller is None else caller.id
        resource = self.resources[wanted]
        return objects_for(asker, resource, self.shared[wanted], self._open(resource))

    def _open(self, resource: Resource) -> Condition:
        return self.authorizer.condition(None, resource.read.name, {})


def _just_signed_in(clock: Clock) -> Caller:
    return Caller(
        AccountId(new_id()),
        new_id(),
        authenticated_at=clock.now(),
        methods=frozenset({"pwd"}),
    )


def _as_they_are(facts: Facts) -> Facts:
    return facts


def _missing() -> NotFound:
    return NotFound("there is no such object")
