"""Which second factors protect an account, by one select for all kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, literal, or_, select

from modules.identity.adapters.sql.tables.passkeys import passkeys
from modules.identity.adapters.sql.tables.second_factors import authenticators, recovery_codes
from modules.identity.domain.passkey import PASSKEY
from modules.identity.domain.second_factor import OTP, RECOVERY_CODE, STAND_INS


def _kinds(account_id: UUID | ColumnElement[UUID]) -> Mapping[str, ColumnElement[bool]]:
    """Return when an account has each kind of second factor. A new kind adds its own here."""
    app, codes, keys = authenticators.c, recovery_codes.c, passkeys.c
    confirmed = app.confirmed_at.is_not(None)
    return {
        OTP: exists(select(app.id).where(app.account_id == account_id, confirmed)),
        RECOVERY_CODE: exists(select(codes.account_id).where(codes.account_id == account_id)),
        PASSKEY: exists(select(keys.id).where(keys.account_id == account_id)),
    }


def factors_of(account_id: UUID | ColumnElement[UUID]) -> Sequence[Select[str]]:
    """Return one select for each kind: its name where the account has it."""
    kinds = _kinds(account_id).items()
    return [select(literal(kind).label("kind")).where(held) for kind, held in kinds]


def is_protected(account_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Return whether a second factor is asked for; what stands in for others is not by itself."""
    kinds = _kinds(account_id).items()
    return or_(*[held for kind, held in kinds if kind not in STAND_INS])
