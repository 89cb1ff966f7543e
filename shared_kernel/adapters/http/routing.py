"""Routes that let nobody in unless they say so."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, get_type_hints

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from shared_kernel.adapters.http.access import Access, Gate, access_of
from shared_kernel.adapters.http.bodies import StrictRequest, require_json
from shared_kernel.adapters.http.caching import PublicCache, cache_of
from shared_kernel.adapters.http.conditional import is_known, notes_version, tagged, taken_tag
from shared_kernel.adapters.http.headers import header
from shared_kernel.adapters.http.idempotency import (
    HEADER,
    METHODS,
    PARAMETER,
    REPLAYED_HEADER,
    Once,
    is_idempotent,
    key_of,
    no_keys_here,
)
from shared_kernel.adapters.http.limits_told import telling
from shared_kernel.adapters.http.parameters import NotForUs
from shared_kernel.adapters.http.plan import Plan, plan_of
from shared_kernel.adapters.http.problems import MEDIA_TYPE
from shared_kernel.adapters.http.supplies import current_request, supplied
from shared_kernel.application import spent

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

JSON = (b"content-type", b"application/json")

CAUSES = {
    400: "The request cannot be read.",
    401: "No valid credentials.",
    403: "The permission is missing.",
    404: "There is no such thing, or it is not yours to see.",
    409: "Its state does not allow this.",
    412: "It was changed since you read it.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "A value breaks a rule.",
    428: "`If-Match` is missing.",
    429: "Too often; try again after `Retry-After` seconds.",
    503: "Try again after `Retry-After` seconds.",
}


class GuardedRoute(APIRoute):
    """A route that checks its caller before it reads the body, and tags versioned answers.

    `services` are those its endpoint is supplied with. `planned` serves it faster than the
    framework does, where it has a plan.
    """

    planned: Planned | None

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        access = access_of(endpoint)
        if access is None:
            raise TypeError(
                f"{endpoint.__module__}.{endpoint.__qualname__} declares no access: "
                "put @requires(...), @signed_in or @public under its route"
            )
        self.access = access
        methods = frozenset(options.get("methods") or ())
        self.may_be_keyed = not METHODS.isdisjoint(methods)
        self.idempotent = is_idempotent(endpoint, access, methods)
        _document(options, access, idempotent=self.idempotent)
        self.cache = cache_of(endpoint)
        called, self.services = supplied(endpoint)
        if self.cache is not None and self.cache.versions is not None:
            self.services.append(self.cache.versions)
        super().__init__(
            path, notes_version(called) if _is_versioned(endpoint) else called, **options
        )
        plan = plan_of(self)
        self.planned = None if plan is None else self._by_plan(plan)

    def _by_plan(self, plan: Plan) -> Planned:
        return Planned(plan, self.access, self.status_code or 200, self.may_be_keyed, self.cache)

    def get_route_handler(self) -> Handler:
        handle, access = super().get_route_handler(), self.access
        takes_body, cache = self.body_field is not None, self.cache

        async def guarded(request: Request) -> Response:
            gate: Gate = request.app.state.gate
            spent.set(None)
            await gate.admit(request, access)
            if takes_body:
                require_json(request)
            strict = StrictRequest(request.scope, request.receive)

            async def carried_out() -> Response:
                current_request.set(strict)
                return tagged(request, await handle(strict))

            if cache is not None:
                return telling(await cache.answer(request, carried_out))
            key = key_of(request) if self.may_be_keyed else None
            if key is None:
                return telling(await carried_out())
            if not self.idempotent:
                raise no_keys_here()
            once: Once = request.app.state.once
            return telling(await once.answer(strict, key, self, carried_out))

        return guarded


@dataclass(frozen=True, slots=True)
class Planned:
    """Serves a route by its plan. Raises NotForUs where that does not hold, before any answer."""

    plan: Plan
    access: Access
    status: int
    may_be_keyed: bool
    cache: PublicCache | None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = StrictRequest(scope, receive)
        if self.may_be_keyed and header(request, HEADER) is not None:
            raise NotForUs
        gate: Gate = scope["app"].state.gate
        spent.set(None)
        await gate.admit(request, self.access)
        parameters = self.plan.read(request)
        current_request.set(request)
        if self.cache is not None and (tag := await self.cache.known_tag(request)) is not None:
            await self._send_unchanged(request, tag, send)
            return
        injected = _injected() if self.plan.takes_response else None
        view = await self.plan.run(request, injected, parameters)
        if isinstance(view, Response):
            await telling(self._dressed(request, view))(scope, receive, send)
        else:
            await self._show(request, await self.plan.body(view), injected, send)

    async def _show(
        self, request: Request, body: bytes, injected: Response | None, send: Send
    ) -> None:
        status, headers = self.status, [(b"content-length", b"%d" % len(body)), JSON]
        if injected is not None:
            status = injected.status_code or status
            headers.extend(injected.raw_headers)
        tag, cache = taken_tag(), self.cache if status == 200 else None
        if tag is None and cache is not None:
            tag = cache.tag_of_body(request, body)
        if tag is not None:
            if is_known(request, tag):
                await self._send_unchanged(request, tag, send)
                return
            headers.append((b"etag", tag.encode()))
        if cache is not None:
            headers.extend(cache.lines(request))
        await _send(send, status, body, headers)

    async def _send_unchanged(self, request: Request, tag: str, send: Send) -> None:
        told = self.cache.lines(request) if self.cache is not None else []
        await _send(send, 304, b"", [(b"etag", tag.encode()), *told])

    def _dressed(self, request: Request, response: Response) -> Response:
        tagged_one = tagged(request, response)
        return tagged_one if self.cache is None else self.cache.finished(request, tagged_one)


def _injected() -> Response:
    """Return what an endpoint sets headers and the status on; neither is set yet."""
    response = Response(status_code=0)
    response.raw_headers.clear()
    return response


async def _send(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Router(APIRouter):
    """A router of guarded routes. Each declares `@requires(...)`, `@signed_in` or `@public`."""

    def __init__(self, *, tags: list[str], prefix: str = "") -> None:
        super().__init__(prefix=prefix, tags=[*tags], route_class=GuardedRoute)


def _is_versioned(endpoint: Callable[..., Any]) -> bool:
    shown = get_type_hints(endpoint).get("return")
    return (
        isinstance(shown, type)
        and is_dataclass(shown)
        and any(one.name == "version" for one in fields(shown))
    )


def _document(options: dict[str, Any], access: Access, *, idempotent: bool) -> None:
    """Add to the options of a route what all of its kind have in common in the description."""
    responses: dict[int | str, dict[str, Any]]
    responses = {**_problems(access), **(options.get("responses") or {})}
    extra: dict[str, Any] = {**_security(access), **(options.get("openapi_extra") or {})}
    if idempotent:
        status = options.get("status_code") or 200
        responses[status] = {"headers": REPLAYED_HEADER, **responses.get(status, {})}
        extra["parameters"] = [*extra.get("parameters", ()), PARAMETER]
    options["responses"], options["openapi_extra"] = responses, extra


def _security(access: Access) -> dict[str, Any]:
    if access.public:
        return {"security": []}
    security: list[dict[str, list[str]]] = [{"bearer": []}, {"cookie": []}]
    if access.permission is None:
        return {"security": security}
    if not access.fresh:
        security.append({"api_key": []})
    return {"security": security, "x-permission": access.permission.name}


def _problems(access: Access) -> dict[int | str, dict[str, Any]]:
    """Document the refusals. By content type: `model` would document `application/json`."""
    schema = {"$ref": "#/components/schemas/Problem"}
    listed = [s for s in CAUSES if not (access.public and s in {401, 403})]
    return {
        s: {"description": CAUSES[s], "content": {MEDIA_TYPE: {"schema": schema}}} for s in listed
    }
