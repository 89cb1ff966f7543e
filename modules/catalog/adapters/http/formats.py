"""Rows as NDJSON, as one JSON array, and as CSV that no spreadsheet computes with."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from typing import Any

import orjson

from modules.catalog.application.exporting import ExportRow
from modules.catalog.application.exporting.cells import defused
from modules.catalog.ports import FileFormat

MEDIA_TYPES = {
    FileFormat.JSON: "application/json",
    FileFormat.NDJSON: "application/x-ndjson",
    FileFormat.CSV: "text/csv",
}
COLUMNS = ("sku", "name", "description", "price", "currency", "category", "status")

Parts = AsyncIterator[Sequence[ExportRow]]


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


async def as_csv(parts: Parts) -> AsyncIterator[bytes]:
    """Write a line of names, then a line a row. A cell that begins like a formula gets a `'`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    async for rows in parts:
        writer.writerows(_cells(row) for row in rows)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()


WRITERS = {FileFormat.JSON: as_json, FileFormat.NDJSON: as_ndjson, FileFormat.CSV: as_csv}


def _members(row: ExportRow) -> dict[str, Any]:
    return {
        "sku": row.sku,
        "name": row.name,
        "description": row.description,
        "price": {"amount": row.price.amount, "currency": row.price.currency},
        "category": row.category,
        "status": row.status.value,
    }


def _cells(row: ExportRow) -> Sequence[str]:
    return (
        row.sku,
        defused(row.name),
        defused(row.description),
        row.price.amount,
        row.price.currency,
        row.category or "",
        row.status.value,
    )
