"""Media in PostgreSQL: what is said of them. Their content is elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    Named,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    bindparam,
    func,
    select,
    text,
)

from modules.catalog.adapters.sql.tables import mapper, metadata
from modules.catalog.application.media.showing import MediaView
from modules.catalog.domain.media import Media, MediaTwice, NoSuchMedia
from modules.catalog.domain.text import NAME_LENGTH
from shared_kernel.adapters.sql import (
    AggregateColumns,
    Constraints,
    Database,
    Listing,
    Query,
    SqlRepository,
    moment,
)
from shared_kernel.application import Page, Slice


class MediaColumns(AggregateColumns):
    product_id: Named[UUID] = Column(
        Uuid(), ForeignKey("catalog.products.id", ondelete="CASCADE"), nullable=False
    )
    position: Named[int] = Column(Integer, nullable=False)
    alt_text: Named[str] = Column(String(NAME_LENGTH), nullable=False)
    content_type: Named[str] = Column(String(20), nullable=False)
    size: Named[int] = Column(Integer, nullable=False)
    sha256: Named[str] = Column(String(64), nullable=False)
    created_at: Named[datetime] = Column(moment(), nullable=False)


media = Table("media", metadata, MediaColumns, UniqueConstraint("product_id", "sha256"))
m = media.c

Index(None, m.product_id, m.position, m.id)
Index(None, m.sha256)  # for the sweep, which asks for contents that no product has

CONSTRAINTS: Constraints = {
    "uq_media_product_id_sha256": MediaTwice("the product has this picture already")
}

ARRANGE = text("""
    update catalog.media as m set position = new.position, version = m.version + 1
    from unnest(cast(:ids as uuid[]), cast(:positions as integer[])) as new (id, position)
    where m.id = new.id
""")

mapper.map_imperatively(Media, media, version_id_col=m.version)


class SqlMedia(SqlRepository[Media]):
    """Media, whose product is locked before they are changed."""

    aggregate = Media
    missing = NoSuchMedia

    async def of(self, product_id: UUID) -> Sequence[Media]:
        found = select(Media).where(m.product_id == product_id).order_by(m.position, m.id)
        return self._tracked(await self._session.scalars(found))

    async def arrange(self, positions: Mapping[UUID, int]) -> None:
        if positions:
            values = {"ids": [*positions], "positions": [*positions.values()]}
            await self._session.execute(ARRANGE, values)

    async def named(self, hashes: Collection[str]) -> Collection[str]:
        found = select(m.sha256).where(m.sha256 == func.any([*hashes])).distinct()
        return set(await self._session.scalars(found))


SHOWN = select(
    m.id,
    m.product_id,
    m.position,
    m.alt_text,
    m.content_type,
    m.size,
    m.sha256,
    m.created_at,
    m.version,
)
ONE = Query(
    SHOWN.where(m.product_id == bindparam("product_id"), m.id == bindparam("id")), MediaView
)
LIST = Listing(
    SHOWN,
    MediaView,
    id=m.id,
    filters={"product_id": m.product_id == bindparam("product_id")},
    sorts={"position": m.position},
)


@dataclass(frozen=True, slots=True)
class SqlMediaQueries:
    """Reads media on the read pool."""

    database: Database

    async def one(self, product_id: UUID, media_id: UUID) -> MediaView:
        view = await ONE.first(self.database.reads, product_id=product_id, id=media_id)
        if view is None:
            raise NoSuchMedia("there are no such media")
        return view

    async def listed(self, product_id: UUID, part: Slice) -> Page[MediaView]:
        return await LIST.page(self.database.reads, {"product_id": product_id}, "position", part)
