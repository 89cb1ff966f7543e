"""An authenticator app: a seed that it shares with us."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self
from uuid import UUID

from modules.identity.domain.account import Account
from modules.identity.domain.second_factor import AuthenticatorExists, NoAuthenticator, WrongCode
from modules.identity.domain.totp import step_of
from modules.identity.public import SecondFactorAdded, SecondFactorRemoved
from shared_kernel.domain import Aggregate

TOTP = "totp"


@dataclass(eq=False, kw_only=True)
class Authenticator(Aggregate):
    """The one authenticator app of an account. Until it is confirmed it protects nothing.

    `last_step` is the time step of the code used last: neither that code nor an older one is
    taken again.
    """

    account_id: UUID
    sealed_seed: bytes = field(repr=False)
    added_at: datetime
    confirmed_at: datetime | None = None
    last_step: int | None = None
    last_used_at: datetime | None = None

    @classmethod
    def set_up(cls, account: Account, sealed_seed: bytes, *, at: datetime) -> Self:
        """Offer a seed to an app."""
        return cls(account_id=account.id, sealed_seed=sealed_seed, added_at=at)

    def offer(self, sealed_seed: bytes, *, at: datetime) -> None:
        """Offer another seed, as long as none is confirmed."""
        self.sealed_seed, self.added_at, self.last_step = sealed_seed, at, None

    def confirm(self, seed: bytes, code: str, *, at: datetime) -> None:
        """Protect the account from now on. Raises AuthenticatorExists and WrongCode."""
        if self.confirmed_at is not None:
            raise AuthenticatorExists("the authenticator app is confirmed already")
        self._take(seed, code, at=at)
        self.confirmed_at = at
        self.record(SecondFactorAdded(subject_id=self.account_id, occurred_at=at, method=TOTP))

    def use(self, seed: bytes, code: str, *, at: datetime) -> None:
        """Take a code, once. Raises WrongCode."""
        if self.confirmed_at is None:
            raise wrong_code()
        self._take(seed, code, at=at)

    def reseal(self, sealed_seed: bytes) -> None:
        """Keep the same seed under the key of today."""
        self.sealed_seed = sealed_seed

    def retire(self, *, at: datetime) -> None:
        """Protect the account no more. Raises NoAuthenticator."""
        if self.confirmed_at is None:
            raise NoAuthenticator("there is no authenticator app")
        self.drop(at=at)

    def drop(self, *, at: datetime) -> None:
        """Say that it is gone. One that was never confirmed protected nothing."""
        if self.confirmed_at is None:
            return
        self.record(SecondFactorRemoved(subject_id=self.account_id, occurred_at=at, method=TOTP))

    def _take(self, seed: bytes, code: str, *, at: datetime) -> None:
        step = step_of(seed, code, at=at, after=self.last_step)
        if step is None:
            raise wrong_code()
        self.last_step, self.last_used_at = step, at


def wrong_code() -> WrongCode:
    """Return the one refusal there is, whatever is wrong with a code."""
    return WrongCode("the code is wrong or was used before", field="/code")
