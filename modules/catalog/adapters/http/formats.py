"""Rows as NDJSON, as one JSON array, and as CSV that no spreadsheet computes with."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from modules.catalog.application.exporting import ExportRow, Wording
from modules.catalog.application.exporting.cells import defused
from modules.catalog.domain.attributes import AttributeValue
from modules.catalog.ports import FileFormat

MEDIA_TYPES = {
    FileFormat.JSON: "application/json",
    FileFormat.NDJSON: "application/x-ndjson",
    FileFormat.CSV: "text/csv",
}
BEFORE = ("sku", "slug", "name", "description", "price", "currency", "category", "brand", "tags")
AFTER = ("status",)
WORDS = ("name", "description", "slug")

MOST_CODES = 800
"""Attributes that get columns of their own; an import takes a thousand columns in all."""

Parts = AsyncIterator[Sequence[ExportRow]]
Writer = Callable[[Parts], AsyncIterator[bytes]]


async def as_ndjson(parts: Parts) -> AsyncIterator[bytes]:
    """Write a JSON object a line."""
    async for rows in parts:
        yield b"".join(orjson.dumps(_members(row)) + b"\n" for row in rows)


async def as_json(parts: Parts) -> AsyncIterator[bytes]:
    """Write one array. It is closed only when every row is in it."""
    before = b"["
    async for rows in parts:
        for row in rows:
            yield before + orjson.dumps(_members(row))
            before = b",\n"
    yield b"]\n" if before != b"[" else b"[]\n"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Writes a line of names, then a line a row. A cell that begins like a formula gets a `'`.

    Where categories define more attributes than a sheet has columns for, all are in one, as JSON.
    """

    wording: Wording

    async def __call__(self, parts: Parts) -> AsyncIterator[bytes]:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(self._names())
        async for rows in parts:
            writer.writerows(self._cells(row) for row in rows)
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()

    @property
    def _wide(self) -> bool:
        return len(self.wording.attributes) <= MOST_CODES

    def _names(self) -> Sequence[str]:
        codes = self.wording.attributes
        described = [f"attributes.{code}" for code in codes] if self._wide else ["attributes"]
        translated = [f"{word}.{one}" for one in self.wording.locales for word in WORDS]
        return [*BEFORE, *described, *translated, *AFTER]

    def _cells(self, row: ExportRow) -> Sequence[str]:
        return [
            row.sku,
            row.slug,
            defused(row.name),
            defused(row.description),
            row.price.amount,
            row.price.currency,
            defused(row.category or ""),
            defused(row.brand or ""),
            defused(",".join(row.tags)),
            *self._described(row),
            *self._translated(row),
            row.status.value,
        ]

    def _described(self, row: ExportRow) -> Sequence[str]:
        if self._wide:
            return [_cell(row.attributes.get(code)) for code in self.wording.attributes]
        return [orjson.dumps(row.attributes).decode() if row.attributes else ""]

    def _translated(self, row: ExportRow) -> Iterator[str]:
        for locale in self.wording.locales:
            words = row.translations.get(locale)
            for word in WORDS:
                yield "" if words is None else defused(words[word])


def _cell(value: AttributeValue | None) -> str:
    """Return a value as a cell: numbers and flags as JSON has them, which no formula is."""
    if isinstance(value, str):
        return defused(value)
    return "" if value is None else orjson.dumps(value).decode()


def writing(file_format: FileFormat, wording: Wording | None) -> Writer:
    """Return what writes rows; with the wording of what is a table."""
    if wording is not None:
        return Sheet(wording)
    return as_json if file_format is FileFormat.JSON else as_ndjson


def _members(row: ExportRow) -> dict[str, Any]:
    return {
        "sku": row.sku,
        "slug": row.slug,
        "name": row.name,
        "description": row.description,
        "price": {"amount": row.price.amount, "currency": row.price.currency},
        "category": row.category,
        "brand": row.brand,
        "tags": row.tags,
        "attributes": row.attributes,
        "translations": row.translations,
        "status": row.status.value,
    }
