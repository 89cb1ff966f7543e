"""Who may call a route: each declares one permission or that it is public."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request

from shared_kernel.adapters.http.cookies import SAFE, require_same_origin, session_cookie
from shared_kernel.adapters.http.headers import header
from shared_kernel.application import (
    FRESH,
    SECOND_FACTOR,
    Authorizer,
    Caller,
    CallerSource,
    Clock,
    Credentials,
    Means,
    origin,
)
from shared_kernel.domain import (
    Forbidden,
    InsufficientAuthentication,
    Permission,
    PermissionDenied,
    Unauthenticated,
)

E = TypeVar("E", bound=Callable[..., Any])

MARK = "__access__"


class ApiKeyNotAccepted(Forbidden):
    """The route serves people who signed in, and no API keys."""


class NotWhileImpersonating(Forbidden):
    """An administrator who acts as somebody else may not do this in their name."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a route asks of its caller: nothing, to be signed in, or a permission.

    `fresh`: also to have proved who they are within the last ten minutes. `in_person`: not to act
    as somebody else, which fresh ones never do. `of_object`: it is enough to hold the permission
    on some object; the use case asks about the one that is meant. A public route may be of an
    object, too: it shows those that the caller, or a stranger, may read.
    """

    public: bool = False
    permission: Permission | None = None
    fresh: bool = False
    in_person: bool = False
    of_object: bool = False


def public(endpoint: E) -> E:
    """Let everyone call the route."""
    return _marked(endpoint, Access(public=True))


def public_of_object(permission: Permission) -> Callable[[E], E]:
    """Let everyone call the route: whether they may read the object meant, its `Guard` says."""
    access = Access(public=True, permission=permission, of_object=True)
    return lambda endpoint: _marked(endpoint, access)


def signed_in(endpoint: E) -> E:
    """Let every signed-in caller call the route: it serves only what is the caller's own."""
    return _marked(endpoint, Access())


def in_person(endpoint: E) -> E:
    """Let every signed-in caller call the route, but nobody who acts as somebody else."""
    return _marked(endpoint, Access(in_person=True))


def freshly_signed_in(endpoint: E) -> E:
    """Let those call the route who signed in, or proved who they are, within ten minutes."""
    return _marked(endpoint, Access(fresh=True))


def requires(
    permission: Permission, *, fresh: bool = False, in_person: bool = False
) -> Callable[[E], E]:
    """Let those call the route who hold the permission, and proved who they are if it is fresh.

    Nobody who acts as somebody else, where it is `fresh` or `in_person`.
    """
    access = Access(permission=permission, fresh=fresh, in_person=in_person)
    return lambda endpoint: _marked(endpoint, access)


def requires_of_object(permission: Permission) -> Callable[[E], E]:
    """Let those call the route who may hold the permission on some object.

    Whether they hold it on the one meant, the use case asks its `Guard`.
    """
    return lambda endpoint: _marked(endpoint, Access(permission=permission, of_object=True))


def access_of(endpoint: Callable[..., Any]) -> Access | None:
    """Return what the endpoint declares, or None when it declares nothing."""
    declared: Access | None = getattr(endpoint, MARK, None)
    return declared


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets a request through to its endpoint, or refuses it before its body is read."""

    callers: CallerSource
    authorizer: Authorizer
    clock: Clock
    origins: frozenset[str] = frozenset()

    async def identify(self, request: Request) -> Caller | None:
        """Return who sends the request, None when it carries no credentials.

        A cookie counts only where there is no `Authorization`, and for changes only when the
        request comes from a page of ours.
        """
        authorization = header(request, b"authorization")
        cookie = session_cookie(request) if authorization is None else None
        caller = await self.callers.identify(
            Credentials(authorization=authorization, cookie=cookie)
        )
        if caller is not None:
            if caller.means is Means.COOKIE and request.method not in SAFE:
                require_same_origin(request, self.origins)
            request.scope["caller"] = caller
            origin.set(origin.get().by(caller.id, caller.impersonator_id))
        return caller

    async def admit(self, request: Request, access: Access) -> None:
        """Raise Unauthenticated or a kind of Forbidden unless the caller may pass."""
        if access.public:
            return
        caller = await self.identify(request)
        if caller is None:
            raise Unauthenticated("sign in first")
        wanted = access.permission
        if caller.means is Means.KEY and (wanted is None or access.fresh):
            # A key can never prove who is behind it: telling it to step up would help nobody.
            raise ApiKeyNotAccepted("API keys are not accepted here; sign in")
        if wanted is not None:
            self._require_permission(caller, wanted, of_object=access.of_object)
        if (access.fresh or access.in_person) and caller.impersonator_id is not None:
            raise NotWhileImpersonating("not while acting as somebody else")
        if access.fresh:
            self._require_fresh(caller)

    def _require_fresh(self, caller: Caller) -> None:
        if not caller.is_fresh(at=self.clock.now()):
            raise InsufficientAuthentication(
                "prove who you are once more", max_age=int(FRESH.total_seconds())
            )

    def _require_permission(self, caller: Caller, wanted: Permission, *, of_object: bool) -> None:
        decide = self.authorizer.could_permit if of_object else self.authorizer.permits
        if decide(caller, wanted.name):
            return
        steps_up = caller.means is not Means.KEY and caller.impersonator_id is None
        if steps_up and decide(caller.with_second_factor(), wanted.name):
            raise InsufficientAuthentication("this needs a second factor", methods=SECOND_FACTOR)
        raise PermissionDenied(f"this needs the permission {wanted.name}", permission=wanted.name)


async def _current(request: Request) -> Caller:
    caller: Caller = request.scope["caller"]
    return caller


async def maybe_caller(request: Request) -> Caller | None:
    """Return who sends the request, None when it carries no credentials."""
    if "caller" in request.scope:
        return await _current(request)
    gate: Gate = request.app.state.gate
    return await gate.identify(request)


CurrentCaller = Annotated[Caller, Depends(_current)]
"""The caller of a route that is not public."""

MaybeCaller = Annotated[Caller | None, Depends(maybe_caller)]
"""The caller of a public route, when the request carries credentials."""


def _marked(endpoint: E, access: Access) -> E:
    setattr(endpoint, MARK, access)
    return endpoint
