"""What mails say, in every language, and that nobody can make them say something else."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from modules.identity.adapters.mail.rendering import FOLDER, languages, moment
from modules.identity.domain.mail import NEEDED, Template
from modules.identity.ports.mail import Mail, Undeliverable
from shared_kernel.adapters.settings import WrongSettings
from shared_kernel.application import Origin, origin
from tests.identity.mail.writing import VALUES, letters, mail

LANGUAGES = sorted(languages())
HOSTILE = [
    "x\r\nBcc: thief@example.com",
    "x\nSubject: You won",
    "x\r\n\r\n<h1>Other mail</h1>",
    "x\u2028Bcc: thief@example.com",
    "x\x00\x1b[2J\ud800",
]


class Page(HTMLParser):
    """Collects the links, the words and the tags of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name == "href" and value]

    def handle_data(self, data: str) -> None:
        self.words += data.split()


def arrived(written: Mail) -> EmailMessage:
    """The mail as a reader's program parses it."""
    raw = letters().message(written).as_bytes()
    return message_from_bytes(raw, policy=policy.default)


def test_there_are_two_languages_with_the_same_files() -> None:
    assert {"de", "en"} <= languages()
    expected = {f"{one.value}.jinja" for one in Template} | {"contact.jinja", "footer.jinja"}
    for language in languages():
        assert {one.name for one in (FOLDER / language).iterdir()} == expected, language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", Template)
def test_every_mail_says_all_it_was_given_in_text_and_in_html(
    template: Template, language: str
) -> None:
    letter = letters().write(mail(template, locale=language))
    page = Page(letter.html)
    assert letter.language == language
    assert f'<html lang="{language}">' in letter.html
    assert letter.subject
    assert "\n" not in letter.subject
    assert {one.removesuffix(":") for one in letter.text.split()} <= {
        one.removesuffix(":") for one in [*page.words, "--"]
    }
    for name in mail(template).values.keys() - {"token", "at", "until", "what"}:
        assert VALUES[name] in " ".join(letter.text.split()), name
    for name in mail(template).values.keys() & {"at", "until"}:
        assert moment(VALUES[name]) in " ".join(letter.text.split()), name
    assert not re.search(r"[{}]|None|Undefined", letter.text + " ".join(page.words))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", Template)
def test_every_mail_can_do_without_what_it_does_not_need(template: Template, language: str) -> None:
    values = {name: VALUES[name] for name in NEEDED[template]}
    letter = letters().write(
        Mail(to="ada@example.com", template=template, locale=language, values=values)
    )
    has_link = "token" in NEEDED[template]
    assert ("https://app.test" in letter.text) is ("https://app.test" in letter.html) is has_link
    assert not re.search(r"[{}]|None|Undefined|„“|“”", letter.text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", [one for one in Template if "token" in mail(one).values])
def test_text_and_html_carry_the_same_link(template: Template, language: str) -> None:
    letter = letters().write(mail(template, locale=language, token="a&b c/d#e"))
    (in_text,) = re.findall(r"https://app\.test\S*", letter.text)
    assert in_text.endswith("#token=a%26b%20c%2Fd%23e")
    assert Page(letter.html).links == [in_text]


def test_moments_are_told_in_utc() -> None:
    letter = letters().write(mail(Template.PASSWORD_CHANGED))
    assert "2030-01-31 09:30 UTC" in " ".join(letter.text.split())


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("DE_ch", "de"),
        ("fr", "en"),
        (None, "en"),
        ("../../x", "en"),
        ("", "en"),
    ],
)
def test_a_language_there_is_none_of_gives_that_of_the_installation(
    locale: str | None, language: str
) -> None:
    assert letters().write(mail(locale=locale)).language == language


def test_the_language_of_the_installation_is_one_there_are_templates_in() -> None:
    assert letters(language="de").write(mail(locale="fr")).language == "de"
    with pytest.raises(WrongSettings, match="IDENTITY_MAIL_LANGUAGE"):
        letters(language="fr")


def test_markup_in_a_name_is_shown_and_not_obeyed() -> None:
    name = "<script>alert(1)</script><a href='https://evil.test'>{{ 7 * 7 }}{% raw %}"
    letter = letters().write(mail(Template.API_KEY_CREATED, name=name))
    page = Page(letter.html)
    assert "script" not in page.tags
    assert page.links == []
    assert "{{ 7 * 7 }}{% raw %}" in letter.html
    assert "49" not in letter.text + " ".join(page.words)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_can_add_neither_headers_nor_lines(name: str) -> None:
    written = mail(Template.PASSKEY_ADDED, name=name)
    ordinary, message = arrived(mail(Template.PASSKEY_ADDED)), arrived(written)
    assert message.keys() == ordinary.keys()
    assert message["To"] == "ada@example.com"
    text = letters().write(written).text
    assert "\r" not in text
    assert not any(line.startswith(("Bcc", "Subject", "<h1>")) for line in text.splitlines())
    assert not re.search(r"[\x00\x1b\ud800\u2028]", text)


def test_a_name_can_be_in_any_script_and_turn_nothing_round() -> None:
    letter = letters().write(mail(Template.PASSKEY_ADDED, name="Пароль 鍵 \u202edrawkcab"))
    assert "Пароль 鍵 drawkcab" in " ".join(letter.text.split())
    assert "\u202e" not in letter.text + letter.html


def test_a_long_value_is_cut() -> None:
    letter = letters().write(mail(Template.SECRET_LEAKED, url="https://x.example/" + "y" * 5000))
    assert len(letter.text) < 2000


@pytest.mark.parametrize("to", [f"ada@example.com{rest[1:]}" for rest in HOSTILE])
def test_an_address_with_a_control_character_is_refused(to: str) -> None:
    with pytest.raises(ValueError, match="control character") as caught:
        mail(to=to)
    assert "thief" not in str(caught.value)


@pytest.mark.parametrize(
    "to",
    ["", "ada", "ada@", "a@b, thief@example.com", "a@b <thief@example.com>", "ada@exämple.com"],
)
def test_what_is_no_single_address_is_undeliverable(to: str) -> None:
    with pytest.raises(Undeliverable) as caught:
        letters().message(mail(to=to))
    assert caught.value.__suppress_context__
    assert "thief" not in str(caught.value)


def test_values_that_are_missing_or_unknown_are_refused() -> None:
    for values in ({}, {"token": "x"}, {"token": "x", "until": "y", "more": "z"}):
        with pytest.raises(ValueError, match="verify_address"):
            Mail(to="ada@example.com", template=Template.VERIFY_ADDRESS, values=values)


def test_neither_address_nor_token_show_in_what_may_be_logged() -> None:
    written = mail()
    shown = repr(written) + repr(letters().write(written))
    assert "ada@" not in shown
    assert VALUES["token"] not in shown


def test_headers_say_who_writes_that_no_answer_is_wanted_and_in_which_language() -> None:
    message = arrived(mail(Template.PASSWORD_CHANGED, locale="de"))
    assert message["From"] == "Ashlar <no-reply@ashlar.test>"
    assert message["To"] == "ada@example.com"
    assert message["Subject"] == "Ihr Passwort wurde geändert"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "de"
    assert message["Date"].datetime.year == 2030
    assert re.fullmatch(r"<\S+@ashlar\.test>", message["Message-ID"])
    assert message.get_content_type() == "multipart/alternative"
    assert [one.get_content_type() for one in message.iter_parts()] == ["text/plain", "text/html"]


def test_everything_on_the_wire_is_ascii_in_lines_that_fit() -> None:
    for template in Template:
        raw = letters(service="Größe").message(mail(template, locale="de")).as_bytes()
        assert raw.isascii()
        assert max(len(line) for line in raw.split(b"\r\n")) <= 998
        assert b"\n" not in raw.replace(b"\r\n", b"")


def test_a_name_of_the_service_in_any_script_is_encoded() -> None:
    raw = letters(service="Größe <a@b>").message(mail()).as_bytes()
    parsed = message_from_bytes(raw, policy=policy.default)
    (sender,) = parsed["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Größe <a@b>", "no-reply@ashlar.test")


def test_an_event_delivered_twice_sends_mails_with_one_id() -> None:
    told = origin.set(Origin(request_id="event-1"))
    try:
        first, again = (letters().message(mail())["Message-ID"] for _ in range(2))
        other = letters().message(mail(to="bob@example.com"))["Message-ID"]
    finally:
        origin.reset(told)
    assert first == again
    assert other != first
    assert letters().message(mail())["Message-ID"] != letters().message(mail())["Message-ID"]
