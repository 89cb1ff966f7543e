"""The edge: what happens to every request before and after its endpoint."""

from __future__ import annotations

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared_kernel.adapters.http import problem_of
from shared_kernel.application import Origin, origin
from shared_kernel.domain import new_id

log = logging.getLogger(__name__)


class Edge:
    """Gives each request its id and turns what nobody handled into a problem document."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = str(new_id())
        client = scope.get("client")
        origin.set(Origin(request_id=request_id, address=client[0] if client else None))
        started = False

        async def answer(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"].append((b"x-request-id", request_id.encode()))
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception as error:
            if started:
                raise
            log.exception("unhandled error")
            await problem_of(error)(scope, receive, answer)
