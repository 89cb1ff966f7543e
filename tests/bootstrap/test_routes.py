"""The routes of an application are read without the framework, and are those that it serves."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from fastapi.responses import PlainTextResponse, Response
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount, Route

from bootstrap.routes import Routes

Seen = list[tuple[str | None, set[str], object, str]]


def served(app: FastAPI) -> Seen:
    return [
        (one.path, one.methods, one.endpoint, one.path_regex.pattern) for one in Routes(app).all
    ]


def as_the_framework_tells(app: FastAPI) -> Seen:
    return [
        (one.path, one.methods or set(), one.endpoint, one.path_regex.pattern)
        for one in iter_route_contexts(app.routes)
    ]


async def answer() -> Response:
    return PlainTextResponse("here")


def nested() -> FastAPI:
    inner, outer, app = APIRouter(prefix="/inner"), APIRouter(), FastAPI(openapi_url=None)
    inner.add_api_route("/{one}/things", answer, methods=["PUT", "POST"])
    outer.include_router(inner, prefix="/of")
    outer.routes.append(Route("/plain/{rest:path}", answer))
    app.include_router(outer, prefix="/outer")
    return app


async def test_what_is_read_is_what_the_framework_serves(app: FastAPI) -> None:
    assert served(app) == as_the_framework_tells(app)


def test_routers_within_routers_are_read_as_well() -> None:
    app = nested()
    assert served(app) == as_the_framework_tells(app)
    assert [path for path, *_ in served(app)] == [
        "/outer/of/inner/{one}/things",
        "/outer/plain/{rest:path}",
    ]


def test_what_is_mounted_is_a_route_without_methods() -> None:
    app = FastAPI(openapi_url=None)
    app.router.routes.append(Mount("/files", PlainTextResponse("all")))
    [only] = Routes(app).all
    assert (only.path, only.methods, only.endpoint) == ("/files", set(), None)
