"""Finds the route of a request by its path, however many routes there are.

The framework tries one route after the other, and nested routers once more each. Here the
segments of a path are looked up, which takes as long for a thousand routes as for one. Whatever is
not found like this (another method, another path, routes that are not guarded) goes to the
framework, which stays the judge.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.convertors import StringConvertor
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from bootstrap.routes import Routes
from shared_kernel.adapters.http import GuardedRoute, NotForUs
from shared_kernel.domain import DomainError

Answer = Callable[[Request, Exception], Awaitable[Response]]
PROBLEMS = (DomainError, RequestValidationError, HTTPException)
"""The errors that have a problem document of their own."""


@dataclass(slots=True)
class Node:
    """One segment of the paths: what may follow it, and the routes that end here, by method."""

    named: dict[str, Node] = field(default_factory=dict[str, "Node"])
    any: Node | None = None
    ends: dict[str, tuple[GuardedRoute, tuple[str, ...]]] = field(
        default_factory=dict[str, tuple[GuardedRoute, tuple[str, ...]]]
    )


class Index:
    """The guarded routes by the segments of their paths."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    def find(self, scope: Scope) -> GuardedRoute | None:
        """Return the route a request is for, and note it in the scope as the framework does."""
        if scope["type"] != "http" or scope.get("root_path"):
            return None
        values: list[str] = []
        found = self._node(scope["path"].split("/"), values).ends.get(scope["method"])
        if found is None:
            return None
        route, names = found
        scope["route"], scope["endpoint"] = route, route.endpoint
        scope["path_params"] = dict(zip(names, values, strict=True))
        return route

    def _node(self, segments: list[str], values: list[str]) -> Node:
        node: Node | None = self._root
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
    def _root(self) -> Node:
        """Made at the first request, when every route is there."""
        root = Node()
        for context, route in self._routes.guarded:
            _add(root, route, context)
        return root


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Serves what the index knows, and leaves the rest to `fallback`, the framework's router."""

    fallback: ASGIApp
    index: Index

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self.index.find(scope)
        await (self.fallback if route is None else route.app)(scope, receive, send)


@dataclass(frozen=True, slots=True)
class ShortWay:
    """Serves routes that have a plan before the framework's own middleware, which they do without.

    `framework` is all of it; `answer` makes the problem document of an error.
    """

    framework: ASGIApp
    index: Index
    answer: Answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self.index.find(scope)
        if route is not None and route.planned is not None:
            try:
                await route.planned(scope, receive, send)
            except NotForUs:
                pass
            except PROBLEMS as error:
                response = await self.answer(Request(scope, receive), error)
                await response(scope, receive, send)
                return
            else:
                return
        await self.framework(scope, receive, send)


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
