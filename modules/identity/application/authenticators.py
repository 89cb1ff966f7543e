"""What the owner of an account does with authenticator app and recovery codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from modules.identity.application.codes import Code
from modules.identity.application.protection import Protection, own_account, require_proved
from modules.identity.domain.account import Account
from modules.identity.domain.authenticator import Authenticator
from modules.identity.domain.recovery_code import RecoveryCode
from modules.identity.domain.second_factor import (
    AuthenticatorExists,
    NoAuthenticator,
    NoSecondFactor,
)
from modules.identity.ports.second_factor import (
    BeginSecondFactor,
    SecondFactorSecrets,
    SecondFactorTransaction,
    SeedVault,
    SetupLink,
    SetupLinks,
)
from modules.identity.public import AccountClosed, RecoveryCodesReplaced
from shared_kernel.application import AuditEntry, Caller, Clock, Command


class ConfirmAuthenticator(Command):
    """Show that the app makes the right codes."""

    code: Code = field(repr=False)


@dataclass(frozen=True, slots=True)
class AuthenticatorView:
    """The authenticator app that protects an account."""

    confirmed_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class SecondFactorsView:
    """What protects an account beside its password. `totp`: the authenticator app, if any."""

    totp: AuthenticatorView | None
    recovery_codes_left: int


class SecondFactorQueries(Protocol):
    """Reads, outside any transaction."""

    async def second_factors(self, caller: Caller) -> SecondFactorsView:
        """Return what protects the caller's account."""
        ...


@dataclass(frozen=True, slots=True)
class AuthenticatorService:
    """Sets up the one authenticator app of an account, and removes it."""

    begin: BeginSecondFactor
    clock: Clock
    seeds: SeedVault
    secrets: SecondFactorSecrets
    links: SetupLinks
    protection: Protection

    async def set_up(self, caller: Caller) -> SetupLink:
        """Return a new seed for an app; it protects nothing until a code confirms it.

        Raises AuthenticatorExists, and InsufficientAuthentication where another factor protects
        the account and was not proved.
        """
        seed, now = self.secrets.seed(), self.clock.now()
        async with self.begin() as tx:
            account = await own_account(tx, caller)
            await require_proved(tx, caller)
            await self._offer(tx, account, self.seeds.seal(seed, account.id), now)
            tx.audit(
                AuditEntry(
                    action="identity.authenticator_offered",
                    occurred_at=now,
                    subject_id=account.id,
                )
            )
            return self.links.of(seed, account.email)

    async def confirm(self, caller: Caller, code: str) -> Sequence[RecoveryCode]:
        """Protect the account, and return its recovery codes unless it has some.

        Raises WrongCode, NoAuthenticator, AuthenticatorExists.
        """
        async with self.begin() as tx:
            account = await own_account(tx, caller)
            await require_proved(tx, caller)
            app = await self._app(tx, account)
            seed = self.seeds.open(app.sealed_seed, account.id)
            app.confirm(seed.raw, code, at=self.clock.now())
            return await self.protection.begin(tx, caller)

    async def remove(self, caller: Caller) -> None:
        """Protect the account by the app no more. Raises NoAuthenticator."""
        async with self.begin() as tx:
            account = await own_account(tx, caller)
            await require_proved(tx, caller)
            app = await self._app(tx, account)
            app.retire(at=self.clock.now())
            await tx.authenticators.remove(app)
            await self.protection.end(tx, caller)

    async def _offer(
        self, tx: SecondFactorTransaction, account: Account, sealed: bytes, at: datetime
    ) -> None:
        app = await tx.authenticators.of(account.id)
        if app is None:
            tx.authenticators.add(Authenticator.set_up(account, sealed, at=at))
        elif app.confirmed_at is None:
            app.offer(sealed, at=at)
        else:
            raise AuthenticatorExists("there is an authenticator app: remove it first")

    async def _app(self, tx: SecondFactorTransaction, account: Account) -> Authenticator:
        app = await tx.authenticators.of(account.id)
        if app is None:
            raise NoAuthenticator("there is no authenticator app")
        return app


@dataclass(frozen=True, slots=True)
class RenewRecoveryCodes:
    """Gives a protected account other recovery codes."""

    begin: BeginSecondFactor
    clock: Clock
    protection: Protection

    async def __call__(self, caller: Caller) -> Sequence[RecoveryCode]:
        """Return the codes. Raises NoSecondFactor and InsufficientAuthentication."""
        async with self.begin() as tx:
            account = await own_account(tx, caller)
            await require_proved(tx, caller)
            if not await tx.second_factors.of(account.id):
                raise NoSecondFactor("set up a second factor first")
            now = self.clock.now()
            tx.publish(RecoveryCodesReplaced(subject_id=account.id, occurred_at=now))
            return await self.protection.renew(tx, caller)


@dataclass(frozen=True, slots=True)
class ForgetSecondFactors:
    """Erases what protected a closed account: it opens nothing any more."""

    begin: BeginSecondFactor

    async def __call__(self, event: AccountClosed) -> None:
        """Remove it. Once more changes nothing."""
        async with self.begin() as tx:
            app = await tx.authenticators.of(event.subject_id)
            if app is not None:
                await tx.authenticators.remove(app)
            tx.recovery_codes.replace(event.subject_id, [])
            tx.pending_sign_ins.forget_of(event.subject_id)
