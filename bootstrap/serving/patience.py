"""How long a client may take to say what it wants, and in how many bytes."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bootstrap.middleware import Rules
from bootstrap.serving.gathering import gathering
from bootstrap.serving.plan import HEADER_SECONDS
from bootstrap.serving.refusals import refusal

# Beyond this no request is waited for. The application refuses those half as large, and by then
# the parser holds all of their headers in memory.
MOST_BYTES = 64 * 1024


class PatientProtocol(HttpToolsProtocol):
    """Closes connections whose headers take longer than ten seconds or 64 kB to arrive.

    Whatever it refuses, it refuses by a problem document like the application.
    """

    _hurry: asyncio.TimerHandle | None = None
    _awaited: int = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(gathering(transport, self.loop))
        self._wait_for_headers()

    def data_received(self, data: bytes) -> None:
        waited = self._hurry is not None
        super().data_received(data)
        if waited and self._hurry is not None and not self.transport.is_closing():
            self._awaited += len(data)
            if self._awaited > MOST_BYTES:
                status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                self._refuse(status, "headers_too_large", "the headers are too large")

    def send_400_response(self, msg: str) -> None:
        self._refuse(HTTPStatus.BAD_REQUEST, "malformed_request", "this is no request of HTTP/1.1")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait_for_headers()

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _refuse(self, status: HTTPStatus, code: str, detail: str) -> None:
        rules: Rules = cast("Any", self.app).state.rules
        self.transport.write(refusal(status, code, detail, hsts=rules.hsts))
        self.transport.close()

    def _wait_for_headers(self) -> None:
        if self._hurry is None:
            self._hurry = self.loop.call_later(HEADER_SECONDS, self.transport.close)
            self._awaited = 0

    def _stop_waiting(self) -> None:
        if self._hurry is not None:
            self._hurry.cancel()
            self._hurry = None
