"""Mail: what to say to whom. How it looks and how it travels is an adapter's."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from modules.identity.domain.mail import Template, fits
from shared_kernel.domain import AccountId


class Undeliverable(Exception):
    """The mail was refused for good; sending it again would change nothing.

    `status` is what the receiver answered (RFC 5321, 550 for instance). Names no address.
    """

    def __init__(self, status: int) -> None:
        super().__init__(f"the mail was refused for good ({status})")
        self.status = status


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to write to. `locale` is a language tag (BCP 47), None where they chose none."""

    email: str = field(repr=False)
    locale: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail. Neither its address nor its values (a link's token!) show in logs.

    Raises ValueError when the address holds a control character, or the values are not those of
    the template.
    """

    to: str = field(repr=False)
    template: Template
    locale: str | None = None
    values: Mapping[str, str] = field(repr=False)

    def __post_init__(self) -> None:
        if any(unicodedata.category(one) in {"Cc", "Cs", "Zl", "Zp"} for one in self.to):
            raise ValueError("an address holds a control character")
        if not fits(self.template, frozenset(self.values)):
            raise ValueError(f"{self.template} is not written with {sorted(self.values)}")


class Mailer(Protocol):
    """Sends mails."""

    async def send(self, message: Mail) -> None:
        """Return once somebody has taken responsibility for the mail.

        Raises Unavailable when that is not possible now, Undeliverable when it never will be.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a mail says, in one language; the text and the HTML say the same."""

    language: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


class Previews(Protocol):
    """Shows mails without sending them."""

    def example(self, template: Template, locale: str | None) -> Letter:
        """Return what a mail says, with values made up."""
        ...


class Recipients(Protocol):
    """Knows where mail for an account goes."""

    async def of(self, account_id: AccountId) -> Recipient | None:
        """Return the owner of an account, closed or not; None when it is not known any more."""
        ...
