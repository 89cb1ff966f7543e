"""Gives endpoints what is had without reading parameters: services, the caller, and the like.

The framework resolves each dependency by itself, at some 25 us apiece. One that asks only for the
request, or for others of the kind, is called directly instead, for less than one.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, get_type_hints

from fastapi import Request
from fastapi.params import Depends

from shared_kernel.adapters.http.services import Use

Call = Callable[..., Awaitable[Any]]

current_request: ContextVar[Request] = ContextVar("current_request")


@dataclass(frozen=True, slots=True)
class Supply:
    """A dependency that needs the request (under the names in `requests`) and other supplies."""

    call: Call
    requests: tuple[str, ...]
    others: tuple[tuple[str, Supply], ...]

    async def get(self, request: Request) -> Any:
        """Return its value for one request."""
        values: dict[str, Any] = dict.fromkeys(self.requests, request)
        for name, other in self.others:
            values[name] = await other.get(request)
        return await self.call(**values)


def supplied(endpoint: Callable[..., Any]) -> tuple[Callable[..., Any], list[type[Any]]]:
    """Return the endpoint without its supplied parameters, and the services it is supplied with."""
    supplies = dict(_supplies_of(endpoint))
    if not supplies:
        return endpoint, []

    @wraps(endpoint)
    async def with_supplies(**values: Any) -> Any:
        request = current_request.get()
        for name, supply in supplies.items():
            values[name] = await supply.get(request)
        return await endpoint(**values)

    signature = inspect.signature(endpoint, eval_str=True)
    kept = [one for name, one in signature.parameters.items() if name not in supplies]
    setattr(with_supplies, "__signature__", signature.replace(parameters=kept))  # noqa: B010 - not in the type of functions
    return with_supplies, [kind for one in supplies.values() for kind in _services_of(one)]


def _supplies_of(call: Callable[..., Any]) -> Iterator[tuple[str, Supply]]:
    for name, hint in _hints(call).items():
        if (supply := _supply_of(hint)) is not None:
            yield name, supply


def _supply_of(hint: Any) -> Supply | None:
    depends = [one for one in getattr(hint, "__metadata__", ()) if isinstance(one, Depends)]
    call = depends[0].dependency if len(depends) == 1 else None
    if call is None or not _is_plain(call):
        return None
    hints = _hints(call)
    requests = tuple(name for name, kind in hints.items() if kind is Request)
    others = tuple(_supplies_of(call))
    if len(requests) + len(others) != len(hints):
        return None
    return Supply(call, requests, others)


def _is_plain(call: Any) -> bool:
    """Whether it is a coroutine function, or an object that is called like one."""
    return inspect.iscoroutinefunction(call) or isinstance(call, Use)


def _hints(call: Any) -> Mapping[str, Any]:
    function = call if inspect.isroutine(call) or inspect.isfunction(call) else type(call).__call__
    hints = get_type_hints(function, include_extras=True)
    names = inspect.signature(call).parameters
    return {name: hints.get(name) for name in names}


def _services_of(supply: Supply) -> Iterator[type[Any]]:
    if isinstance(supply.call, Use):
        yield supply.call.service
    for _, other in supply.others:
        yield from _services_of(other)
