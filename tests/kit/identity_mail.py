"""Doubles of the ports of mail: nothing leaves the process."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from modules.identity.ports.mail import Mail, Recipient
from shared_kernel.domain import AccountId


@dataclass
class RecordedMails:
    """A mailer that keeps what it is given. `failures` are raised first, one for each mail."""

    sent: list[Mail] = field(default_factory=list[Mail])
    failures: deque[Exception] = field(default_factory=deque[Exception])

    async def send(self, message: Mail) -> None:
        if self.failures:
            raise self.failures.popleft()
        self.sent.append(message)


@dataclass
class RecipientsInMemory:
    """Knows those it was told of."""

    known: dict[AccountId, Recipient] = field(default_factory=dict[AccountId, Recipient])

    async def of(self, account_id: AccountId) -> Recipient | None:
        return self.known.get(account_id)
