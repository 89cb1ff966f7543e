"""Lists, page by page: opaque cursors, signed and bound to what was asked."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Generic, TypeVar
from urllib.parse import urlencode

import orjson
from fastapi import Depends, Query, Request, Response

from shared_kernel.adapters.http.problems import Refused
from shared_kernel.application import Page, Slice

T = TypeVar("T")

TAG_BYTES = 16


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """One page of a list. Send `next_cursor` as `cursor` to get the next; null on the last page."""

    items: list[T]  # of a Sequence each element would be written through Python
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class CursorSigner:
    """Signs cursors, so that a position can only be one this application gave out.

    The first key signs, all of them are accepted (rotation).
    """

    keys: Sequence[bytes]

    def sign(self, position: Sequence[str], asked: bytes) -> str:
        body = orjson.dumps(list(position))
        return base64.urlsafe_b64encode(_tag(self.keys[0], asked, body) + body).decode().rstrip("=")

    def read(self, cursor: str, asked: bytes) -> tuple[str, ...]:
        """Return the position. Raises Refused (422) when it is not ours or of another list."""
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            raw = base64.b64decode(padded, altchars=b"-_", validate=True)
        except ValueError:
            raw = b""
        tag, body = raw[:TAG_BYTES], raw[TAG_BYTES:]
        if not any(hmac.compare_digest(tag, _tag(key, asked, body)) for key in self.keys):
            raise Refused(
                422, "invalid_cursor", "the cursor belongs to no list asked for like this"
            )
        return tuple(orjson.loads(body))


@dataclass(frozen=True, slots=True)
class Pager:
    """Reads the paging parameters of a request and writes the page it gets."""

    request: Request
    response: Response
    limit: int
    cursor: str | None

    @property
    def slice(self) -> Slice:
        """The part of the list asked for."""
        if self.cursor is None:
            return Slice(limit=self.limit)
        return Slice(limit=self.limit, after=self._signer.read(self.cursor, self._asked))

    def listing(self, page: Page[T]) -> Listing[T]:
        """Return the body of the answer, and link to the next page (RFC 8288)."""
        if page.last is None:
            return Listing([*page.items], None)
        cursor = self._signer.sign(page.last, self._asked)
        query = urlencode([*self._filters, ("limit", self.limit), ("cursor", cursor)])
        self.response.headers["Link"] = f'<{self.request.url.path}?{query}>; rel="next"'
        return Listing([*page.items], cursor)

    @property
    def _signer(self) -> CursorSigner:
        signer: CursorSigner = self.request.app.state.cursors
        return signer

    @property
    def _filters(self) -> list[tuple[str, str]]:
        items = self.request.query_params.multi_items()
        return [(name, value) for name, value in items if name not in {"cursor", "limit"}]

    @property
    def _asked(self) -> bytes:
        return urlencode([("", self.request.url.path), *sorted(self._filters)]).encode()


async def _pager(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=200, description="How many items at most.")] = 50,
    cursor: Annotated[
        str | None, Query(max_length=1024, description="`next_cursor` of the page before.")
    ] = None,
) -> Pager:
    return Pager(request, response, limit, cursor)


Paging = Annotated[Pager, Depends(_pager)]


def _tag(key: bytes, asked: bytes, body: bytes) -> bytes:
    return hmac.new(key, sha256(asked).digest() + body, sha256).digest()[:TAG_BYTES]
