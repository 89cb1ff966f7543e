"""What a change would do is what it does: simulated first, then made, and compared one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from shared_kernel.domain import AccountId
from tests.access.world import Happening, World, a_world
from tests.kit.people import People, Person

pytestmark = pytest.mark.usefixtures("own_roles")

SIMULATE = "/v1/access/simulate"
ROUNDS = 20


def held_by(rows: Sequence[Mapping[str, Any]], how: str) -> set[Happening]:
    """Return who gains, or loses, which permission."""
    found = set[Happening]()
    for row in rows:
        assert row[how]["count"] == len(row[how]["account_ids"])
        found |= {(AccountId(UUID(one)), row["permission"]) for one in row[how]["account_ids"]}
    return found


def moved(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Happening, Mapping[str, Any]]]:
    """Yield to whom which row is about."""
    for row in rows:
        assert row["accounts"]["count"] == len(row["accounts"]["account_ids"])
        if row["strangers"]:
            yield (None, row["permission"]), row
        for one in row["accounts"]["account_ids"]:
            yield (AccountId(UUID(one)), row["permission"]), row


async def simulated(world: World, by: Person, change: dict[str, Any]) -> dict[str, Any]:
    """Simulate a change, after one that took this from the administrator was taken back."""
    answer = await by.http.post(SIMULATE, json=change)
    if answer.status_code == 403:
        await world.make({"policy": {"policies": {f"policy-{n}": None for n in range(1, 5)}}})
        answer = await by.http.post(SIMULATE, json=change)
    assert answer.status_code == 200, (change, answer.text)
    said: dict[str, Any] = answer.json()
    return said


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_what_is_simulated_is_what_happens(app: FastAPI, people: People, seed: int) -> None:
    world, administrator = await a_world(app, people, seed)
    for turn in range(ROUNDS):
        change = world.change()
        said = await simulated(world, administrator, change)
        held, may = await world.observed()
        await world.make(change)
        held_then, may_then = await world.observed()
        assert said["complete"]
        assert held_by(said["permissions"], "gained") == held_then - held, (turn, change)
        assert held_by(said["permissions"], "lost") == held - held_then, (turn, change)
        rows = dict(moved(said["objects"]))
        assert len(rows) == len(list(moved(said["objects"])))
        for happening, before in may.items():
            gained, lost = may_then[happening] - before, before - may_then[happening]
            row = rows.pop(happening, None)
            if row is None:
                assert not gained, (turn, happening, change)
                assert not lost, (turn, happening, change)
                continue
            for how, ids in (("gained", gained), ("lost", lost)):
                assert row[how]["count"] == len(ids), (turn, how, happening, change)
                assert not row[how]["capped"]
                assert {UUID(one) for one in row[how]["examples"]} <= ids
        assert not rows
