"""A mail server that keeps what it gets, and can be told to refuse or to dawdle."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast
from urllib.parse import unquote, urlsplit
from warnings import catch_warnings

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

LINK = re.compile(r"https?://[^\s<>\"]+")
OK = "250 OK"


@dataclass(frozen=True, slots=True)
class Received:
    """One mail as it arrived. `sender` and `to` are the envelope's."""

    sender: str
    to: str
    message: EmailMessage
    encrypted: bool
    user: str | None

    @property
    def subject(self) -> str:
        """The subject, decoded."""
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """The plain text."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The HTML."""
        return self._part("html")

    @property
    def link(self) -> str:
        """The one link of the text. Fails when there is none, or more than one."""
        (found,) = set(LINK.findall(self.text))
        return cast("str", found)

    @property
    def token(self) -> str:
        """The token the link carries behind its `#token=`."""
        name, _, value = urlsplit(self.link).fragment.partition("=")
        assert name == "token", self.link
        return unquote(value)

    def _part(self, subtype: str) -> str:
        part = self.message.get_body((subtype,))
        assert part is not None, f"the mail has no {subtype} part"
        return cast("str", part.get_content())


@dataclass
class Mailbox:
    """Everybody's mail. `rcpt` and `data` are answers to give, once each, instead of accepting.

    delay       how many seconds the server takes over a recipient
    data_delay  ... over a mail
    quit_delay  ... over a goodbye
    stuck       recipients it does not answer about, as long as they are named here
    user        the name and password it asks for
    attempts    who tried to sign in
    """

    port: int = 0
    delay: float = 0.0
    data_delay: float = 0.0
    quit_delay: float = 0.0
    stuck: set[str] = field(default_factory=set[str])
    user: tuple[str, str] | None = None
    rcpt: deque[str] = field(default_factory=deque[str])
    data: deque[str] = field(default_factory=deque[str])
    received: list[Received] = field(default_factory=list[Received])
    attempts: list[str] = field(default_factory=list[str])
    _taken: set[int] = field(default_factory=set[int])
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def settings(self) -> Mapping[str, Any]:
        """Settings of identity under which mails arrive here."""
        return {"smtp_host": "127.0.0.1", "smtp_port": self.port, "smtp_security": "none"}

    async def next(self, to: str, *, subject: str | None = None, within: float = 5.0) -> Received:
        """Return the oldest mail for an address that was not returned yet; wait for it.

        With a `subject`, others are left for later. Raises TimeoutError after so many seconds.
        """
        async with asyncio.timeout(within), self._news:
            while (found := self._untaken(to, subject)) is None:
                await self._news.wait()
            self._taken.add(found)
            return self.received[found]

    async def nothing_for(self, to: str, *, during: float = 0.5) -> bool:
        """Say whether no further mail for an address arrives for a while."""
        await asyncio.sleep(during)
        return self._untaken(to) is None

    def _untaken(self, to: str, subject: str | None = None) -> int | None:
        fitting = (
            place
            for place, one in enumerate(self.received)
            if one.to.lower() == to.lower() and subject in {None, one.subject}
        )
        return next((place for place in fitting if place not in self._taken), None)

    async def handle_RCPT(  # noqa: N802 - the library calls it by this name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],
    ) -> str:
        """Take or refuse a recipient."""
        await asyncio.sleep(self.delay)
        while address in self.stuck:  # noqa: ASYNC110 - a test may change its mind
            await asyncio.sleep(0.02)
        if self.rcpt:
            return self.rcpt.popleft()
        envelope.rcpt_tos.append(address)
        return OK

    async def handle_DATA(  # noqa: N802 - the library calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep or refuse a mail."""
        await asyncio.sleep(self.data_delay)
        if self.data:
            return self.data.popleft()
        message = message_from_bytes(cast("bytes", envelope.content), policy=policy.default)
        user = cast("LoginPassword | None", session.auth_data)
        is_tls = cast("asyncio.Transport", server.transport).get_extra_info("ssl_object")
        async with self._news:
            self.received += [
                Received(
                    str(envelope.mail_from),
                    to,
                    message,
                    session.ssl is not None or is_tls is not None,
                    user.login.decode() if user is not None else None,
                )
                for to in envelope.rcpt_tos
            ]
            self._news.notify_all()
        return OK

    async def handle_QUIT(  # noqa: N802 - the library calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Say goodbye."""
        await asyncio.sleep(self.quit_delay)
        return "221 Bye"

    def admits(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        """Say whether somebody may send."""
        if isinstance(data, LoginPassword):
            self.attempts.append(data.login.decode())
        expected = tuple(one.encode() for one in self.user or ())
        right = isinstance(data, LoginPassword) and (data.login, data.password) == expected
        return AuthResult(success=right, handled=False, auth_data=data)


@asynccontextmanager
async def receiving(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, port: int = 0
) -> AsyncGenerator[Mailbox]:
    """Run a mail server on this machine's loopback; it listens on `mailbox.port`."""
    mailbox, talks = Mailbox(), list[SMTP]()

    def talk() -> SMTP:
        talks.append(_conversation(mailbox, starttls))
        return talks[-1]

    server = await asyncio.get_running_loop().create_server(talk, "127.0.0.1", port, ssl=tls)
    mailbox.port = cast("int", server.sockets[0].getsockname()[1])
    try:
        yield mailbox
    finally:
        server.close()
        for one in talks:
            if one.transport is not None:
                cast("asyncio.Transport", one.transport).abort()
        await asyncio.sleep(0)  # for the transports to notice


def _conversation(mailbox: Mailbox, starttls: ssl.SSLContext | None) -> SMTP:
    with catch_warnings(action="ignore"):  # it is against passwords in the clear, and so are we
        return SMTP(
            mailbox,
            hostname="mail.test",
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=mailbox.user is not None,
            auth_require_tls=False,
            authenticator=mailbox.admits,
            loop=asyncio.get_running_loop(),
        )
