"""What is shown of media."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from modules.catalog.application.parts import OfProducts
from modules.catalog.domain.media import Media
from modules.catalog.ports.media import MediaStorage
from shared_kernel.application import Caller, Page, Slice


@dataclass(frozen=True, slots=True)
class MediaView:
    """A picture of a product. `size` is in bytes; its content is at `/content`."""

    id: UUID
    product_id: UUID
    position: int
    alt_text: str
    content_type: str
    size: int
    sha256: str
    created_at: datetime
    version: int


def shown(media: Media) -> MediaView:
    """Return what is shown of media that were just stored."""
    return MediaView(
        id=media.id,
        product_id=media.product_id,
        position=media.position,
        alt_text=media.alt_text,
        content_type=media.content_type,
        size=media.size,
        sha256=media.sha256,
        created_at=media.created_at,
        version=media.version,
    )


class MediaQueries(Protocol):
    """Reads media, whoever asks. `ShowMedia` asks the policy about their product."""

    async def one(self, product_id: UUID, media_id: UUID) -> MediaView:
        """Return one of a product. Raises NoSuchMedia."""
        ...

    async def listed(self, product_id: UUID, part: Slice) -> Page[MediaView]:
        """Return the media of a product, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class ShowMedia:
    """Shows the media of products that somebody may read."""

    queries: MediaQueries
    storage: MediaStorage
    of: OfProducts

    async def one(self, caller: Caller | None, product_id: UUID, media_id: UUID) -> MediaView:
        """Return one. Raises NoSuchProduct, NoSuchMedia."""
        await self.of.readable(caller, product_id)
        return await self.queries.one(product_id, media_id)

    async def listed(self, caller: Caller | None, product_id: UUID, part: Slice) -> Page[MediaView]:
        """Return the media of a product. Raises NoSuchProduct."""
        await self.of.readable(caller, product_id)
        return await self.queries.listed(product_id, part)

    async def content(self, of: MediaView) -> bytes:
        """Return the content of what was shown. Raises MediaUnavailable."""
        return await self.storage.read(of.sha256)
