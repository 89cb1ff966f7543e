"""What is read of API keys and service accounts, outside any transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from modules.identity.adapters.sql.reads import IS_VERIFIED
from modules.identity.adapters.sql.tables import (
    accounts,
    api_keys,
    service_account_secrets,
    service_accounts,
)
from modules.identity.application.api_keys import ApiKeyView
from modules.identity.application.service_accounts import (
    SecretView,
    ServiceAccountSummary,
    ServiceAccountView,
)
from modules.identity.domain.account import AccountStatus
from modules.identity.domain.api_key import ApiKeyUnknown
from modules.identity.domain.api_secret import KnownSecret, SecretKind
from modules.identity.domain.service_account import ServiceAccountUnknown
from shared_kernel.adapters.sql import Database, Listing, Query
from shared_kernel.application import Caller, Page, Slice

KEY, SECRET, SERVICE = api_keys.c, service_account_secrets.c, service_accounts.c
HAS_ID = bindparam("id", type_=Uuid())


KNOWN = {
    SecretKind.PERSONAL: Query(
        select(
            KEY.id,
            KEY.account_id,
            KEY.secret_hash,
            KEY.expires_at,
            KEY.revoked_at,
            KEY.last_used_at,
            accounts.c.status == AccountStatus.ACTIVE,
            KEY.previous_hash,
            KEY.previous_until,
            KEY.scope,
            KEY.methods,
            IS_VERIFIED,
        )
        .select_from(api_keys.join(accounts))
        .where(KEY.id == HAS_ID),
        KnownSecret,
    ),
    SecretKind.SERVICE: Query(
        select(
            SECRET.id,
            SECRET.service_account_id,
            SECRET.secret_hash,
            SECRET.expires_at,
            SECRET.revoked_at,
            SECRET.last_used_at,
            SERVICE.disabled_at.is_(None) & SERVICE.deleted_at.is_(None),
        )
        .select_from(service_account_secrets.join(service_accounts))
        .where(SECRET.id == HAS_ID),
        KnownSecret,
    ),
}

_keys = select(
    KEY.id,
    KEY.version,
    KEY.name,
    KEY.scope,
    KEY.created_at,
    KEY.expires_at,
    KEY.last_used_at,
    KEY.previous_until,
).where(KEY.account_id == bindparam("account_id", type_=Uuid()), KEY.revoked_at.is_(None))

KEYS = Query(_keys.order_by(KEY.created_at.desc(), KEY.id.desc()), ApiKeyView)
ONE_KEY = Query(_keys.where(KEY.id == HAS_ID), ApiKeyView)

_service_accounts = select(
    SERVICE.id,
    SERVICE.version,
    SERVICE.name,
    SERVICE.description,
    SERVICE.created_by,
    SERVICE.created_at,
    SERVICE.disabled_at.is_not(None),
).where(SERVICE.deleted_at.is_(None))

SERVICE_ACCOUNTS = Listing(
    _service_accounts,
    ServiceAccountSummary,
    id=SERVICE.id,
    filters={},
    sorts={"name": SERVICE.name},
)
ONE_SERVICE_ACCOUNT = Query(_service_accounts.where(SERVICE.id == HAS_ID), ServiceAccountSummary)


def _with_secret(*row: Any) -> tuple[ServiceAccountSummary, SecretView | None]:
    *account, secret_id, created_at, expires_at, last_used_at = row
    secret = SecretView(secret_id, created_at, expires_at, last_used_at) if secret_id else None
    return ServiceAccountSummary(*account), secret


WITH_SECRETS = Query(
    _service_accounts.add_columns(
        SECRET.id, SECRET.created_at, SECRET.expires_at, SECRET.last_used_at
    )
    .outerjoin(
        service_account_secrets,
        (SECRET.service_account_id == SERVICE.id) & SECRET.revoked_at.is_(None),
    )
    .where(SERVICE.id == HAS_ID)
    .order_by(SECRET.created_at.desc(), SECRET.id.desc()),
    _with_secret,
)


class SqlSecretRecords:
    """Reads what a presented key is checked against: one row by its primary key, and its owner."""

    def __init__(self, database: Database) -> None:
        self._reads = database.reads

    async def find(self, kind: SecretKind, id: UUID) -> KnownSecret | None:
        """Return what is stored of a key."""
        return await KNOWN[kind].first(self._reads, id=id)


class SqlKeyQueries:
    """Shows keys to their owners, and service accounts to administrators."""

    def __init__(self, database: Database) -> None:
        self._reads = database.reads

    async def api_key(self, caller: Caller, key_id: UUID) -> ApiKeyView:
        """Return a key of the caller's that is not revoked. Raises ApiKeyUnknown."""
        found = await ONE_KEY.first(self._reads, account_id=caller.id, id=key_id)
        if found is None:
            raise ApiKeyUnknown("there is no such api key")
        return found

    async def api_keys(self, caller: Caller) -> Sequence[ApiKeyView]:
        """Return the caller's keys that are not revoked, the newest first."""
        return await KEYS.all(self._reads, account_id=caller.id)

    async def service_account(self, id: UUID) -> ServiceAccountView:
        """Return a service account. Raises ServiceAccountUnknown."""
        rows = await WITH_SECRETS.all(self._reads, id=id)
        if not rows:
            raise ServiceAccountUnknown("there is no such service account")
        found = rows[0][0]
        return ServiceAccountView(
            found.id,
            found.version,
            found.name,
            found.description,
            found.created_by,
            found.created_at,
            found.disabled,
            [secret for _, secret in rows if secret is not None],
        )

    async def service_accounts(self, part: Slice) -> Page[ServiceAccountSummary]:
        """Return the service accounts by name."""
        return await SERVICE_ACCOUNTS.page(self._reads, {}, "name", part)

    async def is_service_account(self, id: UUID) -> bool:
        """Say whether there is a service account of this id that is not deleted."""
        return await ONE_SERVICE_ACCOUNT.first(self._reads, id=id) is not None
