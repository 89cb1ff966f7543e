"""What access keeps about a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from modules.access.application.queries import AccessQueries, AssignmentView, GrantView
from shared_kernel.application import Page, Slice
from shared_kernel.application.personal_data import every
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True)
class RolesOfAccount:
    """The roles somebody holds, and what was shared with them."""

    queries: AccessQueries

    async def of(self, account_id: AccountId) -> Mapping[str, object]:
        """Return them by topic."""

        async def roles(part: Slice) -> Page[AssignmentView]:
            return await self.queries.assignments(account_id, None, part)

        async def grants(part: Slice) -> Page[GrantView]:
            return await self.queries.grants_to(account_id, part)

        return {"roles": await every(roles), "grants": await every(grants)}
