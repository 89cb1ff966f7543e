"""Counts that ended are removed; those that still hold stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bootstrap.events.deliveries import Deliveries
from shared_kernel.adapters.limits import SqlRateLimiter
from shared_kernel.adapters.secrets import SecretKeys
from shared_kernel.domain import Limit
from tests.kernel.garden import Garden
from tests.kit.limits import take

HOUR = Limit(name="hour", quota=1, window=timedelta(hours=1))


async def test_the_sweep_removes_counts_that_ended(garden: Garden) -> None:
    limiter = SqlRateLimiter(garden.database, SecretKeys([b"a secret key for tests, 32 bytes"]))
    now = datetime.now(UTC)
    for hours in (0, 2, 3, 4):
        await take(limiter, HOUR, f"{hours} hours ago", at=now - timedelta(hours=hours))
    connection = await garden.database.connect(read_only=False)
    await Deliveries(connection).sweep()
    await connection.close()
    assert await garden.rows("select count(*) from platform.limits") == [(1,)]
    assert not (await take(limiter, HOUR, "0 hours ago", at=now)).allowed
