"""The HTTP process: one FastAPI application over the modules found."""

from __future__ import annotations

import gc
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from bootstrap.events import Relay
from bootstrap.health import Health, health_router
from bootstrap.middleware import Edge
from bootstrap.modules import Assembly, CannotAssemble, assemble, discover, given
from bootstrap.platform import Platform, platform_for
from bootstrap.settings import PlatformSettings
from shared_kernel.adapters.http import CursorSigner, Gate, GuardedRoute, Use, problem_of
from shared_kernel.adapters.secrets import SecretKeys
from shared_kernel.application import AuditTrail, Authorizer, CallerSource, Clock
from shared_kernel.domain import DomainError
from shared_kernel.module import Module

# Measured: the default thresholds cost a p99 of 50 ms; these 6 ms.
GC_THRESHOLDS = (50_000, 20, 100)


def create_app(
    settings: PlatformSettings, *, replace: Mapping[type[Any], Any] | None = None
) -> FastAPI:
    """Build the application. `replace` swaps any port for a test double, for this app only.

    Raises CannotAssemble when a module, a service or an endpoint lacks something, and
    WrongSettings when a module's settings are wrong.
    """
    found = discover()
    platform = platform_for(settings, found)
    assembly = assemble(found, given(platform.ports), given(replace or {}))
    app = FastAPI(
        title="Ashlar",
        lifespan=_lifespan(platform, assembly),
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    _fill_state(app, platform, assembly)
    for module in found:
        _add_routes(app, module, assembly)
    app.include_router(health_router)
    app.add_middleware(Edge)
    for kind in (DomainError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _problem)
    return app


def _lifespan(
    platform: Platform, assembly: Assembly
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(platform.database.close)
            await stack.enter_async_context(platform.signals)
            for build in assembly.opens:
                await stack.enter_async_context(build())
            await stack.enter_async_context(Relay(platform, assembly))
            _calm_collector()
            app.state.health.started = True
            yield
            app.state.health.started = False

    return lifespan


def _fill_state(app: FastAPI, platform: Platform, assembly: Assembly) -> None:
    services = assembly.services
    app.state.services = services
    app.state.gate = Gate(
        callers=services.get(CallerSource),
        authorizer=services.get(Authorizer),
        audit=services.get(AuditTrail),
        clock=services.get(Clock),
    )
    app.state.cursors = CursorSigner(services.get(SecretKeys).derive("cursor"))
    app.state.health = Health(platform, assembly)


def _add_routes(app: FastAPI, module: Module, assembly: Assembly) -> None:
    for routers, prefix in ((module.routers, f"/v1/{module.name}"), (module.root_routers, "")):
        for router in routers:
            for route in router.routes:
                if not isinstance(route, GuardedRoute):
                    raise CannotAssemble(
                        f"{module.name}: {route} is not made by the kernel's Router"
                    )
                _require_services(route.dependant, assembly, f"{module.name}: {route.path}")
            app.include_router(router, prefix=prefix)


def _require_services(dependant: Dependant, assembly: Assembly, place: str) -> None:
    """Fail at start-up, not at the first request, when an endpoint asks for what nobody builds."""
    if isinstance(dependant.call, Use) and dependant.call.service not in assembly.services:
        raise CannotAssemble(f"{place}: nobody provides {dependant.call.service.__name__}")
    for inner in dependant.dependencies:
        _require_services(inner, assembly, place)


def _calm_collector() -> None:
    """Leave what start-up made out of every later collection, and collect less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


async def _problem(_: Request, error: Exception) -> Response:
    return problem_of(error)
