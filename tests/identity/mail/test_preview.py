"""`app mail preview`."""

from __future__ import annotations

import json
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI

from modules.identity.adapters import cli
from modules.identity.domain.mail import Template
from tests.kit.commands import Type, typing_over
from tests.kit.smtp import Mailbox


@pytest_asyncio.fixture
async def typed(app: FastAPI) -> Type:
    return typing_over(app)


async def test_without_a_name_all_mails_are_listed(typed: Type) -> None:
    names = [one.value for one in Template]
    plain = await typed(cli.mail, "preview")
    assert plain.stdout.split() == names
    assert json.loads((await typed(cli.mail, "preview", "--json")).stdout) == names


async def test_a_mail_is_shown_as_its_reader_sees_it_and_nothing_is_sent(
    typed: Type, mailbox: Mailbox
) -> None:
    before = len(mailbox.received)
    shown = await typed(cli.mail, "preview", "reset_password", "--locale", "de")
    assert shown.exit_code == 0
    assert shown.stdout.startswith("Wählen Sie ein neues Passwort\n\n")
    assert "/reset-password#token=app_link_" in shown.stdout
    assert len(mailbox.received) == before


async def test_the_other_part_is_html(typed: Type) -> None:
    shown = await typed(cli.mail, "preview", "passkey_added", "--format", "html")
    assert shown.stdout.startswith("<!doctype html>")


async def test_programs_get_both_parts(typed: Type) -> None:
    shown = await typed(cli.mail, "preview", "verify_address", "--json", "--locale", "fr")
    document: dict[str, Any] = json.loads(shown.stdout)
    assert set(document) == {"template", "language", "subject", "text", "html"}
    assert (document["template"], document["language"]) == ("verify_address", "en")


@pytest.mark.parametrize("words", [("nonsense",), ("verify_address", "--format", "pdf")])
async def test_an_unknown_mail_or_part_is_wrong_usage(words: tuple[str, ...], typed: Type) -> None:
    assert (await typed(cli.mail, "preview", *words)).exit_code == 2
