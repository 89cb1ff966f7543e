"""What becomes of mails where no server takes them."""

from __future__ import annotations

import logging
import sys

from modules.identity.adapters.mail.letters import Letters
from modules.identity.ports.mail import Mail

log = logging.getLogger(__name__)

RULE = "-" * 72


class ConsoleMailer:
    """Prints mails, links and all, to standard error: for development only."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    async def send(self, message: Mail) -> None:
        """Print one mail as its reader would see it."""
        letter = self._letters.write(message)
        sys.stderr.write(f"{RULE}\nMail to {message.to}\n{letter.subject}\n\n{letter.text}{RULE}\n")


class NoMailer:
    """Sends nothing: somebody decided that this installation does without mail."""

    async def send(self, message: Mail) -> None:
        """Note what was not sent."""
        log.warning("mail %s was not sent: IDENTITY_WITHOUT_MAIL is set", message.template.value)
