"""Where the mails of an application go whose clock is moved: a mail server would not wait."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from modules.identity.domain.mail import Template
from modules.identity.ports.mail import Mail


@dataclass
class Postbox:
    """Keeps what is mailed."""

    mails: asyncio.Queue[Mail] = field(default_factory=asyncio.Queue[Mail])

    async def send(self, message: Mail) -> None:
        await self.mails.put(message)

    async def next(self, template: Template, to: str) -> Mail:
        """Return the next mail of a kind to an address, when it comes."""
        async with asyncio.timeout(10):
            while True:
                mail = await self.mails.get()
                if (mail.template, mail.to) == (template, to):
                    return mail
