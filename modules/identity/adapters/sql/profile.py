"""One's own account, as it is shown to its owner."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Uuid, bindparam, select

from modules.identity.adapters.sql.reads import IS_VERIFIED
from modules.identity.adapters.sql.tables import accounts
from modules.identity.application.profile import ProfileView
from modules.identity.domain.account import AccountUnknown
from shared_kernel.adapters.sql import Database, Query
from shared_kernel.application import Caller

PROFILE = Query(
    select(
        accounts.c.id,
        accounts.c.version,
        accounts.c.email,
        IS_VERIFIED.label("email_verified"),
        accounts.c.display_name,
        accounts.c.locale,
        accounts.c.registered_at,
    ).where(
        accounts.c.id == bindparam("id", type_=Uuid()),
        accounts.c.closed_at.is_(None),
    ),
    ProfileView,
)


class SqlProfileQueries:
    """Reads profiles through the read pool."""

    def __init__(self, database: Database) -> None:
        self._reads = database.reads

    async def profile(self, caller: Caller) -> ProfileView:
        """Return the caller's account. Raises AccountUnknown."""
        found = await PROFILE.first(self._reads, id=caller.id)
        if found is None:
            raise AccountUnknown("there is no such account")
        if caller.impersonator_id is None:
            return found
        return replace(found, impersonated_by=caller.impersonator_id)
