"""What can be done with media."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_types import Interval, MaxLen

from modules.catalog.application.media.showing import MediaView, shown
from modules.catalog.application.parts import OfProducts
from modules.catalog.domain.media import MOST_MEDIA, Media, Picture, making_room, one_of
from modules.catalog.domain.text import NAME_LENGTH
from modules.catalog.ports import Transaction
from modules.catalog.ports.media import MediaStorage
from modules.catalog.public import PRODUCTS_WRITE
from shared_kernel.application import ABSENT, Absent, Caller, Clock, Command, given

AltText = Annotated[str, MaxLen(NAME_LENGTH)]
Position = Annotated[int, Interval(ge=0, lt=MOST_MEDIA)]


class ChangeMedia(Command):
    """New values for some members (JSON Merge Patch, RFC 7386): what is not sent stays.

    `position` counts from 0; the others make room. Beyond the last one is at the end.
    """

    alt_text: AltText | Absent = ABSENT
    position: Position | Absent = ABSENT


@dataclass(frozen=True, slots=True)
class MediaService:
    """The upkeep of media: whoever may write the product may write them.

    The product is held while the order of its media changes.
    """

    begin: Transaction
    clock: Clock
    of: OfProducts
    storage: MediaStorage

    async def add(
        self, caller: Caller, product_id: UUID, content: bytes, alt_text: str
    ) -> MediaView:
        """Add a picture behind the others. Raises NoPicture, TooManyMedia, MediaTwice."""
        await self.of.allowed(caller, PRODUCTS_WRITE, product_id)
        picture = Picture.of(content)
        # Before the row that names it: what no row comes to name is swept away.
        await self.storage.keep(picture.sha256, content)
        async with self.begin() as tx:
            product = await self.of.locked(caller, PRODUCTS_WRITE, tx, product_id)
            others = len(await tx.media.of(product_id))
            media = Media.add(picture, alt_text, to=product, others=others, at=self.clock.now())
            tx.media.add(media)
        return shown(media)

    async def change(
        self,
        caller: Caller,
        product_id: UUID,
        media_id: UUID,
        command: ChangeMedia,
        *,
        expected: int,
    ) -> MediaView:
        """Change what is said of a picture, or where it stands. Raises Stale."""
        async with self.begin() as tx:
            product = await self.of.locked(caller, PRODUCTS_WRITE, tx, product_id)
            order = await tx.media.of(product_id)
            media = one_of(order, media_id)
            media.must_be_at(expected)
            to = min(given(command.position, media.position), len(order) - 1)
            others = making_room(order, media_id, to)
            alt_text = given(command.alt_text, media.alt_text)
            media.change(alt_text, to, of=product, at=self.clock.now())
            await tx.media.arrange(others)
        return shown(media)

    async def remove(
        self, caller: Caller, product_id: UUID, media_id: UUID, *, expected: int
    ) -> None:
        """Remove a picture, at the version expected. Its content goes some time after."""
        async with self.begin() as tx:
            product = await self.of.locked(caller, PRODUCTS_WRITE, tx, product_id)
            order = await tx.media.of(product_id)
            media = one_of(order, media_id)
            media.must_be_at(expected)
            media.remove(of=product, at=self.clock.now())
            await tx.media.arrange(making_room(order, media_id, None))
            await tx.media.remove(media)
