"""The pages that show the API to people: Swagger UI at /docs, ReDoc at /redoc.

Everything they load comes from here, so that they work offline and a strict policy can hold.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

# Both draw with styles made on the spot; only scripts could do harm, and those are files of ours.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "worker-src blob:",
        "base-uri 'none'",
        "object-src 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
OWN = Path(__file__).parent
SHIPPED = ("swagger-ui-bundle.js", "swagger-ui.css", "redoc.standalone.js")
PAGES = {"/docs": "swagger.html", "/redoc": "redoc.html"}
SCRIPTS = ("swagger.js", "redoc.js")


def add_pages(app: FastAPI) -> None:
    """Serve both pages and what they load."""
    for path, file in PAGES.items():
        app.add_route(path, _page(OWN / file), methods=["GET"], include_in_schema=False)
    app.add_route("/docs/assets/{name}", _asset, methods=["GET"], include_in_schema=False)


def _page(file: Path) -> Callable[[Request], Awaitable[Response]]:
    content = file.read_bytes()

    async def show(request: Request) -> Response:
        headers = {"Content-Security-Policy": POLICY}
        return Response(content, media_type="text/html", headers=headers)

    return show


async def _asset(request: Request) -> Response:
    name: str = request.path_params["name"]
    if name in SHIPPED:
        return FileResponse(_shipped() / name, headers={"Cache-Control": "max-age=86400"})
    if name in SCRIPTS:
        return FileResponse(OWN / name, headers={"Cache-Control": "no-cache"})
    raise HTTPException(404)


def _shipped() -> Path:
    """Return where the package with the assets keeps them; its code is not loaded."""
    found = importlib.util.find_spec("fastapi_offline")
    if found is None or not found.submodule_search_locations:
        raise HTTPException(404)
    return Path(found.submodule_search_locations[0]) / "static"
