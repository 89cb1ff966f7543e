"""Files that were made to hurt, or are broken: refused, and never held as a whole."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from modules.catalog.adapters.files import FilesOnDisk
from modules.catalog.ports import FileFormat, FileUnreadable, SourceRow

GIB, MIB = 2**30, 2**20


def read(path: Path) -> list[SourceRow]:
    return list(FilesOnDisk().rows(str(path), None))


def faults(path: Path) -> list[tuple[int, str | None]]:
    return [(row.line, row.fault) for row in read(path)]


def most_memory(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("file_format", FileFormat)
def test_a_gigabyte_in_one_line_is_refused_and_not_held(
    tmp_path: Path, file_format: FileFormat
) -> None:
    path = tmp_path / f"huge.{file_format}"
    with path.open("wb") as file:
        file.write(b'["' if file_format is FileFormat.JSON else b'"')
        file.truncate(GIB)  # a hole in the file, which takes no room and reads as zeros
    found: list[tuple[int, str | None]] = []
    assert most_memory(lambda: found.extend(faults(path))) < 16 * MIB
    assert len(found) == 1
    assert found[0][0] == 1
    assert "longer than 1 MiB" in (found[0][1] or "")


def test_a_line_that_is_too_long_does_not_hide_the_next(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(b'{"sku": "A"}\n{"sku": "' + b"B" * 3 * MIB + b'"}\n{"sku": "C"}\n')
    rows = read(path)
    assert [(row.number, row.line, row.fault) for row in rows] == [
        (1, 1, None),
        (2, 2, "is longer than 1 MiB"),
        (3, 3, None),
    ]


def test_a_record_of_csv_may_not_go_on_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    cells = ",".join('"' + "line\n" * 20_000 + '"' for _ in range(12))
    path.write_text(f"sku,name\nA,B\n{cells}\nC,D\n")
    assert [line for line, _ in faults(path)] == [2, 3]
    assert faults(path)[1][1] == "is longer than 1 MiB; nothing after it was read"


@pytest.mark.parametrize(
    ("columns", "told"), [(1_001, "more than 1000 columns"), (1_000_000, "longer than 1 MiB")]
)
def test_columns_without_number_are_refused(tmp_path: Path, columns: int, told: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(",".join(["c"] * columns) + "\n" + ",".join(["1"] * columns) + "\n")
    ((line, fault),) = faults(path)
    assert line == 1
    assert told in (fault or "")


@pytest.mark.parametrize("ending", ["json", "ndjson", "csv"])
@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('[{"sku": "A"}]\n'.encode("utf-16"), 1),
        ('[{"sku": "Granit"},\n{"sku": "Gr\u00e4nit"}]'.encode("latin-1"), 2),
        ('[{"sku": "A"},\n{"sku": "€'.encode()[:-1], 2),
    ],
)
def test_what_is_not_utf_8_is_refused_with_its_line_in_every_format(
    tmp_path: Path, ending: str, content: bytes, line: int
) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_bytes(content)
    with pytest.raises(FileUnreadable, match=f"line {line} is not UTF-8"):
        read(path)


def test_a_byte_order_mark_is_read_over_in_every_format(tmp_path: Path) -> None:
    for ending, content in (
        ("json", '[{"sku": "A"}]'),
        ("ndjson", '{"sku": "A"}'),
        ("csv", "sku\nA"),
    ):
        path = tmp_path / f"a.{ending}"
        path.write_bytes(b"\xef\xbb\xbf" + content.encode())
        (row,) = read(path)
        assert row.members == {"sku": "A"}


def test_rows_of_an_array_are_whole_wherever_a_piece_of_the_file_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    count = 4_000
    rows = ",\n".join(
        f'{{"sku": "S-{n}", "name": "{"é" * (n % 90)}", "price": {n}}}' for n in range(count)
    )
    path.write_text(f"[{rows}\n]", "utf-8")
    found = read(path)
    assert [row.fault for row in found] == [None] * count
    assert [row.members["price"] for row in found] == list(range(count))
    assert [row.line for row in found] == list(range(1, count + 1))


def test_a_row_of_an_array_that_is_too_long_is_the_last_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"sku": "A"},\n{"sku": "' + "B" * 2 * MIB + '"},\n{"sku": "C"}]')
    assert faults(path) == [(1, None), (2, "is longer than 1 MiB; nothing after it was read")]


def test_a_file_is_read_anew_each_time(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("sku\nA\nB\n")
    rows = FilesOnDisk().rows(str(path), None)
    assert [len(list(rows)), len(list(rows))] == [2, 2]
