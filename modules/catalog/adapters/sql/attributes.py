"""Attributes of categories in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Named,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    any_,
    bindparam,
    func,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import composite

from modules.catalog.adapters.sql.product_queries import subtree
from modules.catalog.adapters.sql.tables import categories, mapper, metadata
from modules.catalog.application.attributes.queries import AttributeView, Meaning
from modules.catalog.domain.attributes import (
    ATTRIBUTE_CODE_LENGTH,
    UNIT_LENGTH,
    Attribute,
    AttributeCodeTaken,
    AttributeKind,
    Definition,
    NoSuchAttribute,
)
from modules.catalog.domain.category import NoSuchCategory
from modules.catalog.domain.text import NAME_LENGTH
from shared_kernel.adapters.sql import (
    AggregateColumns,
    Constraints,
    Database,
    Query,
    SqlRepository,
    choice,
)


class AttributeColumns(AggregateColumns):
    # A category takes along what it defines.
    category_id: Named[UUID] = Column(
        Uuid(), ForeignKey("catalog.categories.id", ondelete="CASCADE"), nullable=False
    )
    code: Named[str] = Column(String(ATTRIBUTE_CODE_LENGTH), nullable=False)
    label: Named[str] = Column(String(NAME_LENGTH), nullable=False)
    kind: Named[AttributeKind] = Column(choice(AttributeKind), nullable=False)
    unit: Named[str | None] = Column(String(UNIT_LENGTH))
    options: Named[tuple[str, ...]] = Column(ARRAY(String, as_tuple=True), nullable=False)
    required: Named[bool] = Column(Boolean, nullable=False)
    filterable: Named[bool] = Column(Boolean, nullable=False)
    position: Named[int] = Column(Integer, nullable=False)


attributes = Table(
    "attributes", metadata, AttributeColumns, UniqueConstraint("category_id", "code")
)
a, c = attributes.c, categories.c

Index(None, a.code)

DEFINITION = (
    a.code,
    a.label,
    a.kind,
    a.unit,
    a.options,
    a.required,
    a.filterable,
    a.position,
)

CONSTRAINTS: Constraints = {
    "uq_attributes_category_id_code": AttributeCodeTaken("the category defines this attribute"),
}

mapper.map_imperatively(
    Attribute,
    attributes,
    version_id_col=a.version,
    properties={"definition": composite(Definition, *DEFINITION)},
)


# Who stands above whom: each category asked for, paired with itself and with all above it.
def lineage_of(these: ColumnElement[bool]) -> CTE:
    """Return the categories that meet a condition, and all above each, with which it is."""
    own = select(c.id.label("asked"), c.id, c.parent_id).where(these).cte("lineage", recursive=True)
    above = categories.alias("above")
    return own.union_all(
        select(own.c.asked, above.c.id, above.c.parent_id).join(
            above, above.c.id == own.c.parent_id
        )
    )


lineage = lineage_of(c.id == any_(bindparam("asked", type_=ARRAY(Uuid))))

EFFECTIVE = (
    select(lineage.c.asked, *DEFINITION)
    .join(lineage, a.category_id == lineage.c.id)
    .order_by(a.position, a.code)
)


CONTRADICTED = text("""
    select asked.code
    from catalog.products p
    cross join jsonb_to_recordset(:asked)
         as asked (code text, type text, options jsonb, required boolean, gone boolean)
    where p.category_id = any(:ids) and p.deleted_at is null and p.status in ('draft', 'published')
      and case
          when not jsonb_exists(p.attributes, asked.code) then asked.required
          when asked.gone then true
          else jsonb_typeof(p.attributes -> asked.code) <> asked.type
               or not jsonb_exists(asked.options, p.attributes ->> asked.code)
          end
    limit 1
""").bindparams(bindparam("ids", type_=ARRAY(Uuid)), bindparam("asked", type_=JSONB()))

JSON_TYPES = {AttributeKind.NUMBER: "number", AttributeKind.FLAG: "boolean"}


def _asked(one: Definition) -> dict[str, object]:
    """Return what a definition asks of a value, as the statement reads it: a part it has is met."""
    return {
        "code": one.code,
        "type": JSON_TYPES.get(one.kind, "string"),
        "options": one.options or None,
        "required": one.required,
    }


class SqlAttributes(SqlRepository[Attribute]):
    """Attributes, changed only while the tree is locked."""

    aggregate = Attribute
    missing = NoSuchAttribute

    async def effective(
        self, category_ids: Collection[UUID]
    ) -> Mapping[UUID, Sequence[Definition]]:
        found: dict[UUID, list[Definition]] = {id: [] for id in category_ids}
        for row in await self._session.execute(EFFECTIVE, {"asked": [*category_ids]}):
            found[row.asked].append(Definition(*row[1:]))
        return found

    async def defined_by(self, category_id: UUID) -> Mapping[str, Attribute]:
        found = await self._session.scalars(select(Attribute).where(a.category_id == category_id))
        return {one.definition.code: one for one in self._tracked(found)}

    async def contradicted(
        self,
        category_ids: Collection[UUID],
        *,
        changed: Sequence[Definition],
        gone: Sequence[str],
    ) -> str | None:
        asked = [*map(_asked, changed), *({"code": code, "gone": True} for code in gone)]
        values = {"ids": [*category_ids], "asked": asked}
        code: str | None = await self._session.scalar(CONTRADICTED, values)
        return code

    async def homes(self) -> Collection[UUID]:
        return {*await self._session.scalars(select(a.category_id).distinct())}

    async def taken(self, codes: Collection[str], category_ids: Collection[UUID]) -> str | None:
        wanted = select(a.code).where(
            a.code == func.any([*codes]), a.category_id == func.any([*category_ids])
        )
        return await self._session.scalar(wanted.order_by(a.code).limit(1))


def _view(  # noqa: PLR0917 - the columns shown, in their order
    category_id: UUID | None,
    code: str | None,
    label: str | None,
    kind: AttributeKind | None,
    unit: str | None,
    options: Sequence[str],
    required: bool,
    filterable: bool,
    position: int,
    version: int,
) -> AttributeView | None:
    """Return the attribute of a row, or None for a category above that defines none."""
    if category_id is None or code is None or label is None or kind is None:
        return None
    return AttributeView(
        category_id,
        code,
        label,
        kind,
        unit,
        [*options],
        required,
        filterable,
        position,
        version,
    )


SHOWN = Query(
    select(a.category_id, *DEFINITION, a.version)
    .select_from(lineage)
    .join(attributes, a.category_id == lineage.c.id, isouter=True)
    .order_by(a.position, a.code),
    _view,
)

# What a code means to somebody who looks at a category with all below it, or at everything.
_above = lineage_of(c.id == bindparam("category_id"))
_near = union_all(select(_above.c.id), select(subtree.c.id)).subquery("near")
ANYWHERE = (
    select(a.code, a.kind, a.filterable)
    .where(a.code == any_(bindparam("codes", type_=ARRAY(String))))
    .distinct()
)
MEANINGS = Query(ANYWHERE, Meaning)
MEANINGS_NEAR = Query(ANYWHERE.where(a.category_id.in_(select(_near.c.id))), Meaning)


@dataclass(frozen=True, slots=True)
class SqlAttributeQueries:
    """Reads attributes on the read pool."""

    database: Database

    async def attributes(self, category_id: UUID) -> Sequence[AttributeView]:
        rows = await SHOWN.all(self.database.reads, asked=[category_id])
        if not rows:
            raise NoSuchCategory("there is no such category")
        return [one for one in rows if one is not None]

    async def attribute(self, category_id: UUID, code: str) -> AttributeView:
        for one in await self.attributes(category_id):
            if one.code == code:
                return one
        raise NoSuchAttribute("the category has no such attribute")

    async def meanings(self, codes: Collection[str], category_id: UUID | None) -> Sequence[Meaning]:
        query = MEANINGS if category_id is None else MEANINGS_NEAR
        return await query.all(self.database.reads, codes=[*codes], category_id=category_id)
