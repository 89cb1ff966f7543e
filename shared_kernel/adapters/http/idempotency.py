"""`Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): sent twice, it is done once."""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from shared_kernel.adapters.http.access import Access
from shared_kernel.adapters.http.headers import header
from shared_kernel.adapters.http.problems import Refused
from shared_kernel.adapters.http.replaying import REPLAYED, kept, replayed
from shared_kernel.application import Caller
from shared_kernel.application.idempotency import (
    AlreadyCarriedOut,
    CarriedOut,
    KeyedRequest,
    KeyedRequests,
    KeyInUse,
)
from shared_kernel.domain import DomainError, Unavailable

E = TypeVar("E", bound=Callable[..., Any])

MARK = "__idempotent__"
HEADER = b"idempotency-key"
METHODS = frozenset({"POST", "PATCH"})  # of the other methods HTTP itself promises it
VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")
WAIT_SECONDS = 3.0

PARAMETER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "Chosen by the client, a UUID for example. Within 24 hours the same request with the same "
        "key is carried out once, and answered as before."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
REPLAYED_HEADER: dict[str, Any] = {
    REPLAYED: {
        "description": "There, and `true`, when the request had been carried out before.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}

CarryOut = Callable[[], Awaitable[Response]]


def idempotent(endpoint: E) -> E:
    """Let clients send `Idempotency-Key` with the route: it is carried out once under each.

    The use case changes all it changes in one unit of work. Not for answers that show a secret
    once: an answer is kept for a day.
    """
    setattr(endpoint, MARK, True)
    return endpoint


def is_idempotent(endpoint: Callable[..., Any], access: Access, methods: Collection[str]) -> bool:
    """Whether the endpoint takes keys. Raises TypeError where it cannot."""
    if not getattr(endpoint, MARK, False):
        return False
    if access.public or not METHODS.issuperset(methods):
        raise TypeError(
            f"{endpoint.__module__}.{endpoint.__qualname__} cannot be @idempotent: keys belong to "
            "a caller, and to POST and PATCH"
        )
    return True


def key_of(request: Request) -> str | None:
    """Return the key a request is sent under. Raises Refused (400)."""
    sent = header(request, HEADER)
    if sent is not None and VISIBLE.fullmatch(sent) is None:
        raise Refused(
            400,
            "idempotency_key_invalid",
            "Idempotency-Key has 1 to 255 visible ASCII characters, and no spaces",
        )
    return sent


def no_keys_here() -> Refused:
    """Return the refusal of a key where none is kept: silence would promise too much."""
    return Refused(
        400,
        "idempotency_key_not_supported",
        "this route keeps no idempotency keys; send it without one",
    )


class Once:
    """Carries out the requests of one key one after the other, and only the first of them."""

    def __init__(self, keyed: KeyedRequests) -> None:
        self._keyed = keyed
        self._turns = WeakValueDictionary[bytes, asyncio.Lock]()

    async def answer(
        self, request: Request, key: str, route: APIRoute, carry_out: CarryOut
    ) -> Response:
        """Return the answer to a request that is carried out now, or was before.

        Raises Refused: 409 while another process is at it, 422 when the key stands for something
        else. What nothing was changed by is not kept: it can be tried again.
        """
        wanted = _keyed_request(request, key, await request.body())
        async with self._turn(wanted.key):
            if (known := await self._keyed.find(wanted.key)) is None:
                return await self._carried_out(request, wanted, route, carry_out)
        return await _again(request, wanted, route, known)

    async def _carried_out(
        self, request: Request, wanted: KeyedRequest, route: APIRoute, carry_out: CarryOut
    ) -> Response:
        try:
            with self._keyed.carrying_out(wanted):
                response = await carry_out()
        except KeyInUse:
            raise _in_flight() from None
        except (AlreadyCarriedOut, DomainError, HTTPException):
            # Another process was first, which may also be why it was refused; or its change was
            # committed, and could not be shown.
            if (known := await self._keyed.find(wanted.key)) is None:
                raise
            return await _again(request, wanted, route, known)
        await self._keep(wanted.key, response)
        return response

    async def _keep(self, key: bytes, response: Response) -> None:
        if (answer := kept(response)) is not None:
            try:
                await self._keyed.keep(key, answer)
            except Unavailable:
                return  # the change is noted; its answer can be made again

    @asynccontextmanager
    async def _turn(self, key: bytes) -> AsyncGenerator[None]:
        turn = self._turns.setdefault(key, asyncio.Lock())
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await turn.acquire()
        except TimeoutError:
            raise _in_flight() from None
        try:
            yield
        finally:
            turn.release()


def _keyed_request(request: Request, key: str, body: bytes) -> KeyedRequest:
    """Return the hashes of a request.

    That of what was asked is keyed with what the client chose and nobody keeps: without it nothing
    can be guessed from it, and the two do not depend on secrets that are replaced.
    """
    caller: Caller = request.scope["caller"]
    who = f"{caller.id} {caller.impersonator_id or ''} {key}".encode()
    asked = sha256(body).hexdigest()
    place = [request.method, request.scope["path"], request.scope["query_string"].decode("latin-1")]
    what = "\0".join([*place, asked]).encode()
    return KeyedRequest(sha256(who).digest(), hmac.digest(key.encode(), what, "sha256"))


async def _again(
    request: Request, wanted: KeyedRequest, route: APIRoute, known: CarriedOut
) -> Response:
    if not hmac.compare_digest(known.fingerprint, wanted.fingerprint):
        raise Refused(
            422, "idempotency_key_reused", "the key was used before, for a different request"
        )
    return await replayed(request, route, known)


def _in_flight() -> Refused:
    return Refused(
        409,
        "idempotency_key_in_flight",
        "a request with this key is being carried out",
        {"Retry-After": "1"},
    )
