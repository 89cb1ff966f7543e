"""Doubles for what opens an account beside its password: API keys, identities at providers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from modules.identity.domain.account import Account
from modules.identity.domain.api_key import ApiKey, ApiKeyUnknown
from modules.identity.domain.federated import FederatedIdentity


class ApiKeysInMemory:
    """API keys, inside one transaction."""

    def __init__(self, kept: dict[UUID, ApiKey]) -> None:
        self._kept = kept
        self.added: list[ApiKey] = []

    def add(self, aggregate: ApiKey) -> None:
        self.added.append(aggregate)

    async def get_locked(self, id: UUID) -> ApiKey:
        try:
            return self._kept[id]
        except KeyError:
            raise ApiKeyUnknown("there is no such api key") from None

    async def count_of(self, account_id: UUID) -> int:
        return len(await self.of_account(account_id))

    async def of_account(self, account_id: UUID) -> Sequence[ApiKey]:
        mine = (one for one in self._kept.values() if one.account_id == account_id)
        return sorted((one for one in mine if one.revoked_at is None), key=lambda one: one.id)


class IdentitiesInMemory:
    """Identities at providers. They change at once, whatever becomes of the transaction."""

    def __init__(
        self, kept: dict[UUID, FederatedIdentity], accounts: Mapping[UUID, Account]
    ) -> None:
        self._kept, self._accounts = kept, accounts

    def add(self, aggregate: FederatedIdentity) -> None:
        self._kept[aggregate.id] = aggregate

    async def owner_of(self, issuer: str, subject: str) -> UUID | None:
        found = await self.opening(issuer, subject)
        return found[0].id if found is not None else None

    async def opening(self, issuer: str, subject: str) -> tuple[Account, FederatedIdentity] | None:
        same = (
            one for one in self._kept.values() if (one.issuer, one.subject) == (issuer, subject)
        )
        return next(((self._accounts[one.account_id], one) for one in same), None)

    async def of_account(self, account_id: UUID) -> Sequence[FederatedIdentity]:
        return [one for one in self._kept.values() if one.account_id == account_id]

    async def remove(self, aggregate: FederatedIdentity) -> None:
        del self._kept[aggregate.id]
