"""A small application over the real edge, for what no real endpoint does: hang, break, stream."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from bootstrap import logging
from bootstrap.api import answer_problem
from bootstrap.front import put_in_front
from bootstrap.health import Health, health_router
from bootstrap.middleware import Rules
from bootstrap.routes import Routes
from shared_kernel.adapters.http import CurrentCaller, Gate, Router, public, signed_in
from shared_kernel.adapters.sql import Database
from shared_kernel.application import (
    Caller,
    Command,
    Credentials,
    origin,
)
from shared_kernel.application.conditions import TRUE, Condition, Facts
from shared_kernel.domain import AccountId, Forbidden, Unauthenticated, Unavailable

router = Router(prefix="/toys", tags=["toys"])


class MakeToy(Command):
    """The body of a toy."""

    name: str
    size: int = 1


@router.get("/{number}")
@public
async def read_toy(number: int) -> dict[str, int]:
    """Read one."""
    return {"number": number}


@router.post("/{number}")
@public
async def make_toy(number: int, body: MakeToy) -> dict[str, str]:
    """Make one."""
    return {"number": str(number), "name": body.name}


@router.get("/of/me")
@signed_in
async def my_toys(caller: CurrentCaller) -> dict[str, str]:
    """Say who asks, before and after giving way to others."""
    before = origin.get().actor_id
    await asyncio.sleep(0.01)
    return {"caller": str(caller.id), "before": str(before), "after": str(origin.get().actor_id)}


@router.get("/broken/now")
@public
async def broken() -> None:
    """Fail with a secret at hand."""
    password = "CANARY-local"
    raise RuntimeError(f"CANARY-message password={password}")


@router.get("/broken/later")
@public
async def broken_later() -> StreamingResponse:
    """Fail when the answer has begun."""

    async def parts() -> AsyncIterator[bytes]:
        yield b"begun"
        raise RuntimeError("too late")

    return StreamingResponse(parts())


@router.get("/slow/{seconds}")
@public
async def slow(seconds: float) -> dict[str, str]:
    """Take a while."""
    await asyncio.sleep(seconds)
    return {"status": "done"}


@router.get("/away/now")
@public
async def away() -> None:
    """Lack something."""
    raise Unavailable("the thing is away")


@router.get("/client/address")
@public
async def address(request: Request) -> dict[str, str | None]:
    """Say where the request comes from."""
    return {"address": origin.get().address, "request_id": origin.get().request_id}


class _Always:
    """Stands for what an application without modules lacks: database, clock, roles, refusals."""

    async def ping(self) -> None: ...

    async def record(self, refusal: Forbidden, caller: Caller | None) -> None: ...

    def permits(self, caller: Caller, permission: str) -> bool:
        return True

    could_permit = permits

    def allows(self, caller: Caller | None, permission: str, facts: Facts) -> bool:
        return True

    def condition(self, caller: Caller | None, permission: str, known: Facts) -> Condition:
        return TRUE

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def identify(self, credentials: Credentials) -> Caller | None:
        """Believe anybody who names an account."""
        if credentials.authorization is None:
            return None
        try:
            account = UUID(credentials.authorization.removeprefix("Bearer "))
        except ValueError:
            raise Unauthenticated("the token is not valid") from None
        await asyncio.sleep(0.001)
        return Caller(AccountId(account), account)


def toy(rules: Rules | None = None) -> FastAPI:
    """Return the application."""
    app = FastAPI(lifespan=_lifespan, redirect_slashes=False, openapi_url=None)
    always = _Always()
    app.state.gate = Gate(callers=always, authorizer=always, clock=always)
    app.state.refusals = always
    app.state.rules = rules or Rules()
    health = app.state.health = Health(cast("Database", always))
    app.state.routes = Routes(app)
    app.include_router(router, prefix="/v1")
    app.include_router(health_router)
    put_in_front(
        app,
        app.state.rules,
        routes=app.state.routes,
        answer=answer_problem,
        stopping=lambda: health.stopping,
    )
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    app.state.health.started = True
    yield
    logging.flush()


def application() -> FastAPI:
    """Return the application for a server in a process of its own."""
    logging.configure("INFO", production=True)
    at_once, hsts = os.environ.get("TOY_AT_ONCE", "200"), os.environ.get("TOY_HSTS", "")
    return toy(Rules(at_once=int(at_once), hsts=bool(hsts)))
