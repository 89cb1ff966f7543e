"""Letters as an installation of the tests writes them."""

from __future__ import annotations

from typing import Any

from modules.identity.adapters.mail import Letterhead, Letters
from modules.identity.domain.mail import NEEDED, POSSIBLE, Template
from modules.identity.ports.mail import Mail
from tests.kit.identity import MovableClock

HEAD: dict[str, Any] = {
    "service": "Ashlar",
    "sender": "no-reply@ashlar.test",
    "support": "help@ashlar.test",
    "link_base": "https://app.test",
    "language": "en",
}
VALUES = {
    "at": "2030-01-31T10:30:00+01:00",
    "until": "2030-02-01T10:30:00+01:00",
    "token": "app_link_0123abc",
    "name": "Sticky note",
    "left": "3",
    "what": "api_key",
    "source": "a gist",
    "url": "https://gist.example/1",
    "provider": "Example ID",
    "failures": "17",
}


def letters(**changes: Any) -> Letters:
    """Return letters under the letterhead of the tests."""
    return Letters(Letterhead(**{**HEAD, **changes}), MovableClock())


def mail(
    template: Template = Template.VERIFY_ADDRESS,
    *,
    to: str = "ada@example.com",
    locale: str | None = None,
    **values: str,
) -> Mail:
    """Return a mail with values for everything it can say; `values` change some."""
    names = NEEDED[template] | POSSIBLE.get(template, frozenset())
    given = {name: VALUES[name] for name in names} | values
    return Mail(to=to, template=template, locale=locale, values=given)
