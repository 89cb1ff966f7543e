"""The mailer that the settings ask for."""

from __future__ import annotations

from modules.identity.adapters.mail.console import ConsoleMailer, NoMailer
from modules.identity.adapters.mail.letters import Letterhead, Letters
from modules.identity.adapters.mail.smtp import SmtpMailer, SmtpServer
from modules.identity.ports.mail import Mail, Mailer


class ConfiguredMailer:
    """Sends over SMTP where a server is named; prints in development.

    In production the settings refuse to name neither a server nor the wish to do without.
    """

    def __init__(
        self, letters: Letters, head: Letterhead, server: SmtpServer, *, without_mail: bool
    ) -> None:
        self._mailer: Mailer
        if server.host:
            self._mailer = SmtpMailer(letters, server, head.sender)
        else:
            self._mailer = NoMailer() if without_mail else ConsoleMailer(letters)

    async def send(self, message: Mail) -> None:
        """Send one mail. Raises Unavailable and Undeliverable."""
        await self._mailer.send(message)
