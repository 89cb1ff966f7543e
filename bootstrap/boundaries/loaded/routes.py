"""Check `routes`: whatever FastAPI would run for a request is awaited, never sent to a thread."""

import inspect
from collections.abc import Iterator

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from bootstrap.boundaries.findings import Finding
from bootstrap.boundaries.loaded.application import Application


def routes(application: Application) -> Iterator[Finding]:
    """Endpoints and dependencies, however they were declared, that would run in a thread."""
    for module in application.modules:
        for router in (*module.routers, *module.root_routers):
            for route in router.routes:
                if isinstance(route, APIRoute):
                    yield from _slow(f"modules.{module.name}: {route.path}", route.dependant)


def _slow(where: str, dependant: Dependant) -> Iterator[Finding]:
    call = dependant.call
    if call is not None and not _is_awaited(call):
        name = getattr(call, "__qualname__", repr(call))
        yield Finding(where, f"{name} is synchronous or a generator")
    for dependency in dependant.dependencies:
        yield from _slow(where, dependency)


def _is_awaited(call: object) -> bool:
    return inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(
        getattr(call, "__call__", None)  # noqa: B004 - asks how it runs, not whether
    )
