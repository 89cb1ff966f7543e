"""Lists, page by page: opaque cursors, signed and bound to what was asked."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated, Generic, TypeVar
from urllib.parse import urlencode

import orjson
from fastapi import Depends, Query, Request, Response
from pydantic import Field, WithJsonSchema

from shared_kernel.adapters.http.problems import Refused
from shared_kernel.application import MOST_COUNTED, Page, Slice

T = TypeVar("T")

TAG_BYTES = 16


# Neither part of what a list is, nor of where in it one is: a cursor holds whatever they say.
PAGING = frozenset({"cursor", "limit", "include", "include_total"})


def _is_nothing(value: object) -> bool:
    return value is None


def _nothing() -> None:
    return None


OnRequest = Field(exclude_if=_is_nothing)


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """One page of a list. Send `next_cursor` as `cursor` to get the next; null on the last page.

    Where `include_total=true` is sent it tells how many items all pages have together: `total`,
    which is at most 10,000, and `total_capped`, which is true when there are more.
    """

    items: list[T]  # of a Sequence each element would be written through Python
    next_cursor: str | None
    total: Annotated[
        int | None, OnRequest, WithJsonSchema({"type": "integer", "maximum": MOST_COUNTED})
    ] = field(default_factory=_nothing)  # a default would be shown in the JSON schema
    total_capped: Annotated[bool | None, OnRequest, WithJsonSchema({"type": "boolean"})] = field(
        default_factory=_nothing
    )


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
    include_total: bool = False

    @property
    def slice(self) -> Slice:
        """The part of the list asked for."""
        after = () if self.cursor is None else self._signer.read(self.cursor, self._asked)
        return Slice(limit=self.limit, after=after, counted=self.include_total)

    def listing(self, page: Page[T]) -> Listing[T]:
        """Return the body of the answer, and link to the next page (RFC 8288)."""
        cursor = None if page.last is None else self._linked(page.last)
        total = page.total
        if total is None:
            return Listing([*page.items], cursor)
        return Listing([*page.items], cursor, total.count, total.capped)

    def _linked(self, last: Sequence[str]) -> str:
        """Return the cursor of the page after the position, and link to that page."""
        cursor = self._signer.sign(last, self._asked)
        sent = [one for one in self._sent if one[0] not in {"cursor", "limit"}]
        query = urlencode([*sent, ("limit", self.limit), ("cursor", cursor)])
        self.response.headers["Link"] = f'<{self.request.url.path}?{query}>; rel="next"'
        return cursor

    @property
    def _signer(self) -> CursorSigner:
        signer: CursorSigner = self.request.app.state.cursors
        return signer

    @property
    def _sent(self) -> list[tuple[str, str]]:
        return self.request.query_params.multi_items()

    @property
    def _asked(self) -> bytes:
        """What the list is: its path, its filters and its order."""
        filters = sorted(one for one in self._sent if one[0] not in PAGING)
        return urlencode([("", self.request.url.path), *filters]).encode()


async def _pager(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=200, description="How many items at most.")] = 50,
    cursor: Annotated[
        str | None, Query(max_length=1024, description="`next_cursor` of the page before.")
    ] = None,
    include_total: Annotated[
        bool, Query(description="Also count the items of all pages, up to 10,000.")
    ] = False,
) -> Pager:
    return Pager(request, response, limit, cursor, include_total)


Paging = Annotated[Pager, Depends(_pager)]


def _tag(key: bytes, asked: bytes, body: bytes) -> bytes:
    return hmac.new(key, sha256(asked).digest() + body, sha256).digest()[:TAG_BYTES]
