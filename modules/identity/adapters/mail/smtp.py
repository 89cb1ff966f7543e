"""Sends mails over SMTP (RFC 5321), each over a connection of its own."""

from __future__ import annotations

import asyncio
import logging
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from modules.identity.adapters.mail.letters import Letters
from modules.identity.ports.mail import Mail, Undeliverable
from shared_kernel.adapters.settings import WrongSettings
from shared_kernel.domain import Unavailable

log = logging.getLogger(__name__)

GOODBYE_SECONDS = 1.0
# Answers to a recipient that are about us: we have to sign in first, or to encrypt.
OURS = frozenset({530, 534, 535, 538})


class Security(StrEnum):
    """How the connection is encrypted: after a greeting in the clear, from its start, or not."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """The server that takes our mails, and how long it may take over one.

    `ca_file` holds the authorities to trust instead of the system's. No host: there is none.
    """

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    seconds: float
    ca_file: Path | None = None


class SmtpMailer:
    """Hands each mail to a server.

    What a server refuses about the mail or its recipient with a 5xx is refused for good.
    Everything else may pass: the server away or slow, a 4xx, and what is wrong with our own
    settings (our certificate authorities, our password, our sender), so that no mail is lost
    while somebody corrects them.
    """

    def __init__(self, letters: Letters, server: SmtpServer, sender: str) -> None:
        """Raise WrongSettings when the certificate authorities cannot be read."""
        self._letters, self._server, self._sender = letters, server, sender
        self._tls = _tls(server)

    async def send(self, message: Mail) -> None:
        """Return once the server has accepted the mail. Raises Unavailable and Undeliverable."""
        written = self._letters.message(message)
        try:
            await self._deliver(message.to, written)
        except (SMTPRecipientsRefused, SMTPResponseException) as error:
            # Their texts repeat the address, so they must not be seen as the cause.
            raise _refusal(error) from None
        except (SMTPException, OSError, TimeoutError) as error:
            kind = type(error).__name__
            raise Unavailable(f"the mail server cannot be used ({kind})", retry_after=5) from None
        log.info("mail %s was accepted", message.template.value)

    async def _deliver(self, to: str, written: EmailMessage) -> None:
        client = self._client()
        try:
            async with asyncio.timeout(self._server.seconds):
                await client.connect()
                await client.sendmail(self._sender, to, written.as_bytes())
            # It is accepted: whatever goes wrong with a goodbye must not have it sent again.
            with suppress(SMTPException, OSError, TimeoutError):
                await client.quit(timeout=GOODBYE_SECONDS)
        finally:
            client.close()

    def _client(self) -> SMTP:
        server = self._server
        return SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            local_hostname=self._sender.rpartition("@")[2],  # asking for our own name may block
            timeout=server.seconds,
            use_tls=server.security == Security.TLS,
            start_tls=server.security == Security.STARTTLS,
            tls_context=self._tls,
        )


def _tls(server: SmtpServer) -> ssl.SSLContext | None:
    if server.security == Security.NONE:
        return None
    try:
        return ssl.create_default_context(cafile=server.ca_file)
    except OSError:
        raise WrongSettings(
            ["IDENTITY_SMTP_CA_FILE: holds no certificates that can be read"]
        ) from None


def _refusal(error: SMTPRecipientsRefused | SMTPResponseException) -> Exception:
    code = error.recipients[0].code if isinstance(error, SMTPRecipientsRefused) else error.code
    about_the_mail = isinstance(error, SMTPRecipientsRefused | SMTPDataError)
    if about_the_mail and 500 <= code < 600 and code not in OURS:
        return Undeliverable(code)
    return Unavailable(f"the mail server answered {code}", retry_after=5)
