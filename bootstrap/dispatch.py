"""Finds the route of a request by its path, however many routes there are.

The framework tries one route after the other, and nested routers once more each. Here the
segments of a path are looked up, which takes as long for a thousand routes as for one. Whatever is
not found like this (another method, another path, routes that are not guarded) goes to the
framework, which stays the judge.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from starlette.convertors import StringConvertor
from starlette.types import ASGIApp, Receive, Scope, Send

from bootstrap.routes import Routes
from shared_kernel.adapters.http import GuardedRoute


@dataclass(slots=True)
class Node:
    """One segment of the paths: what may follow it, and the routes that end here, by method."""

    named: dict[str, Node] = field(default_factory=dict[str, "Node"])
    any: Node | None = None
    ends: dict[str, tuple[GuardedRoute, tuple[str, ...]]] = field(
        default_factory=dict[str, tuple[GuardedRoute, tuple[str, ...]]]
    )


class Dispatch:
    """Serves what the index knows, and leaves the rest to `fallback`."""

    def __init__(self, fallback: ASGIApp, routes: Routes) -> None:
        self._fallback, self._routes = fallback, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope.get("root_path"):
            values: list[str] = []
            found = self._find(scope["path"].split("/"), values).ends.get(scope["method"])
            if found is not None:
                route, names = found
                scope["route"], scope["endpoint"] = route, route.endpoint
                scope["path_params"] = dict(zip(names, values, strict=True))
                await route.app(scope, receive, send)
                return
        await self._fallback(scope, receive, send)

    def _find(self, segments: list[str], values: list[str]) -> Node:
        node: Node | None = self._index
        for segment in segments:
            if node is None:
                break
            following = node.named.get(segment)
            if following is None and segment:
                values.append(segment)
                following = node.any
            node = following
        return node or NOWHERE

    @cached_property
    def _index(self) -> Node:
        """Made at the first request, when every route is there."""
        root = Node()
        for context, route in self._routes.guarded:
            _add(root, route, context)
        return root


NOWHERE = Node()


def _add(root: Node, route: GuardedRoute, context: Any) -> None:
    """Add a route whose parameters are whole segments and plain text until they are validated."""
    if not all(isinstance(one, StringConvertor) for one in context.param_convertors.values()):
        return
    node, names = root, list[str]()
    for segment in str(context.path).split("/"):
        if segment.startswith("{") and segment.endswith("}"):
            names.append(segment[1:-1])
            node.any = node.any or Node()
            node = node.any
        elif "{" in segment:
            return
        else:
            node = node.named.setdefault(segment, Node())
    for method in context.methods:
        node.ends.setdefault(method, (route, tuple(names)))
