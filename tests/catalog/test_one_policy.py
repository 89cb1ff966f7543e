"""One policy, three uses: what is listed, what is decided, and what is said to be allowed.

Part of the comparison; `python -m benchmarks.one_policy` makes the whole of it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from types import ModuleType

import pytest
import pytest_asyncio

from benchmarks.one_policy.comparison import compare
from modules.catalog.adapters.sql import ATTRIBUTES
from modules.catalog.application import showing
from modules.catalog.application.guarding import PRODUCTS
from modules.catalog.application.queries import ProductFilter
from shared_kernel.adapters.sql import Database, listing
from shared_kernel.adapters.sql.conditions import ways_of
from shared_kernel.application.conditions import Condition, Facts
from tests.kit.cluster import TestDatabase


@pytest_asyncio.fixture
async def opened(database: TestDatabase, clean: None) -> AsyncGenerator[Database]:
    made = Database(database.app_url)
    yield made
    await made.close()


async def test_lists_counts_and_actions_are_what_single_decisions_say(
    opened: Database, database: TestDatabase
) -> None:
    counts, told = await compare(opened, database.owner_url, range(20), sorts=2)
    assert told == []
    assert counts.lists == 80
    assert counts.shown > 300
    assert counts.allowed > 500


def without_one_way(condition: Condition) -> tuple[Condition, ...]:
    return ways_of(condition)[-1:]


def mistaken(where: ProductFilter) -> Facts:
    return {"resource.status": "published"}


@pytest.mark.parametrize(
    ("part", "name", "broken"),
    [(listing, "ways_of", without_one_way), (showing, "known_of", mistaken)],
    ids=["a way in which products are shown is left out", "what is asked for is mistaken"],
)
async def test_the_comparison_would_find_a_fault(
    opened: Database,
    database: TestDatabase,
    monkeypatch: pytest.MonkeyPatch,
    *,
    part: ModuleType,
    name: str,
    broken: object,
) -> None:
    monkeypatch.setattr(part, name, broken)
    assert (await compare(opened, database.owner_url, range(10), sorts=1))[1] != []


def test_every_attribute_that_conditions_may_read_has_a_column() -> None:
    declared = {f"resource.{name}" for name in (*PRODUCTS.attributes, "id")}
    assert {*ATTRIBUTES} == declared
