"""What everyone expects of a rate limiter, of the double and of the one in PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared_kernel.adapters.limits import SqlRateLimiter
from shared_kernel.adapters.secrets import SecretKeys
from shared_kernel.adapters.sql import Database, PoolSizes
from shared_kernel.application import Counter, RateLimiter
from shared_kernel.domain import Limit, Unavailable
from tests.kit.cluster import TestDatabase
from tests.kit.limits import LimitsInMemory, take

NOON = datetime(2040, 1, 1, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
FIXED = Limit(name="fixed", quota=3, window=MINUTE)
GROWING = Limit(name="growing", quota=5, window=5 * MINUTE, longest_wait=15 * MINUTE)
SECRETS = SecretKeys([b"a secret key for tests of 32 bytes"])


@pytest_asyncio.fixture
async def sql(database: TestDatabase, clean: None) -> AsyncGenerator[SqlRateLimiter]:
    opened = Database(database.app_url)
    yield SqlRateLimiter(opened, SECRETS)
    await opened.engine.dispose()


@pytest.fixture(params=["in memory", "in PostgreSQL"])
def limiter(request: pytest.FixtureRequest, sql: SqlRateLimiter) -> RateLimiter:
    return LimitsInMemory() if request.param == "in memory" else sql


async def allowed(limiter: RateLimiter, limit: Limit, times: int, at: datetime) -> list[bool]:
    return [(await take(limiter, limit, "key", at=at)).allowed for _ in range(times)]


async def test_the_quota_is_allowed_and_no_more_until_the_window_ends(
    limiter: RateLimiter,
) -> None:
    assert await allowed(limiter, FIXED, 5, NOON) == [True] * 3 + [False] * 2
    assert (await take(limiter, FIXED, "key", at=NOON + 10 * SECOND)).wait == 50 * SECOND
    assert await allowed(limiter, FIXED, 4, NOON + MINUTE) == [True] * 3 + [False]


async def test_each_key_and_each_limit_counts_for_itself(limiter: RateLimiter) -> None:
    await allowed(limiter, FIXED, 4, NOON)
    assert (await take(limiter, FIXED, "another key", at=NOON)).allowed
    assert (await take(limiter, GROWING, "key", at=NOON)).allowed


async def test_waits_double_from_a_second_to_the_longest(limiter: RateLimiter) -> None:
    now, waits = NOON, list[timedelta]()
    for _ in range(18):
        waits.append((await take(limiter, GROWING, "key", at=now)).wait)
        now += waits[-1]
    assert waits[:4] == [timedelta()] * 4
    assert [one.total_seconds() for one in waits[4:]] == [
        1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900,
    ]  # fmt: skip


async def test_nothing_is_allowed_before_the_wait_is_over(limiter: RateLimiter) -> None:
    await allowed(limiter, GROWING, 8, NOON)
    assert (await take(limiter, GROWING, "key", at=NOON + 0.9 * SECOND)).allowed is False
    assert (await take(limiter, GROWING, "key", at=NOON + SECOND)).allowed
    assert (await take(limiter, GROWING, "key", at=NOON + 2.9 * SECOND)).allowed is False
    assert (await take(limiter, GROWING, "key", at=NOON + 3 * SECOND)).allowed


async def test_knocking_while_waiting_makes_no_wait_longer(limiter: RateLimiter) -> None:
    await allowed(limiter, GROWING, 5, NOON)
    for tenths in range(1, 10):
        refused = await take(limiter, GROWING, "key", at=NOON + tenths * SECOND / 10)
        assert (refused.allowed, refused.wait) == (False, SECOND - tenths * SECOND / 10)
        assert refused.taken == 5


async def test_a_whole_window_of_calm_after_the_last_wait_makes_all_forgotten(
    limiter: RateLimiter,
) -> None:
    await allowed(limiter, GROWING, 6, NOON)
    almost = NOON + SECOND + 5 * MINUTE - SECOND / 10
    assert (await take(limiter, GROWING, "key", at=almost)).taken == 6
    assert (await take(limiter, GROWING, "key", at=almost + 10 * MINUTE)).taken == 1


async def test_failures_below_the_quota_are_forgotten_a_window_after_the_first(
    limiter: RateLimiter,
) -> None:
    await allowed(limiter, GROWING, 4, NOON)
    assert (await take(limiter, GROWING, "key", at=NOON + 5 * MINUTE)).taken == 1


async def test_only_the_first_of_many_refusals_is_to_be_told_about(limiter: RateLimiter) -> None:
    told = [(await take(limiter, FIXED, "key", at=NOON)).first_refusal for _ in range(9)]
    assert told == [False] * 3 + [True] + [False] * 5
    again = [(await take(limiter, FIXED, "key", at=NOON + MINUTE)).first_refusal for _ in range(5)]
    assert again == [False] * 3 + [True, False]


@pytest.mark.parametrize("limit", [FIXED, GROWING])
async def test_what_is_given_back_may_be_taken_again(limiter: RateLimiter, limit: Limit) -> None:
    await allowed(limiter, limit, limit.quota, NOON)
    await limiter.give_back([Counter(limit, "key")])
    assert await allowed(limiter, limit, 2, NOON) == [True, False]
    await limiter.give_back([Counter(limit, "a key never used")])


@pytest.mark.parametrize("limit", [FIXED, GROWING])
async def test_what_is_forgotten_counts_from_the_beginning(
    limiter: RateLimiter, limit: Limit
) -> None:
    await allowed(limiter, limit, 20, NOON)
    await limiter.forget([Counter(limit, "key")])
    assert (await take(limiter, limit, "key", at=NOON)).taken == 1


@pytest.mark.parametrize("limit", [FIXED, GROWING])
async def test_a_clock_set_back_by_a_year_makes_nobody_wait_longer_than_ever(
    limiter: RateLimiter, limit: Limit
) -> None:
    await allowed(limiter, limit, 20, NOON)
    earlier = NOON - timedelta(days=365)
    longest = limit.longest_wait or limit.window
    assert (await take(limiter, limit, "key", at=earlier)).wait <= longest
    assert (await take(limiter, limit, "key", at=earlier + longest)).allowed


@pytest.mark.parametrize("limit", [FIXED, GROWING])
async def test_a_clock_set_back_by_a_moment_gives_no_new_quota(
    limiter: RateLimiter, limit: Limit
) -> None:
    await allowed(limiter, limit, limit.quota, NOON)
    assert await allowed(limiter, limit, 2, NOON - 5 * SECOND) == [False, False]


# The fixture empties the database once, which is enough: every example has a key of its own.
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    limit=st.sampled_from([FIXED, GROWING]),
    steps=st.lists(
        st.tuples(
            st.sampled_from(["take", "take", "take", "take", "give back", "forget"]),
            st.sampled_from([0.0, 0.25, 1.0, 3.0, 59.0, 300.0, 901.0, 86_400.0, -2.0, -4000.0]),
        ),
        max_size=40,
    ),
)
async def test_both_agree_whatever_happens(
    sql: SqlRateLimiter, limit: Limit, steps: list[tuple[str, float]]
) -> None:
    memory, key, now = LimitsInMemory(), uuid4().hex, NOON
    for what, seconds in steps:
        now += seconds * SECOND
        for one in (memory, sql):
            if what == "give back":
                await one.give_back([Counter(limit, key)])
            elif what == "forget":
                await one.forget([Counter(limit, key)])
        if what == "take":
            expected = await take(memory, limit, key, at=now)
            assert await take(sql, limit, key, at=now) == expected


@pytest.mark.parametrize("limit", [FIXED, GROWING])
async def test_many_processes_at_once_get_exactly_the_quota(
    database: TestDatabase, clean: None, limit: Limit
) -> None:
    processes = [Database(database.app_url, PoolSizes(writes=10)) for _ in range(3)]
    limiters = [SqlRateLimiter(one, SECRETS) for one in processes]
    asked = [take(limiters[n % 3], limit, "key", at=NOON) for n in range(120)]
    answers = await asyncio.gather(*asked)
    assert sum(one.allowed for one in answers) == limit.quota
    assert sum(one.first_refusal for one in answers) == 1
    for one in processes:
        await one.engine.dispose()


async def test_the_table_holds_no_key_as_it_was_given(
    database: TestDatabase, sql: SqlRateLimiter
) -> None:
    await take(sql, FIXED, "ada@example.com", at=NOON)
    connection = await asyncpg.connect(database.owner_url)
    rows = await connection.fetch("select l::text as row, key from platform.limits l")
    await connection.close()
    assert [len(row["key"]) for row in rows] == [32]
    assert b"ada@example.com".hex() not in rows[0]["row"]


async def test_without_a_database_nothing_is_allowed() -> None:
    away = Database("postgresql://app:secret@127.0.0.1:1/app")
    with pytest.raises(Unavailable):
        await take(SqlRateLimiter(away, SECRETS), FIXED, "key", at=NOON)
    await away.engine.dispose()


ONCE = Limit(name="once", quota=1, window=MINUTE)


async def test_several_are_counted_in_turn_and_nothing_after_a_refusal(
    limiter: RateLimiter,
) -> None:
    counters = [Counter(FIXED, "one"), Counter(ONCE, "two"), Counter(GROWING, "three")]
    first = await limiter.take(counters, at=NOON)
    assert [(one.allowed, one.taken) for one in first] == [(True, 1)] * 3
    second = await limiter.take(counters, at=NOON + SECOND)
    assert [(one.allowed, one.taken) for one in second] == [(True, 2), (False, 1)]
    assert second[-1].wait == 59 * SECOND
    assert (await take(limiter, GROWING, "three", at=NOON)).taken == 2, "it was not counted"
    await limiter.give_back(counters[:2])
    assert [one.taken for one in await limiter.take(counters, at=NOON)] == [2, 1, 3]


async def test_how_long_a_window_lasts_is_told_before_it_is_used_up(limiter: RateLimiter) -> None:
    assert (await take(limiter, FIXED, "key", at=NOON)).ends_in == MINUTE
    later = await take(limiter, FIXED, "key", at=NOON + 20 * SECOND)
    assert (later.ends_in, later.wait) == (40 * SECOND, timedelta())


async def test_of_many_chains_at_once_each_link_counts_exactly(
    database: TestDatabase, clean: None
) -> None:
    pools = [Database(database.app_url, PoolSizes(writes=5)) for _ in range(2)]
    limiters = [SqlRateLimiter(one, SECRETS) for one in pools]
    counters = [Counter(Limit(name="wide", quota=40, window=HOUR), "a"), Counter(GROWING, "b")]
    asked = [limiters[n % 2].take(counters, at=NOON) for n in range(60)]
    told = await asyncio.gather(*asked)
    await asyncio.gather(*(one.close() for one in pools))
    assert sum(one[0].allowed for one in told) == 40
    assert sum(len(one) == 2 and one[1].allowed for one in told) == GROWING.quota
