"""A real tree of thousands of categories is served in one statement."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from modules.catalog.adapters.files import FilesOnDisk
from modules.catalog.application.importing.flows import TakeRows, Terms
from shared_kernel.module import Services
from tests.catalog.shop import CATEGORIES
from tests.catalog.test_import_command import REAL_DATA
from tests.kit.statements import hearing

FILE = REAL_DATA / "bestbuy-categories.json"


def ids_in(nodes: list[dict[str, Any]]) -> list[str]:
    return [id for one in nodes for id in (one["external_id"], *ids_in(one["children"]))]


@pytest.mark.skipif(not FILE.is_file(), reason="CATALOG_REAL_DATA names no folder of real data")
@pytest.mark.parametrize("query", [{}, {"counts": True}])
async def test_thousands_of_real_categories_are_one_tree_in_one_statement(
    app: FastAPI, client: httpx2.AsyncClient, query: dict[str, Any]
) -> None:
    services: Services = app.state.services
    report = await services.get(TakeRows)(FilesOnDisk().rows(str(FILE), None), Terms())
    assert report.written
    heard: list[str] = []
    with hearing(heard.append):
        answer = await client.get(f"{CATEGORIES}/tree", params=query)
    assert len([one for one in heard if "catalog." in one]) == 1  # others refresh what they know
    listed = {str(one["id"]) for one in json.loads(FILE.read_text("utf-8"))}
    shown = ids_in(answer.json()["items"])
    assert len(shown) == len({*shown}) == report.categories.created
    assert len(listed) == 4_584
    assert listed <= {*shown}  # and those named on the way to others
