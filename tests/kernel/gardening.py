"""A process that grows plants and delivers the news, until it is killed.

It prints each growth once the change has committed: `<plant> <height>`.
"""

from __future__ import annotations

import asyncio
import sys
from uuid import UUID

from tests.kernel.garden import Garden, opened
from tests.kit.cluster import TestDatabase


async def main(url: str, plants: list[UUID]) -> None:
    async with opened(TestDatabase("", url, url)) as garden:
        garden.subscribe("kill.Noting", garden.note("kill"))
        async with garden.relay():
            await asyncio.gather(*(_grow(garden, plant_id) for plant_id in plants))


async def _grow(garden: Garden, plant_id: UUID) -> None:
    while True:
        height = await garden.grow(plant_id)
        sys.stdout.write(f"{plant_id} {height}\n")
        sys.stdout.flush()
        await asyncio.sleep(0.002)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], [UUID(one) for one in sys.argv[2:]]))
