"""Passkeys and challenges in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, select

from modules.identity.adapters.sql.fleeting import Fleeting
from modules.identity.adapters.sql.tables.passkeys import passkey_challenges, passkeys
from modules.identity.application.passkeys import PasskeyView
from modules.identity.domain.passkey import Ceremony, Challenge, Passkey, PasskeyUnknown
from shared_kernel.adapters.sql import Database, Query, SqlRepository, SqlUnitOfWork
from shared_kernel.application import Caller

KEY, WAITING = passkeys.c, passkey_challenges.c
ASKED = Fleeting(passkey_challenges, WAITING.challenge_hash)

_mine = select(
    KEY.id,
    KEY.version,
    KEY.name,
    KEY.aaguid,
    KEY.transports,
    KEY.backup_eligible,
    KEY.backed_up,
    KEY.added_at,
    KEY.last_used_at,
).where(KEY.account_id == bindparam("account_id", type_=Uuid()))

MINE = Query(_mine.order_by(KEY.added_at, KEY.id), PasskeyView)
ONE_OF_MINE = Query(_mine.where(KEY.id == bindparam("id", type_=Uuid())), PasskeyView)


class SqlPasskeyQueries:
    """Reads passkeys through the read pool."""

    def __init__(self, database: Database) -> None:
        self._reads = database.reads

    async def passkeys(self, caller: Caller) -> Sequence[PasskeyView]:
        """Return the caller's passkeys, the oldest first."""
        return await MINE.all(self._reads, account_id=caller.id)

    async def passkey(self, caller: Caller, passkey_id: UUID) -> PasskeyView:
        """Return a passkey of the caller's. Raises PasskeyUnknown."""
        found = await ONE_OF_MINE.first(self._reads, account_id=caller.id, id=passkey_id)
        if found is None:
            raise PasskeyUnknown("there is no such passkey")
        return found


class SqlPasskeys(SqlRepository[Passkey]):
    """Passkeys in `identity.passkeys`."""

    aggregate = Passkey
    missing = PasskeyUnknown

    async def of(self, account_id: UUID) -> Sequence[Passkey]:
        """Return the account's, the oldest first."""
        found = select(Passkey).where(KEY.account_id == account_id)
        return self._tracked(await self._session.scalars(found.order_by(KEY.added_at, KEY.id)))

    async def called(self, credential_id: bytes) -> Passkey | None:
        """Return a passkey by what it calls itself, locked."""
        found = select(Passkey).where(KEY.credential_id == credential_id).with_for_update()
        return next(iter(self._tracked(await self._session.scalars(found))), None)


class SqlChallenges:
    """Challenges in `identity.passkey_challenges`, each until it is answered or over."""

    def __init__(self, uow: SqlUnitOfWork) -> None:
        self._uow, self._session = uow, uow.session

    def add(self, challenge: Challenge) -> None:
        """Wait for an answer."""
        self._uow.besides(ASKED.addition(asdict(challenge)))

    async def take(
        self, challenge_hash: bytes, ceremony: Ceremony, bound_to: bytes, *, at: datetime
    ) -> bool:
        """Forget a challenge, and say whether there was one."""
        same = (
            WAITING.challenge_hash == challenge_hash,
            WAITING.ceremony == ceremony,
            WAITING.bound_to == bound_to,
            WAITING.expires_at > at,
        )
        taken = delete(passkey_challenges).where(*same).returning(WAITING.challenge_hash)
        return await self._session.scalar(taken) is not None
