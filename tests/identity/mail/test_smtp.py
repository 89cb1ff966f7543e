"""Sending over SMTP, to a real server that behaves well and badly."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from modules.identity.adapters.mail import SmtpMailer, SmtpServer
from modules.identity.domain.mail import Template
from modules.identity.ports.mail import Undeliverable
from shared_kernel.adapters.settings import WrongSettings
from shared_kernel.domain import Unavailable
from tests.identity.mail.writing import HEAD, VALUES, letters, mail
from tests.kit.certificates import Certificate, certificate_for
from tests.kit.smtp import Mailbox, receiving

HERE = "127.0.0.1"
TO = "ada@example.com"


@pytest_asyncio.fixture
async def mailbox() -> AsyncGenerator[Mailbox]:
    """A server of one test, which may spoil it."""
    async with receiving() as server:
        yield server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate_for(HERE, tmp_path_factory.mktemp("tls"))


def mailer(port: int, **changes: Any) -> SmtpMailer:
    """A mailer that talks to a server on this machine."""
    values: dict[str, Any] = {
        "host": HERE, "port": port, "security": "none", "user": "", "password": "", "seconds": 5.0
    }  # fmt: skip
    return SmtpMailer(letters(), SmtpServer(**{**values, **changes}), HEAD["sender"])


async def test_a_mail_arrives_as_it_was_written(mailbox: Mailbox) -> None:
    await mailer(mailbox.port).send(mail(Template.RESET_PASSWORD, locale="de"))
    got = await mailbox.next(TO)
    assert (got.sender, got.to, got.encrypted) == (HEAD["sender"], TO, False)
    assert got.subject == "Wählen Sie ein neues Passwort"
    assert got.token == VALUES["token"]
    assert got.link in got.html
    assert "angefordert" in got.text


async def test_many_mails_at_once_all_arrive(mailbox: Mailbox) -> None:
    sender = mailer(mailbox.port)
    people = [f"p{number}@example.com" for number in range(20)]
    await asyncio.gather(*(sender.send(mail(to=one)) for one in people))
    assert sorted(one.to for one in mailbox.received) == sorted(people)


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_connection_can_be_encrypted(security: str, certificate: Certificate) -> None:
    async with serving(security, certificate) as mailbox:
        await mailer(mailbox.port, security=security, ca_file=certificate.file).send(mail())
        assert (await mailbox.next(TO)).encrypted


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_server_nobody_vouches_for_gets_nothing(
    security: str, certificate: Certificate
) -> None:
    async with serving(security, certificate) as mailbox:
        with pytest.raises(Unavailable):
            await mailer(mailbox.port, security=security).send(mail())
        assert mailbox.received == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_of_another_name_gets_nothing(security: str, tmp_path: Path) -> None:
    other = certificate_for("127.0.0.9", tmp_path)
    async with serving(security, other) as mailbox:
        with pytest.raises(Unavailable):
            await mailer(mailbox.port, security=security, ca_file=other.file).send(mail())
        assert mailbox.received == []


async def test_nothing_goes_out_in_the_clear_when_encryption_was_asked_for(
    mailbox: Mailbox,
) -> None:
    mailbox.user = ("app", "CANARY")
    sender = mailer(mailbox.port, security="starttls", user="app", password="CANARY")
    with pytest.raises(Unavailable):
        await sender.send(mail())
    assert mailbox.received == []
    assert mailbox.attempts == []


async def test_the_mailer_signs_in(certificate: Certificate) -> None:
    async with serving("starttls", certificate) as mailbox:
        mailbox.user = ("app", "pass word ü")
        options = {"security": "starttls", "ca_file": certificate.file, "user": "app"}
        await mailer(mailbox.port, password="pass word ü", **options).send(mail())
        assert (await mailbox.next(TO)).user == "app"


@pytest.mark.parametrize("user", ["app", ""], ids=["a wrong password", "none at all"])
async def test_what_is_wrong_with_our_own_settings_loses_no_mail(
    user: str, mailbox: Mailbox
) -> None:
    mailbox.user = ("app", "right")
    with pytest.raises(Unavailable) as caught:
        await mailer(mailbox.port, user=user, password="CANARY" if user else "").send(mail())
    assert "CANARY" not in str(caught.value)
    assert mailbox.received == []


async def test_a_server_that_is_away_is_tried_again() -> None:
    async with receiving() as other:
        port = other.port
    sender = mailer(port)
    with pytest.raises(Unavailable):
        await sender.send(mail())
    async with receiving(port=port) as back:
        await sender.send(mail())
        assert await back.next(TO)


@pytest.mark.parametrize("place", ["rcpt", "data"])
@pytest.mark.parametrize("answer", ["421 closing", "450 busy", "451 later", "452 full"])
async def test_a_refusal_for_now_can_be_tried_again(
    place: str, answer: str, mailbox: Mailbox
) -> None:
    getattr(mailbox, place).append(answer)
    sender = mailer(mailbox.port)
    with pytest.raises(Unavailable, match=answer[:3]):
        await sender.send(mail())
    await sender.send(mail())
    assert await mailbox.next(TO)
    assert len(mailbox.received) == 1


@pytest.mark.parametrize("place", ["rcpt", "data"])
@pytest.mark.parametrize("answer", ["550 no such user here", "552 too large", "554 no"])
async def test_a_refusal_for_good_is_told_without_the_address(
    place: str, answer: str, mailbox: Mailbox
) -> None:
    getattr(mailbox, place).append(f"{answer} <{TO}>")
    with pytest.raises(Undeliverable) as caught:
        await mailer(mailbox.port).send(mail())
    assert caught.value.status == int(answer[:3])
    assert caught.value.__suppress_context__
    assert TO not in str(caught.value)


async def test_a_recipient_refused_because_of_us_is_tried_again(mailbox: Mailbox) -> None:
    mailbox.rcpt.append("530 5.7.0 Authentication required")
    with pytest.raises(Unavailable, match="530"):
        await mailer(mailbox.port).send(mail())


async def test_a_slow_server_holds_nobody_for_long(mailbox: Mailbox) -> None:
    mailbox.delay = 30
    async with asyncio.timeout(20):
        with pytest.raises(Unavailable):
            await mailer(mailbox.port, seconds=1).send(mail())


async def test_a_server_whose_answers_all_come_in_time_may_still_take_too_long(
    mailbox: Mailbox,
) -> None:
    mailbox.delay, mailbox.data_delay = 0.7, 0.7
    with pytest.raises(Unavailable):  # each answer within the second, not all of them
        await mailer(mailbox.port, seconds=1).send(mail())


async def test_an_accepted_mail_is_not_sent_again_for_want_of_a_goodbye(mailbox: Mailbox) -> None:
    mailbox.quit_delay = 30
    async with asyncio.timeout(20):
        await mailer(mailbox.port).send(mail())
    assert len(mailbox.received) == 1


async def test_a_server_that_talks_nonsense_is_away() -> None:
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(babble, HERE, 0)
    with pytest.raises(Unavailable):
        await mailer(server.sockets[0].getsockname()[1]).send(mail())
    server.close()


async def test_neither_addresses_nor_links_are_logged(
    mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sender = mailer(mailbox.port)
    mailbox.rcpt.extend([f"451 try <{TO}> later", f"550 <{TO}> unknown"])
    for expected in (Unavailable, Undeliverable):
        try:
            await sender.send(mail())
        except expected:
            logging.getLogger("relay").warning("failed", exc_info=True)
    await sender.send(mail())
    ours = [one for one in caplog.records if not one.name.startswith("mail.log")]
    shown = "\n".join(logging.Formatter().format(one) for one in ours)
    assert "mail verify_address was accepted" in shown
    assert TO not in shown
    assert VALUES["token"] not in shown


def test_authorities_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "not.pem").write_text("no certificate")
    for file in ("missing.pem", "not.pem"):
        with pytest.raises(WrongSettings, match="IDENTITY_SMTP_CA_FILE"):
            mailer(25, security="tls", ca_file=tmp_path / file)


def test_the_password_shows_nowhere() -> None:
    server = SmtpServer(
        host=HERE, port=25, security="tls", user="app", password="CANARY", seconds=1
    )
    assert "CANARY" not in repr(server)


def serving(security: str, certificate: Certificate) -> AbstractAsyncContextManager[Mailbox]:
    """A server that encrypts from the start, or when asked to."""
    if security == "tls":
        return receiving(tls=certificate.server)
    return receiving(starttls=certificate.server)
