"""The routes of the application as a whole, with the prefixes they are served under."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from re import Pattern
from typing import Any, Protocol, runtime_checkable

from fastapi import APIRouter, FastAPI
from starlette.convertors import Convertor
from starlette.routing import BaseRoute, compile_path
from starlette.types import Scope

from shared_kernel.adapters.http import GuardedRoute, may_take_files


@dataclass(frozen=True, slots=True)
class Served:
    """A route, and where it is served: below the prefix of the router it is included with.

    The framework tells the same, and makes each route anew to tell it, with all that its
    parameters are validated by: half a second, which the first request would wait for.
    """

    original_route: BaseRoute
    path: str
    path_regex: Pattern[str]
    param_convertors: Mapping[str, Convertor[Any]]

    @classmethod
    def below(cls, prefix: str, route: BaseRoute) -> Served:
        """Return a route as it is served below a prefix."""
        path = prefix + getattr(route, "path", "")
        pattern, _, convertors = compile_path(path)
        return cls(route, path, pattern, convertors)

    @property
    def methods(self) -> set[str]:
        """The methods it is for; none where the framework knows of none."""
        return getattr(self.original_route, "methods", None) or set()

    @property
    def endpoint(self) -> Callable[..., Any] | None:
        """What answers, if that is one function."""
        return getattr(self.original_route, "endpoint", None)


class _Context(Protocol):
    prefix: str


@runtime_checkable
class _Included(Protocol):
    """What stands among the routes for a router that was included."""

    original_router: APIRouter
    include_context: _Context


class Routes:
    """Answers questions about routes. Read once, at the first question."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    @cached_property
    def all(self) -> Sequence[Served]:
        """Every route that is served."""
        return list(_served(self._app.routes, ""))

    @property
    def guarded(self) -> Sequence[tuple[Served, GuardedRoute]]:
        """The routes made by the kernel's Router, with what they declare."""
        return [(c, r) for c in self.all if isinstance(r := c.original_route, GuardedRoute)]

    @cached_property
    def _templates(self) -> dict[object, str]:
        return {one.endpoint: one.path for one in self.all}

    def template(self, scope: Scope) -> str | None:
        """Return the template of the route a request was matched to: `/v1/x/things/{id}`."""
        return self._templates.get(scope.get("endpoint"))

    @cached_property
    def _of_files(self) -> Sequence[Served]:
        return [one for one in self.all if one.endpoint and may_take_files(one.endpoint)]

    def takes_files(self, scope: Scope) -> bool:
        """Say whether a request, not yet matched, is for a route that takes files."""
        return any(
            scope["method"] in one.methods and one.path_regex.match(scope["path"])
            for one in self._of_files
        )

    def allowed(self, path: str) -> str:
        """Return the methods a path knows, as the `Allow` header states them."""
        methods = {
            method for one in self.all if one.path_regex.match(path) for method in one.methods
        }
        return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


def _served(routes: Sequence[BaseRoute], prefix: str) -> Iterator[Served]:
    for route in routes:
        if isinstance(route, _Included):
            below = prefix + route.include_context.prefix
            yield from _served(route.original_router.routes, below)
        else:
            yield Served.below(prefix, route)
