"""Where to find what a request has made (RFC 9110, section 10.2.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response


async def _located(request: Request, response: Response) -> Callable[[UUID], None]:
    def locate(id: UUID) -> None:
        response.headers["Location"] = f"{request.url.path}/{id}"

    return locate


Located = Annotated[Callable[[UUID], None], Depends(_located)]
"""Called with the id of what was made in a collection: sets the header `Location`."""
