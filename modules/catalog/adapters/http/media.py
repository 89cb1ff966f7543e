"""Media over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from modules.catalog.application.media.service import ChangeMedia, MediaService
from modules.catalog.application.media.showing import MediaView, ShowMedia
from modules.catalog.domain.media import MOST_BYTES, Kind
from modules.catalog.domain.text import NAME_LENGTH
from modules.catalog.public import PRODUCTS_READ, PRODUCTS_WRITE
from shared_kernel.adapters.http import (
    CurrentCaller,
    ExpectedVersion,
    Listing,
    Located,
    MaybeCaller,
    Paging,
    Refused,
    Router,
    file_body,
    idempotent,
    public_of_object,
    publicly_cached,
    requires_of_object,
    takes_files,
    use,
)
from shared_kernel.adapters.http.conditional import is_known

router = Router(tags=["catalog"], prefix="/products/{product_id}/media")

KINDS = [kind.value for kind in Kind]
PICTURE: dict[str, object] = {
    "content": {kind: dict[str, object]() for kind in KINDS},
    "description": "The picture.",
}

# Opened by itself a picture is a page of ours: whatever else its bytes may be, it runs nothing.
NO_PAGE = "default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; sandbox"

Service = Annotated[MediaService, use(MediaService)]
Shown = Annotated[ShowMedia, use(ShowMedia)]
AltText = Annotated[
    str,
    Query(max_length=NAME_LENGTH, description="What the picture shows, for who cannot see it."),
]


@router.get("")
@public_of_object(PRODUCTS_READ)
@publicly_cached()
async def list_media(
    product_id: UUID, shown: Shown, caller: MaybeCaller, paging: Paging
) -> Listing[MediaView]:
    """List the pictures of a product, in their order."""
    return paging.listing(await shown.listed(caller, product_id, paging.slice))


@router.post("", status_code=201, openapi_extra=file_body(KINDS))
@requires_of_object(PRODUCTS_WRITE)
@takes_files
async def add_media(
    product_id: UUID,
    request: Request,
    caller: CurrentCaller,
    media: Service,
    located: Located,
    *,
    alt_text: AltText = "",
) -> MediaView:
    """Add a picture behind the others of a product, which has 50 at most.

    The body is the picture itself, of 8 MiB at most. What it is, is told by its first bytes: PNG,
    JPEG, WebP or GIF, whatever `Content-Type` says. No product has the same picture twice, so that
    sending one again is refused.
    """
    view = await media.add(caller, product_id, await _content(request), alt_text)
    located(view.id)
    return view


async def _content(request: Request) -> bytes:
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > MOST_BYTES:
            raise Refused(413, "body_too_large", f"a picture may have {MOST_BYTES} bytes at most")
    return bytes(content)


@router.get("/{media_id}")
@public_of_object(PRODUCTS_READ)
@publicly_cached()
async def show_media(
    product_id: UUID, media_id: UUID, shown: Shown, caller: MaybeCaller
) -> MediaView:
    """Show what is said of a picture of a product that the caller may read."""
    return await shown.one(caller, product_id, media_id)


@router.get("/{media_id}/content", response_class=Response, responses={200: PICTURE})
@public_of_object(PRODUCTS_READ)
@publicly_cached()
async def show_media_content(
    product_id: UUID, media_id: UUID, request: Request, shown: Shown, caller: MaybeCaller
) -> Response:
    """Show a picture of a product that the caller may read. It never changes, nor its `ETag`.

    Pages of other origins may embed what strangers are shown, and nothing else.
    """
    view = await shown.one(caller, product_id, media_id)
    tag = f'"{view.sha256}"'
    if is_known(request, tag):
        return Response(status_code=304, headers={"ETag": tag})
    name = f"{view.id}.{view.content_type.removeprefix('image/')}"
    headers = {
        "ETag": tag,
        "Content-Disposition": f'inline; filename="{name}"',
        "Content-Security-Policy": NO_PAGE,
        "Cross-Origin-Resource-Policy": "same-origin" if caller else "cross-origin",
    }
    return Response(await shown.content(view), media_type=view.content_type, headers=headers)


@router.patch("/{media_id}")
@requires_of_object(PRODUCTS_WRITE)
@idempotent
async def change_media(
    product_id: UUID,
    media_id: UUID,
    body: ChangeMedia,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    *,
    media: Service,
) -> MediaView:
    """Change the alt text of a picture, or its place among the others (JSON Merge Patch).

    The others make room, and have new versions then.
    """
    return await media.change(caller, product_id, media_id, body, expected=expected)


@router.delete("/{media_id}", status_code=204)
@requires_of_object(PRODUCTS_WRITE)
async def remove_media(
    product_id: UUID,
    media_id: UUID,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    media: Service,
) -> None:
    """Remove a picture from a product. The others move up."""
    await media.remove(caller, product_id, media_id, expected=expected)
