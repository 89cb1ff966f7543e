"""Second factors and waiting sign-ins in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Uuid,
    bindparam,
    delete,
    func,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from modules.identity.adapters.sql.factors import factors_of
from modules.identity.adapters.sql.tables.second_factors import (
    authenticators,
    recovery_codes,
)
from modules.identity.application.authenticators import (
    AuthenticatorView,
    SecondFactorsView,
)
from modules.identity.domain.authenticator import Authenticator
from modules.identity.domain.second_factor import NoAuthenticator, demanded
from shared_kernel.adapters.sql import (
    Addition,
    Database,
    Query,
    SqlRepository,
    SqlUnitOfWork,
    insertion,
    row_values,
)
from shared_kernel.application import Caller


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


class SqlSecondFactors:
    """Knows which second factors protect an account, by one statement for all kinds."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, account_id: UUID) -> frozenset[str]:
        """Return what a sign-in can be finished with; empty where nothing is set up."""
        return demanded([*await self._session.scalars(union_all(*factors_of(account_id)))])


CHANGED = ("last_step", "last_used_at", "sealed_seed")
USED = (
    update(authenticators)
    .where(authenticators.c.id == bindparam("used_id", type_=Uuid()))
    .values(
        version=authenticators.c.version + 1,
        **{one: bindparam(f"used_{one}", type_=authenticators.c[one].type) for one in CHANGED},
    )
    .cte("used")
)


class SqlAuthenticators(SqlRepository[Authenticator]):
    """Authenticator apps in `identity.authenticators`."""

    aggregate = Authenticator
    missing = NoAuthenticator

    def __init__(self, uow: SqlUnitOfWork) -> None:
        super().__init__(uow)
        self._read: dict[UUID, Authenticator | None] = {}

    def found(self, account_id: UUID, app: Authenticator | None) -> None:
        """Remember what was read along with something else: it is not read again."""
        self._read[account_id] = app

    def used(self, app: Authenticator) -> None:
        """Keep what its use changed, in the last statement of the transaction."""
        self._session.expunge(app)
        row = {one: getattr(app, one) for one in ("id", *CHANGED)}
        self._uow.besides(Addition((USED,), row_values("used", row)))

    async def of(self, account_id: UUID) -> Authenticator | None:
        """Return the account's."""
        if account_id in self._read:
            return self._read[account_id]
        found = select(Authenticator).where(authenticators.c.account_id == account_id)
        return next(iter(self._tracked(await self._session.scalars(found))), None)


WORTHLESS = (
    delete(recovery_codes)
    .where(recovery_codes.c.account_id == bindparam("codes_of", type_=Uuid()))
    .cte("worthless")
)
GIVEN = insertion("codes", recovery_codes)


class SqlRecoveryCodes:
    """Recovery codes in `identity.recovery_codes`. One that was used is no longer there."""

    def __init__(self, uow: SqlUnitOfWork) -> None:
        self._uow, self._session = uow, uow.session

    def replace(self, account_id: UUID, hashes: Sequence[bytes]) -> None:
        """Give the account these codes."""
        self._uow.besides(Addition((WORTHLESS,), {"codes_of": account_id}))
        if hashes:
            rows = [
                {"account_id": str(account_id), "code_hash": f"\\x{one.hex()}"} for one in hashes
            ]
            self._uow.besides(Addition((GIVEN,), {"codes": rows}))

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
