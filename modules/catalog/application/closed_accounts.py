"""What becomes of the products of an account that was closed, or erased."""

from __future__ import annotations

from dataclasses import dataclass

from modules.catalog.ports import Transaction
from modules.identity.public import AccountClosed, AccountErased
from shared_kernel.application import Clock, InSteps
from shared_kernel.domain import AccountId

BATCH = 200


@dataclass(frozen=True, slots=True)
class WithdrawProductsOfClosedAccount(InSteps):
    """Nobody sells for an account that is gone.

    Idempotent: what is withdrawn is not found again. Each batch is a transaction of its own, so
    that thousands of products neither hold locks for long nor start over after a failure.
    """

    begin: Transaction
    clock: Clock

    async def __call__(self, event: AccountClosed) -> None:
        while await self._withdraw_some(AccountId(event.subject_id)) == BATCH:
            pass

    async def _withdraw_some(self, owner_id: AccountId) -> int:
        async with self.begin() as tx:
            found = await tx.products.living_of(owner_id, limit=BATCH)
            for product in found:
                product.withdraw(at=self.clock.now())
        return len(found)


@dataclass(frozen=True, slots=True)
class ForgetErasedOwner(InSteps):
    """Lets no product say any more whose it was.

    It withdraws them, too: it may come before the news that the account was closed, which then
    finds none.
    """

    begin: Transaction
    clock: Clock

    async def __call__(self, event: AccountErased) -> None:
        while await self._forget_some(AccountId(event.subject_id)) == BATCH:
            pass

    async def _forget_some(self, owner_id: AccountId) -> int:
        async with self.begin() as tx:
            found = await tx.products.owned_by(owner_id, limit=BATCH)
            for product in found:
                product.forget_owner(at=self.clock.now())
        return len(found)
