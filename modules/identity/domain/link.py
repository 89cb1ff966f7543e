"""Links that are mailed: whoever opens one reads the mail of an address."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from modules.identity.domain.account import Account, AccountStatus, EmailAddress
from modules.identity.domain.opaque import SecretToken
from shared_kernel.domain import Invalid


class LinkRefused(Invalid):
    """The link was used before, has expired, is overtaken by a change, or is none of ours."""


class Purpose(StrEnum):
    """What a link is for. It is good for nothing else."""

    VERIFY = "verify"
    RESET = "reset"
    CHANGE_ADDRESS = "change_address"
    UNDO_CHANGE = "undo_change"


LASTS = {
    Purpose.VERIFY: timedelta(hours=24),
    Purpose.RESET: timedelta(hours=1),
    Purpose.CHANGE_ADDRESS: timedelta(hours=24),
    # Whoever lost an account to a thief may be away from their mail for days.
    Purpose.UNDO_CHANGE: timedelta(days=7),
}

SUSPECTED = timedelta(days=7)
"""Whatever was added to an account so long before a change of its address may be the work of
whoever changed it."""

OVERTAKEN = (Purpose.VERIFY, Purpose.RESET, Purpose.CHANGE_ADDRESS)
"""What a new password or address makes worthless. Undoing a change has to outlive the next one."""


class LinkToken(SecretToken):
    """What a link carries."""

    PREFIX: ClassVar[str] = "app_link_"

    @classmethod
    def refusal(cls) -> LinkRefused:
        """Return the answer to every link that is not good."""
        return refused()


@dataclass(frozen=True, slots=True)
class Link:
    """One link, good for one use until it expires or is overtaken.

    `email` and `email_normalized` are the address it is mailed to.
    """

    id: UUID
    account_id: UUID
    purpose: Purpose
    token_hash: bytes = field(repr=False)
    email: str = field(repr=False)
    email_normalized: str = field(repr=False)
    expires_at: datetime

    @property
    def address(self) -> EmailAddress:
        """The address it is mailed to."""
        return EmailAddress(self.email, self.email_normalized)

    @property
    def asked_at(self) -> datetime:
        """When it was asked for; of one that undoes a change, when that was."""
        return self.expires_at - LASTS[self.purpose]

    def fits(self, account: Account) -> bool:
        """Say whether the account is in use and, where it matters, still has the address."""
        moved = account.email_normalized != self.email_normalized
        bound = self.purpose in {Purpose.VERIFY, Purpose.RESET}
        return account.status is AccountStatus.ACTIVE and not (bound and moved)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRequest:
    """Somebody asked, at a moment, for a link to be mailed. It lasts from then on.

    `to` is the address it goes to, where that is not the account's.
    """

    id: UUID
    purpose: Purpose
    asked_at: datetime
    to: EmailAddress | None = None

    def link_for(self, account: Account, token: LinkToken, *, at: datetime) -> Link | None:
        """Return the link to mail, or None when it would be good for nothing.

        An address to verify whose account has no password gets a link to choose one: see
        `Account.contest`.
        """
        purpose, to = self.purpose, self.to or EmailAddress(account.email, account.email_normalized)
        if purpose is Purpose.VERIFY:
            if account.is_verified:
                return None
            if account.password_hash is None and account.email_verified_at is None:
                purpose = Purpose.RESET
        until = self.asked_at + LASTS[purpose]
        link = Link(self.id, account.id, purpose, token.hash, to.written, to.normalized, until)
        wanted = link.fits(account) and at < until and not self._is_overtaken(account)
        return link if wanted else None

    def _is_overtaken(self, account: Account) -> bool:
        changed = account.password_changed_at
        return self.purpose in OVERTAKEN and changed is not None and self.asked_at <= changed


def refused() -> LinkRefused:
    """Return the one answer to every link that is not good."""
    return LinkRefused("the link is not valid (any more); ask for another", field="/token")
