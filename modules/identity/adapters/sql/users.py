"""What administrators see of accounts, read from their tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, ColumnElement, String, Uuid, bindparam, exists, func, select

from modules.identity.adapters.sql.reads import IS_VERIFIED, LIVE_SESSIONS
from modules.identity.adapters.sql.tables import (
    accounts,
    api_keys,
    authenticators,
    federated_identities,
    passkeys,
    recovery_codes,
    sessions,
)
from modules.identity.application.queries import SessionView
from modules.identity.application.users import (
    SignInView,
    UserFilter,
    UserSort,
    UserSummary,
    UserView,
)
from modules.identity.domain.account import AccountUnknown
from modules.identity.domain.session import SessionLimits
from shared_kernel.adapters.sql import Database, Listing, Query
from shared_kernel.application import Caller, Page, Slice

ID, ACCOUNT = accounts.c.id, sessions.c.account_id
HAS_ID = accounts.c.id == bindparam("id", type_=Uuid())


def _providers() -> ColumnElement[Sequence[str]]:
    linked = federated_identities.c
    named = select(linked.provider).where(linked.account_id == ID).distinct()
    return func.array(named.order_by(linked.provider).scalar_subquery(), type_=ARRAY(String))


def _count(of: ColumnElement[UUID], *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    counted = select(func.count()).where(of == ID, *conditions)
    return counted.correlate(accounts).scalar_subquery()


_summary = select(
    ID,
    accounts.c.version,
    accounts.c.email,
    IS_VERIFIED.label("verified"),
    accounts.c.display_name,
    accounts.c.locale,
    accounts.c.status,
    accounts.c.registered_at,
    accounts.c.closed_at,
)

USERS = Listing(
    _summary,
    UserSummary,
    id=ID,
    filters={
        "email": accounts.c.email_normalized == bindparam("email"),
        "email_prefix": accounts.c.email_normalized.like(bindparam("email_prefix")),
        "status": accounts.c.status == bindparam("status"),
        "verified": bindparam("verified", type_=Boolean()) == IS_VERIFIED,
    },
    sorts={"registered_at": accounts.c.registered_at, "email": accounts.c.email_normalized},
)


def _user(*row: Any) -> UserView:
    *profile, has_password, has_app, passkeys_held, providers, codes, keys = row
    keyring = ["passkey"] if passkeys_held else []
    ways_in = [*(["password"] if has_password else []), *keyring, *providers]
    second_factors = [*(["otp"] if has_app else []), *keyring]
    cells: list[Any] = [*profile, ways_in, second_factors, codes, keys]
    return UserView(*cells)


USER = Query(
    _summary.add_columns(
        accounts.c.password_changed_at,
        accounts.c.password_hash.is_not(None),
        exists()
        .where(authenticators.c.account_id == ID, authenticators.c.confirmed_at.is_not(None))
        .correlate(accounts),
        _count(passkeys.c.account_id),
        _providers(),
        _count(recovery_codes.c.account_id),
        _count(api_keys.c.account_id, api_keys.c.revoked_at.is_(None)),
    ).where(HAS_ID),
    _user,
)


def _exists(id: UUID) -> UUID:
    return id


KNOWN = Query(select(ID).where(HAS_ID), _exists)

SIGN_INS = Listing(
    select(
        sessions.c.id,
        sessions.c.started_at,
        sessions.c.last_used_at,
        sessions.c.expires_at,
        sessions.c.ended_at,
        sessions.c.end_reason,
        sessions.c.address,
        sessions.c.user_agent,
        sessions.c.name,
        sessions.c.methods,
        sessions.c.impersonator_id,
    ),
    SignInView,
    id=sessions.c.id,
    filters={"account_id": bindparam("account_id", type_=Uuid()) == ACCOUNT},
    sorts={"started_at": sessions.c.started_at},
)


class SqlUserQueries:
    """Reads through the read pool."""

    def __init__(self, database: Database, limits: SessionLimits) -> None:
        self._reads, self._limits = database.reads, limits

    async def users(self, where: UserFilter, sort: UserSort, part: Slice) -> Page[UserSummary]:
        """Return accounts."""
        prefix = where.email_prefix
        conditions = {**asdict(where), "email_prefix": None if prefix is None else _begins(prefix)}
        return await USERS.page(self._reads, conditions, sort, part)

    async def user(self, account_id: UUID) -> UserView:
        """Return an account. Raises AccountUnknown."""
        found = await USER.first(self._reads, id=account_id)
        if found is None:
            raise _unknown()
        return found

    async def sessions_of(
        self, caller: Caller, account_id: UUID, *, at: datetime
    ) -> Sequence[SessionView]:
        """Return the live sessions of an account. Raises AccountUnknown."""
        await self._require(account_id)
        return await LIVE_SESSIONS.all(
            self._reads,
            account_id=account_id,
            current=caller.session_id,
            now=at,
            idle_since=at - self._limits.idle,
        )

    async def sign_ins(self, account_id: UUID, part: Slice) -> Page[SignInView]:
        """Return the sessions of an account, ended ones too. Raises AccountUnknown."""
        await self._require(account_id)
        return await SIGN_INS.page(self._reads, {"account_id": account_id}, "-started_at", part)

    async def _require(self, account_id: UUID) -> None:
        if await KNOWN.first(self._reads, id=account_id) is None:
            raise _unknown()


def _begins(prefix: str) -> str:
    r"""Return the pattern of what begins so: `%`, `_` and `\` mean themselves."""
    for special in ("\\", "%", "_"):
        prefix = prefix.replace(special, f"\\{special}")
    return f"{prefix}%"


def _unknown() -> AccountUnknown:
    return AccountUnknown("there is no such account")
