"""What access keeps about a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from modules.access.application.queries import AccessQueries, AssignmentView
from shared_kernel.application import Page, Slice
from shared_kernel.application.personal_data import every
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True)
class RolesOfAccount:
    """The roles somebody holds."""

    queries: AccessQueries

    async def of(self, account_id: AccountId) -> Mapping[str, object]:
        """Return them by topic."""

        async def read(part: Slice) -> Page[AssignmentView]:
            return await self.queries.assignments(account_id, None, part)

        return {"roles": await every(read)}
