"""What the second step of a sign-in asks of the database."""

from __future__ import annotations

import pytest

from tests.identity.second_factors.phones import Town
from tests.kit.work import watching

MOST = 11
"""One for all limits, one to forget failures; one to find the sign-in, one to count the attempt;
five reads and writes of account, sign-in, app and sessions; the session, and the audit log."""


async def test_the_second_step_asks_eleven_times_at_most(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = await town.holder()
    token = (await town.first_step(holder))["pending_token"]
    with watching(monkeypatch) as begin:
        work = begin()
        answer = await town.finish(token, town.code(holder))
    assert answer.status_code == 200, answer.text
    assert 0 < len(work) <= MOST, work


async def test_the_second_step_costs_the_same_however_many_sessions_there_are(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, costs = await town.holder(), list[int]()
    with watching(monkeypatch) as begin:
        for _ in range(2):
            for _ in range(3):
                await town.sign_in(holder)
            token = (await town.first_step(holder))["pending_token"]
            work = begin()
            assert (await town.finish(token, town.code(holder))).status_code == 200
            costs.append(len(work))
            town.wait()
    assert costs[0] == costs[1]
