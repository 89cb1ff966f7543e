"""Calls to providers: few hosts, little time, little data, and no detours."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx2

from modules.identity.domain.federated import ProviderUnavailable
from modules.identity.domain.providers import Provider

CONNECT_SECONDS, CALL_SECONDS = 3.0, 5.0
TOTAL_SECONDS = 10.0  # for all calls that one sign-in needs
MAX_BYTES = 1 << 20
RETRY_SECONDS = 5
TIMEOUT = httpx2.Timeout(CALL_SECONDS, connect=CONNECT_SECONDS)

# What libraries raise when they are given something else than they expect.
GARBAGE = (
    httpx2.InvalidURL,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)

log = logging.getLogger(__name__)


class Fence(httpx2.AsyncBaseTransport):
    """Lets requests through to the hosts of one provider, and whole plain answers back.

    A redirect is an error, and so is an answer of more than a megabyte or with an encoding that
    could make more of it.
    """

    def __init__(self, hosts: frozenset[str], wire: httpx2.AsyncBaseTransport) -> None:
        self._hosts, self._wire = hosts, wire

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request. Raises httpx2.TransportError."""
        if request.url.netloc.decode() not in self._hosts:
            raise httpx2.UnsupportedProtocol("the host is not among those configured")
        request.headers["accept-encoding"] = "identity"
        answer = await self._wire.handle_async_request(request)
        try:
            if 300 <= answer.status_code < 400 or "content-encoding" in answer.headers:
                raise httpx2.RemoteProtocolError("a redirect or an encoded answer")
            body = await _bounded(answer)
        finally:
            await answer.aclose()
        kept = {"content-type": answer.headers.get("content-type", "")}
        return httpx2.Response(answer.status_code, headers=kept, content=body, request=request)

    async def aclose(self) -> None:
        """Leave the wire open: other providers use it."""


async def _bounded(answer: httpx2.Response) -> bytes:
    body = bytearray()
    async for part in answer.aiter_raw():
        body += part
        if len(body) > MAX_BYTES:
            raise httpx2.RemoteProtocolError("the answer is too large")
    return bytes(body)


@asynccontextmanager
async def asking(provider: Provider, *, seconds: float) -> AsyncGenerator[None]:
    """Bound the time of what is inside; raise whatever goes wrong as ProviderUnavailable."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except (httpx2.HTTPError, TimeoutError, *GARBAGE) as error:
        log.warning("provider %s: %s", provider.name, type(error).__name__)
        raise unavailable(provider) from error


def unavailable(provider: Provider) -> ProviderUnavailable:
    """Return what is said when a provider does not answer as it should."""
    return ProviderUnavailable(
        f"{provider.name} does not answer as it should; try again, or sign in another way",
        retry_after=RETRY_SECONDS,
    )
