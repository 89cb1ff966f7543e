"""What is said about a product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from uuid import UUID

from modules.catalog.domain.attributes import Attributes, AttributeValue
from modules.catalog.domain.money import Money
from modules.catalog.domain.slugs import slug
from modules.catalog.domain.tags import tags
from modules.catalog.domain.text import code, line, prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What may be said about a product, and changed while it lives.

    A slug of None is made of the name. Whether the attributes are what the category asks for is
    checked by whoever knows the category.
    """

    sku: str
    name: str
    description: str
    price: Money
    category_id: UUID | None
    slug: str | None = None
    brand_id: UUID | None = None
    tags: Sequence[str] = ()
    attributes: Attributes = field(default_factory=dict[str, AttributeValue])

    def tidied(self) -> Details:
        """Return the details with their texts trimmed and checked."""
        return Details(
            sku=code(self.sku, field="/sku"),
            name=line(self.name, field="/name"),
            description=prose(self.description, field="/description"),
            price=self.price,
            category_id=self.category_id,
            slug=None if self.slug is None else slug(self.slug),
            brand_id=self.brand_id,
            tags=tags(self.tags),
            attributes=dict(self.attributes),
        )


MEMBERS = tuple(one.name for one in fields(Details))


def difference(old: Details, new: Details) -> Mapping[str, object]:
    """Return the members that have new values, with these."""
    values = {name: getattr(new, name) for name in MEMBERS}
    return {name: value for name, value in values.items() if value != getattr(old, name)}
