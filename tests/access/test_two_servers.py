"""A role that is taken away by one server is not worth anything on another."""

from __future__ import annotations

import asyncio
from collections.abc import Generator

import pytest

from tests.access.two_servers import DEADLINE, delays, two_accounts, two_servers
from tests.kit.cluster import TestDatabase, drop_database, new_database


@pytest.fixture
def installation() -> Generator[TestDatabase]:
    """A database of its own: its servers decide by what is in it."""
    made = new_database("two_servers")
    yield made
    drop_database(made)


def test_a_role_taken_on_one_server_is_refused_on_the_other(installation: TestDatabase) -> None:
    clerk = asyncio.run(two_accounts(installation))
    with two_servers(installation) as (here, there):
        measured = asyncio.run(delays(here, there, clerk, rounds=3))
    assert len(measured) == 3
    assert max(one.first_refused for one in measured) < DEADLINE
