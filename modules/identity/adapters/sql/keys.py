"""The signing keys in `identity.signing_keys`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict

from sqlalchemy import delete, func, insert, select, update

from modules.identity.adapters.sql.tables import signing_keys
from modules.identity.domain.signing_key import StoredKey
from shared_kernel.adapters.sql import Database, Query

LOCK = 5_881_027_346_120_559_001  # any number, the same for every process that changes keys


EVERY = select(
    signing_keys.c.kid,
    signing_keys.c.public_key,
    signing_keys.c.sealed_private_key,
    signing_keys.c.state,
    signing_keys.c.created_at,
    signing_keys.c.changed_at,
).order_by(signing_keys.c.created_at, signing_keys.c.kid)
ALL = Query(EVERY, StoredKey)


class SqlSigningKeys:
    """Keeps signing keys, their private part encrypted by whoever made them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[StoredKey]:
        """Return every key, the oldest first."""
        return await ALL.all(self._database.reads)

    async def change(
        self, decide: Callable[[Sequence[StoredKey]], Sequence[StoredKey]]
    ) -> Sequence[StoredKey]:
        """Replace the keys by what `decide` makes of them.

        Processes that come together are let in one after the other, and each sees what the one
        before it left.
        """
        async with self._database.session() as session, session.begin():
            await session.execute(select(func.pg_advisory_xact_lock(LOCK)))
            rows = await session.execute(EVERY)
            before = {row.kid: StoredKey(*row) for row in rows}
            after = {one.kid: one for one in decide([*before.values()])}
            gone = before.keys() - after.keys()
            if gone:
                await session.execute(delete(signing_keys).where(signing_keys.c.kid.in_(gone)))
            for kid, one in after.items():
                if kid not in before:
                    await session.execute(insert(signing_keys), [asdict(one)])
                elif one != before[kid]:
                    change = {"state": one.state, "changed_at": one.changed_at}
                    same = signing_keys.c.kid == kid
                    await session.execute(update(signing_keys).where(same).values(change))
        return [*after.values()]
