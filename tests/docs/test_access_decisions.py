"""The examples on the page about decisions are what is answered."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from fastapi import FastAPI

from shared_kernel.module import Services
from tests.catalog.objects import make_product
from tests.kit.people import People
from tests.kit.starting import ROOT

PAGE = ROOT / "docs" / "access-decisions.md"
BLOCK = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)
STANDS_FOR = "019b0000-0000-7000-8000-0000000000"
PLACES = ("check", "explain", "simulate")

pytestmark = pytest.mark.usefixtures("clean")


async def test_the_examples_are_answered_as_the_page_says(app: FastAPI, people: People) -> None:
    mason, apprentice = [await people.register(role="editor") for _ in range(2)]
    administrator = await people.register(role="administrator")
    services: Services = app.state.services
    ids = {
        "0a": mason.id,
        "0b": apprentice.id,
        "0c": administrator.id,
        "01": await make_product(services, mason.id, True),
        "02": await make_product(services, mason.id, False),
    }
    askers = dict(zip(PLACES, (apprentice, apprentice, administrator), strict=True))
    blocks = BLOCK.findall(PAGE.read_text("utf-8"))
    assert len(blocks) == 2 * len(PLACES)
    for place, asked, shown in zip(PLACES, blocks[::2], blocks[1::2], strict=True):
        for short, id in ids.items():
            asked = asked.replace(STANDS_FOR + short, str(id))  # noqa: PLW2901 - the same text
        answer = await askers[place].http.post(f"/v1/access/{place}", json=json.loads(asked))
        told = answer.text
        for short, id in ids.items():
            told = told.replace(str(id), STANDS_FOR + short)
        assert _plain(json.loads(shown)) == _plain(json.loads(told)), told


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document without what counts all changes of all tests."""
    return {**document, "policy_version": 0}
