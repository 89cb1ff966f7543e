"""Rows of files, with the lines they start on."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from modules.catalog.adapters.files import FilesOnDisk
from modules.catalog.ports import FileFormat, FileUnreadable, SourceRow

DATA = Path(__file__).parent / "data"


def read(
    path: Path, content: str | bytes, file_format: FileFormat | None = None
) -> list[SourceRow]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(FilesOnDisk().rows(str(path), file_format))


def placed(rows: list[SourceRow]) -> list[tuple[int, int, bool]]:
    return [(row.number, row.line, row.fault is None) for row in rows]


def test_each_row_of_an_array_knows_its_line(tmp_path: Path) -> None:
    rows = read(
        tmp_path / "a.json", '[\n  {"sku": "A",\n   "b": [1, {"c": 2}]},\n\n  {"sku": "B"}\n]'
    )
    assert placed(rows) == [(1, 2, True), (2, 5, True)]
    assert rows[1].members == {"sku": "B"}


def test_rows_may_stand_in_an_object(tmp_path: Path) -> None:
    content = (
        '{"total": 2, "categories": [{"id": "a"}],\n "products": [\n{"sku": "A"}\n], "skip": {}}'
    )
    assert placed(read(tmp_path / "a.json", content)) == [(1, 1, True), (2, 3, True)]


def test_fractions_stay_exact(tmp_path: Path) -> None:
    (row,) = read(tmp_path / "a.json", '[{"price": 9.99}]')
    assert row.members["price"] == Decimal("9.99")


@pytest.mark.parametrize(
    "number", ["9.99", "9.9900000000000002", "1e-400", "123456789012345678901"]
)
def test_no_digit_of_a_line_is_lost(tmp_path: Path, number: str) -> None:
    (row,) = read(tmp_path / "a.ndjson", f'{{"price": {number}}}')
    assert Decimal(repr(row.members["price"]).strip("Decimal()'")) == Decimal(number)


def test_an_empty_array_has_no_rows(tmp_path: Path) -> None:
    assert read(tmp_path / "a.json", " [ ] ") == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('[{"sku": "A"},\n{"sku": "B"', [(1, 1, True), (2, 2, False)]),
        ('[{"sku": "A"}\n{"sku": "B"}]', [(1, 1, True), (2, 2, False)]),
        ('[{"sku": "A"}] x', [(1, 1, True), (2, 1, False)]),
        ('[{"sku": NaN}]', [(1, 1, False)]),
        ("[" * 100_000, [(1, 1, False)]),
        ("", [(1, 1, False)]),
        ("7", [(1, 1, False)]),
        ('{"sku": "A"}', [(1, 1, False)]),
        ("[7]", [(1, 1, False)]),
    ],
)
def test_json_that_is_broken_says_where(
    tmp_path: Path, content: str, expected: list[tuple[int, int, bool]]
) -> None:
    assert placed(read(tmp_path / "a.json", content)) == expected


def test_a_broken_line_of_ndjson_does_not_hide_the_next(tmp_path: Path) -> None:
    rows = read(tmp_path / "a.jsonl", '{"sku": "A"}\r\n\n{"sku"\n[1]\n{"sku": "B"}')
    assert placed(rows) == [(1, 1, True), (2, 3, False), (3, 4, False), (4, 5, True)]


def test_a_row_of_csv_may_span_lines() -> None:
    rows = list(FilesOnDisk().rows(str(DATA / "products.csv"), None))
    assert placed(rows) == [(1, 2, True), (2, 4, True)]
    assert rows[0].members["description"] == "Weathered,\nthroated"


def test_csv_with_too_few_or_too_many_cells_is_refused_row_by_row(tmp_path: Path) -> None:
    rows = read(tmp_path / "a.csv", "sku,name\nA,B\nA\nA,B,C\nD,E\n")
    assert placed(rows) == [(1, 2, True), (2, 3, False), (3, 4, False), (4, 5, True)]


def test_csv_that_never_closes_a_quote_is_refused(tmp_path: Path) -> None:
    assert placed(read(tmp_path / "a.csv", 'sku,name\n"A,B\n')) == [(1, 2, False)]


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    (row,) = read(tmp_path / "a.csv", b"\xef\xbb\xbfsku\nA\n")
    assert row.members == {"sku": "A"}


def test_the_format_can_be_named(tmp_path: Path) -> None:
    assert len(read(tmp_path / "a.txt", "{}\n{}\n", FileFormat.NDJSON)) == 2
    with pytest.raises(FileUnreadable, match="tells no format"):
        read(tmp_path / "b.txt", "{}")


def test_what_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="line 2"):
        read(tmp_path / "a.csv", "sku\nGr\xe4nit\n".encode("latin-1"))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="No such file"):
        list(FilesOnDisk().rows(str(tmp_path / "none.json"), None))


def test_the_example_shop_is_shipped() -> None:
    rows = list(FilesOnDisk().demo())
    assert len(rows) == 42
    assert all(row.fault is None for row in rows)
