"""Second factors and waiting sign-ins in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Select,
    Uuid,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from modules.identity.adapters.sql.tables.passkeys import passkeys
from modules.identity.adapters.sql.tables.second_factors import (
    authenticators,
    pending_sign_ins,
    recovery_codes,
)
from modules.identity.application.authenticators import (
    AuthenticatorView,
    SecondFactorsView,
)
from modules.identity.domain.authenticator import Authenticator
from modules.identity.domain.passkey import PASSKEY
from modules.identity.domain.pending_sign_in import MOST_ATTEMPTS, PendingSignIn
from modules.identity.domain.second_factor import OTP, RECOVERY_CODE, NoAuthenticator, demanded
from shared_kernel.adapters.sql import Database, Query, SqlRepository
from shared_kernel.application import Caller

# Whoever adds a row takes some that are over along: the table stays as small as what is under way.
SWEPT = 20


def _shown(
    confirmed_at: datetime | None, last_used_at: datetime | None, codes: int
) -> SecondFactorsView:
    app = AuthenticatorView(confirmed_at, last_used_at) if confirmed_at is not None else None
    return SecondFactorsView(app, codes)


MINE = bindparam("account_id", type_=Uuid())
SHOWN = Query(
    select(
        select(authenticators.c.confirmed_at)
        .where(authenticators.c.account_id == MINE)
        .scalar_subquery(),
        select(authenticators.c.last_used_at)
        .where(authenticators.c.account_id == MINE)
        .scalar_subquery(),
        select(func.count()).where(recovery_codes.c.account_id == MINE).scalar_subquery(),
    ),
    _shown,
)


class SqlSecondFactorQueries:
    """Reads what protects accounts, through the read pool."""

    def __init__(self, database: Database) -> None:
        self._reads = database.reads

    async def second_factors(self, caller: Caller) -> SecondFactorsView:
        """Return what protects the caller's account."""
        found = await SHOWN.first(self._reads, account_id=caller.id)
        return found or SecondFactorsView(None, 0)


def _factors(account_id: UUID) -> Sequence[Select[str]]:
    """Return one select for each kind of second factor. A new kind adds its own here."""
    app, codes, keys = authenticators.c, recovery_codes.c, passkeys.c
    return [
        select(literal(OTP)).where(app.account_id == account_id, app.confirmed_at.is_not(None)),
        select(literal(RECOVERY_CODE)).where(
            select(codes.account_id).where(codes.account_id == account_id).exists()
        ),
        select(literal(PASSKEY)).where(
            select(keys.account_id).where(keys.account_id == account_id).exists()
        ),
    ]


class SqlSecondFactors:
    """Knows which second factors protect an account, by one statement for all kinds."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, account_id: UUID) -> frozenset[str]:
        """Return what a sign-in can be finished with; empty where nothing is set up."""
        return demanded([*await self._session.scalars(union_all(*_factors(account_id)))])


class SqlAuthenticators(SqlRepository[Authenticator]):
    """Authenticator apps in `identity.authenticators`."""

    aggregate = Authenticator
    missing = NoAuthenticator

    async def of(self, account_id: UUID) -> Authenticator | None:
        """Return the account's."""
        found = select(Authenticator).where(authenticators.c.account_id == account_id)
        return next(iter(self._tracked(await self._session.scalars(found))), None)


class SqlRecoveryCodes:
    """Recovery codes in `identity.recovery_codes`. One that was used is no longer there."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def replace(self, account_id: UUID, hashes: Sequence[bytes]) -> None:
        """Give the account these codes."""
        mine = recovery_codes.c.account_id == account_id
        await self._session.execute(delete(recovery_codes).where(mine))
        if hashes:
            rows = [{"account_id": account_id, "code_hash": one} for one in hashes]
            await self._session.execute(insert(recovery_codes), rows)

    async def use(self, account_id: UUID, code_hash: bytes) -> bool:
        """Forget a code of the account, and say whether there was one."""
        table = recovery_codes.c
        used = delete(recovery_codes).where(
            table.account_id == account_id, table.code_hash == code_hash
        )
        return await self._session.scalar(used.returning(table.account_id)) is not None

    async def count(self, account_id: UUID) -> int:
        """Return how many are left."""
        mine = recovery_codes.c.account_id == account_id
        return await self._session.scalar(select(func.count()).where(mine)) or 0


class SqlPendingSignIns:
    """Sign-ins in `identity.pending_sign_ins`, each until it is finished or over."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, pending: PendingSignIn) -> None:
        """Let a sign-in wait."""
        table = pending_sign_ins.c
        over = select(table.token_hash).where(table.expires_at <= func.now()).limit(SWEPT)
        swept = table.token_hash.in_(over.with_for_update(skip_locked=True))
        await self._session.execute(delete(pending_sign_ins).where(swept))
        await self._session.execute(insert(pending_sign_ins), [asdict(pending)])

    async def find(self, token_hash: bytes, *, at: datetime) -> PendingSignIn | None:
        """Return the sign-in while it may still be finished."""
        table = pending_sign_ins.c
        open_still = (table.expires_at > at, table.attempts < MOST_ATTEMPTS)
        found = select(*table).where(table.token_hash == token_hash, *open_still)
        row = (await self._session.execute(found)).mappings().one_or_none()
        return PendingSignIn(**row) if row is not None else None

    async def count_attempt(self, token_hash: bytes, *, at: datetime) -> int | None:
        """Count an attempt, and return its number; None if none was left."""
        table = pending_sign_ins.c
        counted = (
            update(pending_sign_ins)
            .where(table.token_hash == token_hash)
            .where(table.expires_at > at, table.attempts < MOST_ATTEMPTS)
            .values(attempts=table.attempts + 1)
            .returning(table.attempts)
        )
        return await self._session.scalar(counted)

    async def take(self, token_hash: bytes, *, at: datetime) -> PendingSignIn | None:
        """Return the sign-in and forget it. The last attempt is counted already."""
        table = pending_sign_ins.c
        same = (table.token_hash == token_hash, table.expires_at > at)
        taken = delete(pending_sign_ins).where(*same).returning(*table)
        row = (await self._session.execute(taken)).mappings().one_or_none()
        return PendingSignIn(**row) if row is not None else None

    async def forget_of(self, account_id: UUID) -> None:
        """Let no sign-in of the account be finished any more."""
        mine = pending_sign_ins.c.account_id == account_id
        await self._session.execute(delete(pending_sign_ins).where(mine))
