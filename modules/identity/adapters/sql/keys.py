"""The signing keys in `identity.signing_keys`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import exists, func, insert, select

from modules.identity.adapters.sql.tables import signing_keys
from modules.identity.ports import KeyState, StoredKey
from shared_kernel.adapters.sql import Database, Query

LOCK = 5_881_027_346_120_559_001  # any number, the same for every process that makes a key


def _key(
    kid: str, public_key: bytes, sealed_private_key: bytes, state: KeyState, created_at: datetime
) -> StoredKey:
    return StoredKey(
        kid=kid,
        public_key=public_key,
        sealed_private_key=sealed_private_key,
        state=state,
        created_at=created_at,
    )


ALL = Query(
    select(
        signing_keys.c.kid,
        signing_keys.c.public_key,
        signing_keys.c.sealed_private_key,
        signing_keys.c.state,
        signing_keys.c.created_at,
    ).order_by(signing_keys.c.created_at, signing_keys.c.kid),
    _key,
)


class SqlSigningKeys:
    """Keeps signing keys, their private part encrypted by whoever made them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Sequence[StoredKey]:
        """Return every key, the oldest first."""
        return await ALL.all(self._database.reads)

    async def add_first(self, key: StoredKey) -> None:
        """Save the key unless there is one already.

        Processes that start together come here one after the other, and all but the first find
        a key.
        """
        async with self._database.session() as session, session.begin():
            await session.execute(select(func.pg_advisory_xact_lock(LOCK)))
            if not await session.scalar(select(exists().select_from(signing_keys))):
                await session.execute(insert(signing_keys), [asdict(key)])
