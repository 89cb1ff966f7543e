"""Serves simple reads by a plan made once, instead of studying the endpoint at each request.

The framework walks the tree of an endpoint's dependencies at every request and asks each parameter
anew what it is; for a list with a dozen of them that takes longer than the query. A plan holds the
answers. It is made from the framework's own description of endpoints that take no body and whose
parameters are single values. It never refuses: a request with a value that is not valid goes to
the framework before any dependency has run, so that every 422 is the framework's.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, serialize_response

from shared_kernel.adapters.http.parameters import NotForUs, Sources, sources_of
from shared_kernel.adapters.http.services import Use


@dataclass(frozen=True, slots=True)
class Step:
    """One call: a dependency, or at last the endpoint. `inner` names the steps it takes from."""

    call: Any
    sources: Sources
    requests: tuple[str, ...]
    responses: tuple[str, ...]
    inner: tuple[tuple[str, int], ...]

    def read(self, request: Request) -> dict[str, Any]:
        """Return the parameters. Raises NotForUs when one is missing or not valid."""
        found: dict[str, Any] = {}
        for source, wanted in self.sources:
            sent = source(request)
            for one in wanted:
                value = sent.get(one.key)
                if value is not None:
                    found[one.name], errors = one.validate(value)
                    if errors:
                        raise NotForUs
                elif one.required:
                    raise NotForUs
                else:
                    found[one.name] = one.default
        return found


class Plan:
    """The steps of one endpoint, in the order the framework takes them. May raise NotForUs."""

    def __init__(self, route: APIRoute) -> None:
        _require_plain_answer(route)
        self._shown, self._by_alias = route.response_field, route.response_model_by_alias
        self._steps: list[Step] = []
        self._add(route.dependant, {})
        self.takes_response = any(step.responses for step in self._steps)

    def read(self, request: Request) -> list[dict[str, Any]]:
        """Return the parameters of each step. Raises NotForUs before anything was called."""
        return [step.read(request) for step in self._steps]

    async def run(
        self, request: Request, response: Response | None, parameters: list[dict[str, Any]]
    ) -> Any:
        """Take the steps and return what the endpoint returns."""
        values: list[Any] = []
        for step, arguments in zip(self._steps, parameters, strict=True):
            for name in step.requests:
                arguments[name] = request
            for name in step.responses:
                arguments[name] = response
            for name, index in step.inner:
                arguments[name] = values[index]
            values.append(await step.call(**arguments))
        return values[-1]

    async def body(self, view: Any) -> bytes:
        """Return the view as the framework validates and writes it."""
        body: bytes = await serialize_response(
            field=self._shown, response_content=view, by_alias=self._by_alias, dump_json=True
        )
        return body

    def _add(self, dependant: Dependant, known: dict[Any, int]) -> int:
        _require_plain(dependant)
        inner: list[tuple[str, int]] = []
        for one in dependant.dependencies:
            same = (one.call, one.scope)
            index = known.get(same) if one.use_cache else None
            if index is None:
                index = self._add(one, known)
                known.setdefault(same, index)
            if one.name is not None:
                inner.append((one.name, index))
        requests = (dependant.request_param_name, dependant.http_connection_param_name)
        self._steps.append(
            Step(
                call=dependant.call,
                sources=sources_of(dependant),
                requests=tuple(name for name in requests if name),
                responses=tuple(filter(None, [dependant.response_param_name])),
                inner=tuple(inner),
            )
        )
        return len(self._steps) - 1


def plan_of(route: APIRoute) -> Plan | None:
    """Return the plan of a route, None when it has something a plan does not know."""
    try:
        return Plan(route)
    except NotForUs:
        return None


def _require_plain_answer(route: APIRoute) -> None:
    shaped = (
        route.response_model_include,
        route.response_model_exclude,
        route.response_model_exclude_unset,
        route.response_model_exclude_defaults,
        route.response_model_exclude_none,
        route.is_sse_stream,
        route.is_json_stream,
        route.body_field,
        route.max_body_size,
    )
    stock = isinstance(route.response_class, DefaultPlaceholder)
    if any(shaped) or route.response_field is None or not stock:
        raise NotForUs


def _require_plain(dependant: Dependant) -> None:
    special = (
        dependant.body_params,
        dependant.cookie_params,
        dependant.websocket_param_name,
        dependant.background_tasks_param_name,
        dependant.security_scopes_param_name,
        dependant.own_oauth_scopes,
        dependant.parent_oauth_scopes,
        dependant.concurrency,
    )
    called = dependant.call
    if any(special) or not (inspect.iscoroutinefunction(called) or isinstance(called, Use)):
        raise NotForUs
