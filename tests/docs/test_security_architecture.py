"""Every requirement that is called met names a test, and the test is there."""

from __future__ import annotations

import ast
import re

import pytest

from tests.kit.starting import ROOT

DOCUMENT = ROOT / "docs" / "SECURITY_ARCHITECTURE.md"
NAMED = re.compile(r"`([a-z_/]+\.py)::(test_\w+)`")
ROWS = [line for line in DOCUMENT.read_text("utf-8").splitlines() if re.match(r"\| \d", line)]
WITHOUT_TEST = re.compile(
    r"\| (not applicable|left): |\| no hints|\| passwords do not expire|is not used"
)


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED.findall(DOCUMENT.read_text("utf-8")))))
def test_the_named_test_is_there(file: str, name: str) -> None:
    tree = ast.parse((ROOT / "tests" / file).read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    assert name in {one.name for one in tree.body if isinstance(one, functions)}


@pytest.mark.parametrize("row", ROWS, ids=[row.split("|")[1].strip() for row in ROWS])
def test_a_requirement_names_its_test_or_says_why_there_is_none(row: str) -> None:
    assert NAMED.search(row) or WITHOUT_TEST.search(row)
