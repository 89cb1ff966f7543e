"""API keys and service accounts, inside one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from modules.identity.adapters.sql.tables import (
    api_keys,
    service_account_secrets,
    service_accounts,
)
from modules.identity.domain.api_key import ApiKey, ApiKeyUnknown
from modules.identity.domain.service_account import ServiceAccount, ServiceAccountUnknown
from shared_kernel.adapters.sql import SqlRepository


class SqlApiKeys(SqlRepository[ApiKey]):
    """Keys in `identity.api_keys`."""

    aggregate = ApiKey
    missing = ApiKeyUnknown

    async def count_of(self, account_id: UUID) -> int:
        """Return how many keys of an account are not revoked."""
        mine = (api_keys.c.account_id == account_id, api_keys.c.revoked_at.is_(None))
        found = await self._session.scalar(select(func.count()).select_from(api_keys).where(*mine))
        return found or 0

    async def of_account(self, account_id: UUID) -> Sequence[ApiKey]:
        """Return the keys of an account that are not revoked, locked."""
        mine = (api_keys.c.account_id == account_id, api_keys.c.revoked_at.is_(None))
        found = select(ApiKey).where(*mine).order_by(api_keys.c.id).with_for_update()
        return self._tracked(await self._session.scalars(found))


class SqlServiceAccounts(SqlRepository[ServiceAccount]):
    """Service accounts in `identity.service_accounts`. Every one read here is locked."""

    aggregate = ServiceAccount
    missing = ServiceAccountUnknown

    async def get_locked(self, id: UUID) -> ServiceAccount:
        """Return the service account, locked. Raises ServiceAccountUnknown."""
        found = await super().get_locked(id)
        if found.deleted_at is not None:
            raise self.missing("there is no such service account")
        return found

    async def of_secret(self, secret_id: UUID) -> ServiceAccount | None:
        """Return the service account that has or had the secret."""
        its = select(service_account_secrets.c.service_account_id).where(
            service_account_secrets.c.id == secret_id
        )
        found = select(ServiceAccount).where(service_accounts.c.id == its.scalar_subquery())
        return next(iter(self._tracked(await self._session.scalars(found.with_for_update()))), None)
