"""The routes of the application as a whole, with the prefixes they are served under."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.types import Scope

from shared_kernel.adapters.http import GuardedRoute, may_take_files


class Routes:
    """Answers questions about routes. Read once, at the first question."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    @cached_property
    def all(self) -> Sequence[RouteContext]:
        """Every route that is served."""
        return list(iter_route_contexts(self._app.routes))

    @property
    def guarded(self) -> Sequence[tuple[RouteContext, GuardedRoute]]:
        """The routes made by the kernel's Router, with what they declare."""
        return [(c, r) for c in self.all if isinstance(r := c.original_route, GuardedRoute)]

    @cached_property
    def _templates(self) -> dict[object, str]:
        return {one.endpoint: one.path for one in self.all if one.path is not None}

    def template(self, scope: Scope) -> str | None:
        """Return the template of the route a request was matched to: `/v1/x/things/{id}`."""
        return self._templates.get(scope.get("endpoint"))

    @cached_property
    def _of_files(self) -> Sequence[RouteContext]:
        return [one for one in self.all if one.endpoint and may_take_files(one.endpoint)]

    def takes_files(self, scope: Scope) -> bool:
        """Say whether a request, not yet matched, is for a route that takes files."""
        return any(
            scope["method"] in (one.methods or ()) and _matches(one, scope["path"])
            for one in self._of_files
        )

    def allowed(self, path: str) -> str:
        """Return the methods a path knows, as the `Allow` header states them."""
        methods = {
            method for one in self.all if _matches(one, path) for method in one.methods or ()
        }
        return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


def _matches(route: RouteContext, path: str) -> bool:
    regex = getattr(route, "path_regex", None)
    return regex is not None and regex.match(path) is not None
