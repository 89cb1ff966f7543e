"""What stands between the server and the framework: the edge, and the short way behind it."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp

from bootstrap.dispatch import PROBLEMS, Answer, Dispatch, Index, ShortWay
from bootstrap.middleware import Edge, Rules
from bootstrap.routes import Routes


def put_in_front(
    app: FastAPI, rules: Rules, *, routes: Routes, answer: Answer, stopping: Callable[[], bool]
) -> None:
    """Finish an application: its middleware is complete with this."""
    for kind in PROBLEMS:
        app.add_exception_handler(kind, answer)
    index = Index(routes)
    app.router.middleware_stack = Dispatch(app.router.middleware_stack, index)
    short = ShortWay(_without_last_resort(app.build_middleware_stack()), index, answer)
    app.middleware_stack = Edge(
        short,
        rules=rules,
        stopping=stopping,
        route_of=routes.template,
        takes_files=routes.takes_files,
    )


def _without_last_resort(stack: ASGIApp) -> ASGIApp:
    """Return what answers errors nobody expected no more: the edge does."""
    if not isinstance(stack, ServerErrorMiddleware):
        raise TypeError("the framework's own middleware does not begin as it did")
    return stack.app
