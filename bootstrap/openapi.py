"""The description of the API as an OpenAPI document, and where it is served."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, cast

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import Response

from bootstrap.modules import purpose_of
from bootstrap.pages import add_pages
from bootstrap.settings import PlatformSettings
from shared_kernel.adapters.http import SESSION_COOKIE

VERSION = "1.0.0"  # of the API: its major number is the one in the paths
DESCRIPTION = """\
Errors are `application/problem+json` documents (RFC 9457) with a stable `code`. Changes of
versioned things need the `ETag` they are based on in `If-Match`. Lists are read page by page with
`cursor`. Clients must tolerate members and enumeration values they do not know: those are added
without a new version."""

TEXT = {"type": "string"}
PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "description": "Why a request was refused (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "properties": {
        "type": {**TEXT, "format": "uri", "description": "`urn:problem:` and the code."},
        "title": {**TEXT, "description": "The name of the status."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {**TEXT, "description": "For people; may change."},
        "instance": {**TEXT, "format": "uri", "description": "`urn:request:` and its id."},
        "code": {
            **TEXT,
            "pattern": r"^[a-z0-9_.]+$",
            "description": "For programs; stable, such as `catalog.product_not_found`.",
        },
        "request_id": {**TEXT, "description": "Name it when you ask for help."},
        "trace_id": {"type": ["string", "null"], "description": "Of W3C Trace Context."},
        "errors": {
            "type": "array",
            "description": "What is wrong with which part of the request.",
            "items": {"$ref": "#/components/schemas/Fault"},
        },
    },
}
FAULT: Mapping[str, Any] = {
    "type": "object",
    "description": "One thing wrong with a request.",
    "required": ["pointer", "code", "message"],
    "properties": {
        "pointer": {
            **TEXT,
            "description": "Where (RFC 6901); starts at /body, /query, /path or /header.",
        },
        "code": {**TEXT, "description": "For programs; stable."},
        "message": {**TEXT, "description": "For people; may change."},
    },
}
BEARER: Mapping[str, Any] = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "The access token of a sign-in.",
}
API_KEY: Mapping[str, Any] = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "app_pat_... or app_sat_...",
    "description": "A personal API key, or the secret or an access token of a service account.",
}
COOKIE: Mapping[str, Any] = {
    "type": "apiKey",
    "in": "cookie",
    "name": SESSION_COOKIE,
    "description": "The cookie of `POST /v1/identity/login?mode=cookie`, for pages of this site.",
}


def operation_id(route: Any) -> str:
    """Return the name of an operation in generated clients: its tag and its function's name."""
    return f"{route.tags[0]}_{route.name}" if route.tags else str(route.name)


@dataclass(slots=True)
class Document:
    """The document of one application: built when it is first asked for, then kept."""

    app: FastAPI
    url: str
    _building: asyncio.Lock = field(default_factory=asyncio.Lock)
    _served: tuple[bytes, str] | None = None

    def build(self) -> dict[str, Any]:
        """Return the document."""
        made = get_openapi(
            title="Ashlar",
            version=VERSION,
            description=DESCRIPTION,
            routes=self.app.routes,
            servers=[{"url": self.url, "description": "This installation."}],
            contact={"name": "The operator of this installation", "url": self.url},
            license_info={"name": "MIT", "identifier": "MIT"},
        )
        made["tags"] = list(_tags(made["paths"]))
        components = made.setdefault("components", {})
        components.setdefault("schemas", {}).update(Problem=PROBLEM, Fault=FAULT)
        components["securitySchemes"] = {
            "bearer": BEARER,
            "cookie": COOKIE,
            "api_key": API_KEY,
        }
        return made

    async def serve(self, request: Request) -> Response:
        """Answer with the document; 304 to those who have it."""
        async with self._building:
            if self._served is None:
                self._served = await asyncio.to_thread(self._written)
        content, tag = self._served
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type="application/json")

    def _written(self) -> tuple[bytes, str]:
        content = orjson.dumps(self.build())
        return content, f'"{sha256(content).hexdigest()[:32]}"'


def describe(app: FastAPI, settings: PlatformSettings) -> None:
    """Give the application its document, and serve it and its pages where the settings say so."""
    document = Document(app, settings.public_url)
    app.openapi = document.build  # type: ignore[method-assign]  # FastAPI's way to replace it
    if settings.docs_served:
        app.add_route("/openapi.json", document.serve, methods=["GET"], include_in_schema=False)
        add_pages(app)


def _tags(paths: Mapping[str, Mapping[str, Any]]) -> Iterable[Mapping[str, str]]:
    used = {
        tag
        for operations in paths.values()
        for operation in operations.values()
        for tag in _tags_of(operation)
    }
    for tag in sorted(used):
        yield {"name": tag, "description": purpose_of(tag) or f"About {tag}."}


def _tags_of(operation: object) -> Sequence[str]:
    if not isinstance(operation, dict):
        return ()
    found: Sequence[str] = cast("dict[str, Any]", operation).get("tags", ())
    return found
