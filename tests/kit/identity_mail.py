"""Doubles of the ports of mail: nothing leaves the process."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from modules.identity.ports.mail import Mail, Recipient
from shared_kernel.domain import AccountId


@dataclass
class RecordedMails:
    """A mailer that keeps what it is given. `failures` are raised first, one for each mail."""

    sent: list[Mail] = field(default_factory=list[Mail])
    failures: deque[Exception] = field(default_factory=deque[Exception])
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def send(self, message: Mail) -> None:
        if self.failures:
            raise self.failures.popleft()
        async with self._news:
            self.sent.append(message)
            self._news.notify_all()

    async def next(self, to: str, *, within: float = 5.0) -> Mail:
        """Return the first mail to an address; wait for it. Raises TimeoutError."""
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(lambda: any(one.to == to for one in self.sent))
        return next(one for one in self.sent if one.to == to)


@dataclass
class RecipientsInMemory:
    """Knows those it was told of."""

    known: dict[AccountId, Recipient] = field(default_factory=dict[AccountId, Recipient])

    async def of(self, account_id: AccountId) -> Recipient | None:
        return self.known.get(account_id)
