"""What one test lets people do, the next does not find."""

from __future__ import annotations

import pytest

from tests.kit.people import People
from tests.kit.ruling import ALWAYS, make_policy
from tests.kit.sweeping import Sweeper

PUBLISH = "catalog.products.publish"
PLACE = "/v1/catalog/products/01890000-0000-7000-8000-000000000000/publish"


@pytest.mark.parametrize("turn", [1, 2])
async def test_a_policy_that_was_swept_away_decides_no_more(people: People, turn: int) -> None:
    viewer = await people.register("viewer")
    assert (await viewer.http.post(PLACE)).status_code == 403, turn
    boss = await people.register("administrator")
    await make_policy(boss, "all-publish", "allow", PUBLISH, when=ALWAYS)
    assert (await viewer.http.post(PLACE)).status_code == 404


async def test_sweeping_twice_loses_nothing(people: People, sweeper: Sweeper) -> None:
    boss = await people.register("administrator")
    await make_policy(boss, "all-publish", "allow", PUBLISH, when=ALWAYS)
    await sweeper.empty()
    await sweeper.empty()
    viewer = await people.register("viewer")
    assert (await viewer.http.post(PLACE)).status_code == 403
