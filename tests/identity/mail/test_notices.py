"""Whom subscribers write to, and what becomes of what cannot be sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any
from uuid import uuid4

import pytest

from modules.identity.application.mails import Postman
from modules.identity.application.notices import TOLD, SayFarewell, TellOwner
from modules.identity.domain.mail import Template
from modules.identity.ports.mail import Recipient, Undeliverable
from modules.identity.public import FarewellOwed, PasswordChanged
from shared_kernel.application import Outcome
from shared_kernel.domain import AccountId, DomainEvent, Unavailable
from tests.identity.mail.writing import letters
from tests.kit.identity import NOON, MovableClock, RecordedAudit
from tests.kit.identity_mail import RecipientsInMemory, RecordedMails

OWNER = AccountId(uuid4())


class Office:
    """A postman, whom he knows, and what he did."""

    def __init__(self) -> None:
        self.mails, self.audit = RecordedMails(), RecordedAudit()
        self.recipients = RecipientsInMemory({OWNER: Recipient("ada@example.com", "de-AT")})
        self.postman = Postman(self.mails, self.recipients, self.audit, MovableClock())


@pytest.fixture
def office() -> Office:
    return Office()


def example(kind: type[DomainEvent]) -> DomainEvent:
    """An event of a kind, whatever it tells beside."""
    of: Callable[[str], Any] = {"str": "something", "int": 7}.get
    told: dict[str, Any] = {one.name: of(str(one.type)) or OWNER for one in fields(kind)}
    told["occurred_at"] = NOON
    return kind(**told)


@pytest.mark.parametrize("kind", TOLD, ids=lambda kind: kind.__name__)
async def test_the_owner_is_told_in_their_language(kind: type[DomainEvent], office: Office) -> None:
    await TellOwner(office.postman)(example(kind))
    (mail,) = office.mails.sent
    assert (mail.to, mail.locale) == ("ada@example.com", "de-AT")
    assert "2030-01-01 12:00 UTC" in " ".join(letters().write(mail).text.split())


def test_no_two_kinds_of_events_are_told_in_the_same_words_by_mistake() -> None:
    assert len(set(TOLD)) == len(TOLD)


async def test_an_account_without_an_owner_is_skipped(office: Office) -> None:
    await TellOwner(office.postman)(PasswordChanged(subject_id=uuid4(), occurred_at=NOON))
    assert office.mails.sent == []
    assert office.audit.entries == []


async def test_the_last_mail_goes_to_the_address_in_the_event(office: Office) -> None:
    office.recipients.known.clear()
    event = FarewellOwed(subject_id=OWNER, occurred_at=NOON, email="was@example.com", locale="de")
    await SayFarewell(office.postman)(event)
    (mail,) = office.mails.sent
    assert (mail.to, mail.locale, mail.template) == (
        "was@example.com", "de", Template.ACCOUNT_ERASED,
    )  # fmt: skip


async def test_what_cannot_be_sent_now_is_left_to_be_tried_again(office: Office) -> None:
    office.mails.failures.append(Unavailable("the mail server answered 451"))
    event = PasswordChanged(subject_id=OWNER, occurred_at=NOON)
    with pytest.raises(Unavailable):
        await TellOwner(office.postman)(event)
    assert office.audit.entries == []
    await TellOwner(office.postman)(event)
    assert len(office.mails.sent) == 1


async def test_what_is_refused_for_good_is_given_up_and_audited(office: Office) -> None:
    office.mails.failures.append(Undeliverable(550))
    await TellOwner(office.postman)(PasswordChanged(subject_id=OWNER, occurred_at=NOON))
    (entry,) = office.audit.entries
    assert (entry.action, entry.subject_id) == ("identity.mail_given_up", OWNER)
    assert entry.outcome is Outcome.REFUSED
    assert entry.detail == {"template": "password_changed", "status": "550"}
