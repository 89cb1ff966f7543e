"""Media: the pictures of a product, in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from modules.catalog.domain.product import Product
from modules.catalog.domain.text import line
from modules.catalog.domain.variants import must_live
from modules.catalog.public import MediaAdded, MediaChanged, MediaRemoved
from shared_kernel.domain import Aggregate, Conflict, Invalid, NotFound, Unavailable

MOST_MEDIA = 50
"""Of one product."""
MOST_BYTES = 8 * 1024 * 1024
"""Of one picture: it is held in memory as a whole."""


class NoSuchMedia(NotFound):
    """The product has no media of this id."""


class TooManyMedia(Conflict):
    """A product has 50 media at most."""


class MediaTwice(Conflict):
    """The product has this very picture already."""


class NoPicture(Invalid):
    """The content is no PNG, JPEG, WebP or GIF, whatever its header says."""


class MediaUnavailable(Unavailable):
    """The storage of media cannot be read or written now."""


class Kind(StrEnum):
    """The kinds of pictures there are: their content types. SVG is none: it holds programs."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"
    GIF = "image/gif"


STARTS: Mapping[bytes, Kind] = {
    b"\x89PNG\r\n\x1a\n": Kind.PNG,
    b"\xff\xd8\xff": Kind.JPEG,
    b"GIF87a": Kind.GIF,
    b"GIF89a": Kind.GIF,
}


def kind_of(content: bytes) -> Kind:
    """Return what a picture is by its first bytes. Raises NoPicture."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Kind.WEBP
    for start, kind in STARTS.items():
        if content.startswith(start):
            return kind
    raise NoPicture("the content is no PNG, JPEG, WebP or GIF")


@dataclass(frozen=True, slots=True)
class Picture:
    """What is kept of a picture beside its content."""

    content_type: Kind
    size: int
    sha256: str

    @classmethod
    def of(cls, content: bytes) -> Picture:
        """Look at a content. Raises NoPicture."""
        return cls(kind_of(content), len(content), sha256(content).hexdigest())


@dataclass(eq=False, kw_only=True)
class Media(Aggregate):
    """A picture of a product, which is not changed: only what is said of it, and where it stands.

    Whoever adds, moves or removes one holds the product, so that the positions of its media are
    0, 1, 2 ... at any time.
    """

    product_id: UUID
    position: int
    alt_text: str
    content_type: str
    size: int
    sha256: str
    created_at: datetime

    @classmethod
    def add(
        cls, picture: Picture, alt_text: str, *, to: Product, others: int, at: datetime
    ) -> Media:
        """Return a picture that stands behind so many others of the product."""
        must_live(to)
        if others >= MOST_MEDIA:
            raise TooManyMedia(f"a product has {MOST_MEDIA} media at most")
        media = cls(
            product_id=to.id,
            position=others,
            alt_text=_alt(alt_text),
            content_type=picture.content_type,
            size=picture.size,
            sha256=picture.sha256,
            created_at=at,
        )
        media.record(MediaAdded(subject_id=to.id, media_id=media.id, occurred_at=at))
        return media

    def change(self, alt_text: str, position: int, *, of: Product, at: datetime) -> None:
        """Say something else of it, and put it elsewhere. The same is no change and no event."""
        new = {"alt_text": _alt(alt_text), "position": position}
        changed = tuple(name for name, value in new.items() if value != getattr(self, name))
        if not changed:
            return
        must_live(of)
        self.alt_text, self.position = _alt(alt_text), position
        self.record(
            MediaChanged(subject_id=of.id, media_id=self.id, members=changed, occurred_at=at)
        )

    def remove(self, *, of: Product, at: datetime) -> None:
        """Say that it goes."""
        must_live(of)
        self.record(MediaRemoved(subject_id=of.id, media_id=self.id, occurred_at=at))


def one_of(order: Sequence[Media], id: UUID) -> Media:
    """Return one of the media of a product. Raises NoSuchMedia."""
    for one in order:
        if one.id == id:
            return one
    raise NoSuchMedia("there are no such media")


def making_room(order: Sequence[Media], id: UUID, to: int | None) -> Mapping[UUID, int]:
    """Return the new positions of others, when one is put elsewhere; None: when it goes."""
    others = [one for one in order if one.id != id]
    new = {one.id: at + (to is not None and at >= to) for at, one in enumerate(others)}
    return {one.id: new[one.id] for one in others if new[one.id] != one.position}


def _alt(text: str) -> str:
    """Return an alt text; an empty one says that the picture shows nothing one has to know."""
    return line(text, field="/alt_text") if text.strip() else ""
