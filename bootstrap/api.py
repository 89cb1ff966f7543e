"""The HTTP process: one FastAPI application over the modules found."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from starlette.exceptions import HTTPException

from bootstrap import collector, logging
from bootstrap.events import Relay
from bootstrap.front import put_in_front
from bootstrap.health import Health, health_router
from bootstrap.middleware import Rules
from bootstrap.modules import Assembly, CannotAssemble
from bootstrap.openapi import describe, operation_id
from bootstrap.routes import Routes
from bootstrap.runtime import System
from bootstrap.settings import PlatformSettings
from shared_kernel.adapters.http import CursorSigner, Gate, GuardedRoute, Once, Use, problem_of
from shared_kernel.adapters.secrets import SecretKeys
from shared_kernel.application import Authorizer, CallerSource, Clock, Refusals
from shared_kernel.application.idempotency import KeyedRequests
from shared_kernel.domain import Forbidden
from shared_kernel.module import Module


def create_app(
    settings: PlatformSettings, *, replace: Mapping[type[Any], Any] | None = None
) -> FastAPI:
    """Build the application. `replace` swaps any port for a test double, for this app only.

    Raises CannotAssemble when a module, a service or an endpoint lacks something, and
    WrongSettings when a module's settings are wrong.
    """
    system = System.of(settings, replace=replace)
    app = FastAPI(
        lifespan=_lifespan(system),
        telemetry={"tracing": False, "metrics": False, "logs": False},
        generate_unique_id_function=operation_id,
        redirect_slashes=False,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    _fill_state(app, system)
    for module in system.assembly.modules:
        _add_routes(app, module, system.assembly)
    app.include_router(health_router)
    describe(app, settings)
    _put_edge_in_front(app, settings)
    return app


def _lifespan(system: System) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        health: Health = app.state.health
        async with system.opened(health.watch) as stack:
            if system.platform.settings.relay:
                relay = Relay(system.platform, system.assembly)
                await stack.enter_async_context(relay)
                health.watch("relay", relay)
            collector.leave_out_what_is_there()
            health.started = True
            yield
            health.stopping = True
        logging.flush()  # a server's worker may end without running what is left for the exit

    return lifespan


def _fill_state(app: FastAPI, system: System) -> None:
    services = system.assembly.services
    app.state.services = services
    app.state.gate = Gate(
        callers=services.get(CallerSource),
        authorizer=services.get(Authorizer),
        clock=services.get(Clock),
        origins=system.platform.settings.own_origins,
    )
    app.state.public_max_age = system.platform.settings.public_max_age
    app.state.once = Once(services.get(KeyedRequests))
    app.state.refusals = services.get(Refusals)
    app.state.cursors = CursorSigner(services.get(SecretKeys).derive("cursor"))
    app.state.health = Health(system.platform.database)
    app.state.routes = Routes(app)


def _put_edge_in_front(app: FastAPI, settings: PlatformSettings) -> None:
    health: Health = app.state.health
    app.state.rules = Rules.of(settings)  # for the server, too, which refuses what is no request
    put_in_front(
        app,
        app.state.rules,
        routes=app.state.routes,
        answer=answer_problem,
        stopping=lambda: health.stopping,
    )


def _add_routes(app: FastAPI, module: Module, assembly: Assembly) -> None:
    for routers, prefix in ((module.routers, f"/v1/{module.name}"), (module.root_routers, "")):
        for router in routers:
            for route in router.routes:
                if not isinstance(route, GuardedRoute):
                    raise CannotAssemble(
                        f"{module.name}: {route} is not made by the kernel's Router"
                    )
                _require_services(route, assembly, f"{module.name}: {route.path}")
            app.include_router(router, prefix=prefix)


def _require_services(route: GuardedRoute, assembly: Assembly, place: str) -> None:
    """Fail at start-up, not at the first request, when an endpoint asks for what nobody builds."""
    for service in [*route.services, *_resolved_services(route.dependant)]:
        if service not in assembly.services:
            raise CannotAssemble(f"{place}: nobody provides {service.__name__}")


def _resolved_services(dependant: Dependant) -> Iterator[type[Any]]:
    """Return the services that stand behind dependencies which read parameters as well."""
    if isinstance(dependant.call, Use):
        yield dependant.call.service
    for inner in dependant.dependencies:
        yield from _resolved_services(inner)


async def answer_problem(request: Request, error: Exception) -> Response:
    """Answer with the problem document of an error an endpoint ended with."""
    if isinstance(error, HTTPException) and error.status_code == 405:
        # The framework lists the methods of one of the routes of a path only.
        error.headers = {"Allow": request.app.state.routes.allowed(request.scope["path"])}
    if isinstance(error, Forbidden):
        refusals: Refusals = request.app.state.refusals
        await refusals.record(error, request.scope.get("caller"))
    return problem_of(error)
