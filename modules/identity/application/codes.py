"""Codes, as people type them: an authenticator app's, or recovery codes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Annotated

from annotated_types import MaxLen, MinLen

from modules.identity.domain.account import Account
from modules.identity.domain.authenticator import wrong_code
from modules.identity.domain.recovery_code import RecoveryCode
from modules.identity.domain.second_factor import OTP
from modules.identity.domain.totp import looks_like_a_code
from modules.identity.ports.second_factor import SecondFactorTransaction, SeedVault
from modules.identity.public import RecoveryCodeUsed
from shared_kernel.application import Clock

Code = Annotated[str, MinLen(6), MaxLen(32)]


@dataclass(frozen=True, slots=True)
class Codes:
    """Checks codes: six digits are an app's, everything else is a recovery code."""

    clock: Clock
    seeds: SeedVault

    def shown(self, code: str) -> CodeProof:
        """Return the proof that a code is, once it is verified."""
        return CodeProof(self, code)

    async def verify(self, tx: SecondFactorTransaction, account: Account, code: str) -> None:
        """Use a code of a locked account up. Raises WrongCode."""
        if looks_like_a_code(code):
            await self._use_app(tx, account, code)
        else:
            await self._use_recovery_code(tx, account, code)

    async def _use_app(self, tx: SecondFactorTransaction, account: Account, code: str) -> None:
        app = await tx.authenticators.of(account.id)
        if app is None:
            raise wrong_code()
        seed = self.seeds.open(app.sealed_seed, account.id)
        app.use(seed.raw, code, at=self.clock.now())
        if seed.outdated:
            app.reseal(self.seeds.seal(seed.raw, account.id))
        tx.authenticators.used(app)

    async def _use_recovery_code(
        self, tx: SecondFactorTransaction, account: Account, text: str
    ) -> None:
        code = RecoveryCode.read(text)
        if code is None or not await tx.recovery_codes.use(account.id, code.hash):
            raise wrong_code()
        left = await tx.recovery_codes.count(account.id)
        tx.publish(RecoveryCodeUsed(subject_id=account.id, occurred_at=self.clock.now(), left=left))


@dataclass(frozen=True, slots=True)
class CodeProof:
    """A code that somebody shows."""

    codes: Codes
    code: str = field(repr=False)

    async def verify(self, tx: SecondFactorTransaction, account: Account) -> Collection[str]:
        """Use the code up, and return its method. Raises WrongCode."""
        await self.codes.verify(tx, account, self.code)
        return [OTP]
