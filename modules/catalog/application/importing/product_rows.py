"""What the row of a product says: in JSON, or in the cells of a table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from modules.catalog.application.importing.rows import (
    Members,
    Reading,
    RowRefused,
    required,
    text_in,
)
from modules.catalog.domain.money import AMOUNT, Money
from modules.catalog.domain.product import Status
from modules.catalog.domain.slugs import slug
from modules.catalog.domain.tags import tags
from modules.catalog.domain.text import CODE_LENGTH, code, line, prose
from modules.catalog.ports import SourceRow
from shared_kernel.application import ABSENT, Absent

WHOLE_AMOUNT = re.compile(AMOUNT)


class Cell(str):
    """A text of a table, where a number has no other way to be written."""

    __slots__ = ()


@dataclass(slots=True)
class SaidWords:
    """What a row says in another language. What is ABSENT stays as it is."""

    name: str | Absent
    description: str | Absent
    slug: str | Absent

    @property
    def nothing(self) -> bool:
        """Whether nothing is said, or only that there is nothing."""
        return not any(one for one in (self.name, self.description, self.slug) if one != ABSENT)


SaidAttributes = Mapping[str, object]
"""Values by code; those that are None are taken away."""

SaidTranslations = Mapping[str, SaidWords | None]
"""What is said by locale; None takes the language away."""


@dataclass(slots=True)
class ProductRow:
    """A product under its SKU. What is ABSENT stays as it is; what is None is taken away."""

    source: SourceRow
    sku: str
    name: str | Absent
    description: str | Absent
    price: Money | Absent
    category: str | Absent | None
    brand: str | Absent | None
    slug: str | Absent
    tags: Sequence[str] | Absent
    attributes: SaidAttributes | Absent | None
    translations: SaidTranslations | Absent | None
    status: Status


def product_in(row: SourceRow, reading: Reading) -> ProductRow:
    """Return the product of a row. Raises Invalid with a pointer to the member at fault."""
    members = row.members
    columns = [name for name in members if "." in name]
    return ProductRow(
        row,
        code(required(members, "sku"), field="/sku"),
        _name(members),
        _description(members, "/description"),
        _price(members, reading.currency) if "price" in members else ABSENT,
        _category(members),
        _brand(members),
        _slug(members, "/slug"),
        _tags(members),
        _attributes(members, columns),
        _translations(members, columns),
        _status(members, reading.status),
    )


def _name(members: Members) -> str | Absent:
    name = text_in(members, "name", "title")
    if name is not None:
        return line(name, field="/name")
    if "name" in members or "title" in members:
        raise RowRefused("is missing", field="/name")
    return ABSENT


def _description(members: Members, pointer: str) -> str | Absent:
    said = members.get("description", ABSENT)
    if isinstance(said, str):
        return prose(said, field=pointer)
    if said is None:
        return ""
    return ABSENT if isinstance(said, Absent) else _no_text(pointer)


def _slug(members: Members, pointer: str) -> str | Absent:
    """Return the slug that was chosen; nothing has none, so that empty says nothing, too."""
    said = members.get("slug")
    if isinstance(said, str) and said:
        return slug(said, field=pointer)
    return ABSENT if not said else _no_text(pointer)


def _category(members: Members) -> str | Absent | None:
    """Return the external id of the category, or its slug, which may be longer."""
    said = _called(members, "category")
    if not isinstance(said, str):
        return said
    check = code if len(said) <= CODE_LENGTH else slug
    return check(said, field="/category")


def _brand(members: Members) -> str | Absent | None:
    said = _called(members, "brand")
    return line(said, field="/brand") if isinstance(said, str) else said


def _called(members: Members, name: str) -> str | Absent | None:
    said = members.get(name, ABSENT)
    if isinstance(said, str):
        return said or None
    return said if said is None or isinstance(said, Absent) else _no_text(f"/{name}")


def _no_text(pointer: str) -> Absent:
    raise RowRefused("is not a text", field=pointer)


def _price(members: Members, currency: str) -> Money:
    value, unit = members.get("price"), text_in(members, "currency") or currency
    if isinstance(value, dict):
        price = cast("dict[str, object]", value)
        value, unit = price.get("amount"), text_in(price, "currency") or unit
    return Money(_amount(value), unit.strip().upper())


def _amount(value: object) -> Decimal:
    if isinstance(value, str) and WHOLE_AMOUNT.fullmatch(value.strip()):
        return Decimal(value.strip())
    if isinstance(value, Decimal) or type(value) is int:
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(value))
    raise RowRefused("is not an amount such as 12.50", field="/price")


def _tags(members: Members) -> Sequence[str] | Absent:
    said = members.get("tags", ABSENT)
    if isinstance(said, Absent):
        return said
    if isinstance(said, str):
        return tags(one for one in said.split(",") if one.strip())
    if said is not None and not isinstance(said, list):
        raise RowRefused("is no list of texts", field="/tags")
    listed = cast("list[object]", said or [])
    texts = [one for one in listed if isinstance(one, str)]
    if len(texts) < len(listed):
        raise RowRefused("is no list of texts", field="/tags")
    return tags(texts)


def _attributes(members: Members, columns: Sequence[str]) -> SaidAttributes | Absent | None:
    said = members.get("attributes", ABSENT)
    if isinstance(said, str):
        said = _document(said) if said else None
    cells = {name[11:]: members[name] for name in columns if name.startswith("attributes.")}
    if not cells and (said is None or isinstance(said, Absent)):
        return said
    if not (said is None or isinstance(said, dict | Absent)):
        raise RowRefused("is no object", field="/attributes")
    values = cast("dict[str, object]", said) if isinstance(said, dict) else {}
    return values | {name: _cell(value) for name, value in cells.items()}


def _document(text: str) -> object:
    try:
        return cast("object", json.loads(text, parse_float=Decimal))
    except (ValueError, RecursionError):
        raise RowRefused("is no object", field="/attributes") from None


def _cell(value: object) -> object:
    if isinstance(value, str):
        return Cell(value) if value else None
    return value


def _translations(members: Members, columns: Sequence[str]) -> SaidTranslations | Absent | None:
    said = members.get("translations", ABSENT)
    if not (said is None or isinstance(said, dict | Absent)):
        raise RowRefused("is no object", field="/translations")
    found = dict(_told(cast("dict[str, object]", said)) if isinstance(said, dict) else ())
    found |= _in_columns(members, columns)
    return found if found or isinstance(said, dict) else said


def _told(said: Mapping[str, object]) -> Iterator[tuple[str, SaidWords | None]]:
    for locale, words in said.items():
        if words is not None and not isinstance(words, dict):
            raise RowRefused("is no object", field="/translations")
        yield locale, None if words is None else _words(cast("Members", words), locale)


def _in_columns(members: Members, columns: Sequence[str]) -> dict[str, SaidWords | None]:
    """Return what columns such as `name.de` say; an empty name takes the language away."""
    cells: dict[str, dict[str, object]] = {}
    for column in columns:
        name, _, locale = column.partition(".")
        if name in {"name", "description", "slug"}:
            cells.setdefault(locale, {})[name] = members[column]
    return {
        locale: _words(words, locale) if words.get("name", ABSENT) else None
        for locale, words in cells.items()
    }


def _words(words: Members, locale: str) -> SaidWords:
    # A locale is looked at only later, and nobody's own word is repeated before.
    pointer = f"/translations/{locale}" if locale.replace("-", "").isalnum() else "/translations"
    name = words.get("name", ABSENT)
    if not isinstance(name, str | Absent):
        raise RowRefused("is not a text", field=f"{pointer}/name")
    return SaidWords(
        line(name, field=f"{pointer}/name") if isinstance(name, str) else name,
        _description(words, f"{pointer}/description"),
        _slug(words, f"{pointer}/slug"),
    )


def _status(members: Members, status: Status) -> Status:
    said = text_in(members, "status")
    if not said:
        return status
    try:
        return Status(said)
    except ValueError:
        raise RowRefused("is no status of products", field="/status") from None
