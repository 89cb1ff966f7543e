"""Identities, visits to providers and kept proofs in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from modules.identity.adapters.sql.fleeting import Fleeting
from modules.identity.adapters.sql.tables.accounts import accounts
from modules.identity.adapters.sql.tables.federation import (
    federated_identities,
    provider_proofs,
    provider_visits,
)
from modules.identity.adapters.sql.tables.passkeys import passkeys
from modules.identity.application.federated import IdentityView
from modules.identity.domain.account import Account
from modules.identity.domain.federated import (
    FederatedIdentity,
    IdentityUnknown,
    KeptProof,
    Proof,
    Visit,
)
from shared_kernel.adapters.sql import Database, Query, SqlRepository, SqlUnitOfWork
from shared_kernel.application import Caller

VISITS = Fleeting(provider_visits, provider_visits.c.state_hash)
PROOFS = Fleeting(provider_proofs, provider_proofs.c.code_hash)

MINE = Query(
    select(
        federated_identities.c.id,
        federated_identities.c.provider,
        federated_identities.c.label,
        federated_identities.c.linked_at,
        federated_identities.c.last_used_at,
    )
    .where(federated_identities.c.account_id == bindparam("account_id", type_=Uuid()))
    .order_by(federated_identities.c.linked_at, federated_identities.c.id),
    IdentityView,
)


class SqlFederatedQueries:
    """Reads identities through the read pool."""

    def __init__(self, database: Database) -> None:
        self._reads = database.reads

    async def identities(self, caller: Caller) -> Sequence[IdentityView]:
        """Return what opens the caller's account, the oldest first."""
        return await MINE.all(self._reads, account_id=caller.id)


class SqlIdentities(SqlRepository[FederatedIdentity]):
    """Identities in `identity.federated_identities`."""

    aggregate = FederatedIdentity
    missing = IdentityUnknown

    async def owner_of(self, issuer: str, subject: str) -> UUID | None:
        """Return the account an identity opens."""
        table = federated_identities.c
        found = select(table.account_id).where(table.issuer == issuer, table.subject == subject)
        return await self._session.scalar(found)

    async def opening(self, issuer: str, subject: str) -> tuple[Account, FederatedIdentity] | None:
        """Return the account that an identity opens, and the identity, locked in that order."""
        table = federated_identities.c
        found = (
            select(Account, FederatedIdentity)
            .join(federated_identities, table.account_id == accounts.c.id)
            .where(table.issuer == issuer, table.subject == subject)
            .with_for_update()
        )
        row = (await self._session.execute(found)).one_or_none()
        if row is None:
            return None
        self._uow.seen.extend(row)
        return row[0], row[1]

    async def of_account(self, account_id: UUID) -> Sequence[FederatedIdentity]:
        """Return all identities that open an account."""
        mine = federated_identities.c.account_id == account_id
        found = select(FederatedIdentity).where(mine).order_by(federated_identities.c.id)
        return self._tracked(await self._session.scalars(found))


class SqlWaysIn:
    """Counts what signs an account in by itself. A new way in adds its count here."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def count(self, account_id: UUID) -> int:
        """Return how many there are."""
        passwords = select(func.count()).where(
            accounts.c.id == account_id, accounts.c.password_hash.is_not(None)
        )
        identities = select(func.count()).where(federated_identities.c.account_id == account_id)
        keys = select(func.count()).where(passkeys.c.account_id == account_id)
        counts = [one.scalar_subquery() for one in (passwords, identities, keys)]
        found = await self._session.execute(select(*counts))
        return sum(found.one())


class SqlVisits:
    """Visits in `identity.provider_visits`, each until it is over or taken."""

    def __init__(self, uow: SqlUnitOfWork) -> None:
        self._uow, self._session = uow, uow.session

    def add(self, visit: Visit) -> None:
        """Keep a visit."""
        self._uow.besides(VISITS.addition(asdict(visit)))

    async def take(self, state_hash: bytes, browser_hash: bytes, *, at: datetime) -> Visit | None:
        """Return a visit and forget it."""
        table = provider_visits.c
        taken = (
            delete(provider_visits)
            .where(table.state_hash == state_hash, table.browser_hash == browser_hash)
            .where(table.expires_at > at)
            .returning(*provider_visits.c)
        )
        row = (await self._session.execute(taken)).mappings().one_or_none()
        return Visit(**row) if row is not None else None


class SqlKeptProofs:
    """Proofs in `identity.provider_proofs`, each until it is over or taken."""

    def __init__(self, uow: SqlUnitOfWork) -> None:
        self._uow, self._session = uow, uow.session

    def add(self, kept: KeptProof) -> None:
        """Keep a proof."""
        values = {
            "code_hash": kept.code_hash,
            "code_challenge": kept.code_challenge,
            "expires_at": kept.expires_at,
            **asdict(kept.proof),
        }
        self._uow.besides(PROOFS.addition(values))

    async def take(self, code_hash: bytes, *, at: datetime) -> KeptProof | None:
        """Return a proof and forget it."""
        table = provider_proofs.c
        same = (table.code_hash == code_hash, table.expires_at > at)
        taken = delete(provider_proofs).where(*same).returning(*provider_proofs.c)
        row = (await self._session.execute(taken)).one_or_none()
        if row is None:
            return None
        proof = Proof(
            provider=row.provider,
            issuer=row.issuer,
            subject=row.subject,
            email=row.email,
            label=row.label,
        )
        return KeptProof(
            code_hash=row.code_hash,
            code_challenge=row.code_challenge,
            proof=proof,
            expires_at=row.expires_at,
        )
