"""What becomes of rights when their holder is gone."""

from __future__ import annotations

from dataclasses import dataclass

from modules.access.application.administering.assignments import Register
from modules.access.application.rulebook.changing import ChangePolicy, of_holders
from modules.access.ports import Begin
from modules.access.public import ADMINISTRATOR
from modules.identity.public import AccountClosed
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True)
class WithdrawRolesOfClosedAccount:
    """A closed account holds no role, and nothing is shared with it.

    Not even the last administrator's role: the account is gone already, and counting it as one
    would let the last living administrator be removed. `app user create-admin` appoints another.
    """

    begin: Begin
    change: ChangePolicy
    register: Register

    async def __call__(self, event: AccountClosed) -> None:
        account_id = AccountId(event.subject_id)
        async with self.begin() as tx:
            held = await tx.assignments.held_by(account_id)
            if not held and not await tx.grants.given_to(account_id):
                return
        async with self.change() as tx:
            await tx.keep(of_holders(account_id, ADMINISTRATOR))
            held = await tx.assignments.held_by(account_id)
            roles = (await tx.rules()).of_ids({one.role_id for one in held})
            by_id = {role.id: role for role in roles}
            for one in held:
                await self.register.erase(tx, one, by_id[one.role_id])
            for given in await tx.grants.given_to(account_id):
                await tx.count_up()
                await tx.grants.remove(given)
