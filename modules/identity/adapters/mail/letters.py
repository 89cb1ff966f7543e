"""Writes mails: chooses the language, makes the link, renders, puts on the headers."""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

from modules.identity.adapters.mail.examples import EXAMPLES
from modules.identity.adapters.mail.rendering import Layout, environment, languages, values_of
from modules.identity.domain.mail import NEEDED, POSSIBLE, TOKEN, Template
from modules.identity.ports.mail import Letter, Mail, Undeliverable
from shared_kernel.adapters.settings import WrongSettings
from shared_kernel.application import Clock, origin

if TYPE_CHECKING:
    from jinja2 import Environment

ADDRESS_NOT_ALLOWED = 553  # RFC 5321: mailbox name not allowed

# The pages of the front end that take a token. Behind the #, it reaches no server's log and no
# Referer; the page posts it.
PAGES = {
    Template.VERIFY_ADDRESS: "verify-address",
    Template.ALREADY_REGISTERED: "reset-password",
    Template.RESET_PASSWORD: "reset-password",
    Template.CONFIRM_ADDRESS: "confirm-address",
    Template.ADDRESS_CHANGED: "undo-address-change",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What all mails of an installation have in common.

    service    what the service is called in mails
    sender     the address they come from
    support    where people turn to: an address or a URL; may be empty
    link_base  what links begin with
    language   of mails to people who chose none, or one there are no templates in
    """

    service: str
    sender: str
    support: str
    link_base: str
    language: str


class Letters:
    """Writes mails in the languages there are templates for."""

    def __init__(self, head: Letterhead, clock: Clock) -> None:
        """Raise WrongSettings when there are no templates in the language of the letterhead."""
        self._head, self._clock = head, clock
        self._languages = languages()
        if head.language not in self._languages:
            known = ", ".join(sorted(self._languages))
            raise WrongSettings([f"IDENTITY_MAIL_LANGUAGE: there are templates in {known} only"])

    @cached_property
    def _plain(self) -> Environment:
        return environment(html=False)

    @cached_property
    def _html(self) -> Environment:
        return environment(html=True)

    def write(self, mail: Mail) -> Letter:
        """Return what a mail says."""
        language = self._language(mail.locale)
        values: dict[str, str | None] = {
            "service": self._head.service,
            "support": self._head.support,
            "language": language,
            "link": self._link(mail),
            **dict.fromkeys(POSSIBLE.get(mail.template, ())),
            **values_of(mail.values),
        }
        source = f"{language}/{mail.template.value}.jinja"
        plain, html = self._plain.get_template(source), self._html.get_template(source)
        return Letter(
            language=language,
            subject=" ".join(plain.render(values, layout=Layout.SUBJECT.value).split()),
            text=plain.render(values, layout=Layout.TEXT.value).strip() + "\n",
            html=html.render(values, layout=Layout.HTML.value),
        )

    def message(self, mail: Mail) -> EmailMessage:
        """Return a mail ready to send. Raises Undeliverable when its address is none."""
        letter = self.write(mail)
        made = EmailMessage(policy=SMTP)
        made["From"] = Address(self._head.service, addr_spec=self._head.sender)
        made["To"] = _address(mail.to)
        made["Subject"] = letter.subject
        made["Date"] = format_datetime(self._clock.now())
        made["Message-ID"] = self._message_id(mail)
        made["Auto-Submitted"] = "auto-generated"
        made["X-Auto-Response-Suppress"] = "All"
        made.set_content(letter.text, cte="quoted-printable")
        made.add_alternative(letter.html, subtype="html", cte="quoted-printable")
        made["Content-Language"] = letter.language  # set earlier, it would move to the text
        return made

    def example(self, template: Template, locale: str | None) -> Letter:
        """Return what a mail says, with values made up."""
        names = NEEDED[template] | POSSIBLE.get(template, frozenset())
        values = {name: EXAMPLES[name] for name in names}
        return self.write(
            Mail(to="owner@example.com", template=template, locale=locale, values=values)
        )

    def _language(self, locale: str | None) -> str:
        whole = (locale or "").replace("_", "-").lower()
        wanted = [whole, whole.partition("-")[0], self._head.language]
        return next(one for one in wanted if one in self._languages)

    def _link(self, mail: Mail) -> str | None:
        token = mail.values.get(TOKEN)
        if token is None:
            return None
        return f"{self._head.link_base}/{PAGES[mail.template]}#token={quote(token, safe='')}"

    def _message_id(self, mail: Mail) -> str:
        """Return the same id when an event is delivered again: receivers may then drop one."""
        domain = self._head.sender.rpartition("@")[2]
        event = origin.get().request_id
        if event == "-":
            return make_msgid(domain=domain)
        told = f"{event} {mail.template.value} {mail.to}"
        return f"<{sha256(told.encode()).hexdigest()[:40]}@{domain}>"


def _address(text: str) -> Address:
    try:
        text.encode("ascii")  # the library would encode an address as if it were a name
        return Address(addr_spec=text)
    except Exception:  # noqa: BLE001 - the parser fails in many ways, and its errors repeat the text
        raise Undeliverable(ADDRESS_NOT_ALLOWED) from None
