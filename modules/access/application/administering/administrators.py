"""How a system comes by its administrators."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from modules.access.application.administering.assignments import Register
from modules.access.application.queries import AccessQueries
from modules.access.ports import Begin, NewPassword, RoleGiven
from modules.access.public import ADMINISTRATOR, RoleAssignments
from modules.identity.public import AccountDirectory
from shared_kernel.application import Slice
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """Who became administrator. `password` is there when it was made up for them: show it once."""

    account_id: AccountId
    email: str
    is_new_account: bool
    password: str | None


@dataclass(frozen=True, slots=True)
class AppointAdministrator:
    """Makes the owner of an e-mail address an administrator, with an account if need be.

    Repeating it is safe: an account that exists keeps its password.
    """

    accounts: AccountDirectory
    assignments: RoleAssignments
    new_password: NewPassword

    async def __call__(self, email: str, password: str | None = None) -> Appointment:
        """Appoint. Raises what registering raises for a bad address or password."""
        found = await self.accounts.find(email)
        made_up = None if password or found else self.new_password()
        if found is None:
            account_id = await self.accounts.register(email, password or made_up or "")
        else:
            account_id = found.id
        await self.assignments.assign(account_id, ADMINISTRATOR)
        return Appointment(
            account_id=account_id,
            email=email,
            is_new_account=found is None,
            password=made_up,
        )


@dataclass(frozen=True, slots=True)
class KeepAdministrator:
    """Lets nobody close or suspend the last administrator's account (port `Departures`).

    As long as such an account leaves, no other does, and none loses the role: both would be sure
    that the other stays.
    """

    begin: Begin
    register: Register

    @asynccontextmanager
    async def allowed(self, account_id: AccountId) -> AsyncGenerator[None]:
        """Raise LastAdministrator."""
        async with self.begin() as tx:
            administers = await tx.assignments.of_role(account_id, ADMINISTRATOR) is not None
        if not administers:  # as most accounts: nobody waits for them
            yield
            return
        async with self.begin() as tx:
            await tx.keep([ADMINISTRATOR])
            if held := await tx.assignments.of_role(account_id, ADMINISTRATOR):
                role = RoleGiven(held.role_id, ADMINISTRATOR)
                await self.register.require_another(tx, held, role)
            yield


@dataclass(frozen=True, slots=True)
class AppointFirstAdministrator:
    """Gives a new installation its first administrator, unless it has one."""

    appoint: AppointAdministrator
    queries: AccessQueries
    email: str

    async def __call__(self) -> Sequence[str]:
        """Return the lines to show on the first run, the password among them."""
        held = await self.queries.assignments(None, ADMINISTRATOR, Slice(limit=1))
        if held.items:
            return []
        appointed = await self.appoint(self.email)
        if appointed.password is None:
            return [f"{appointed.email} is administrator now, with the password it had"]
        return [
            f"first administrator: {appointed.email}",
            f"password (shown only now): {appointed.password}",
        ]
