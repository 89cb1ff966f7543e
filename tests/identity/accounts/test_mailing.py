"""What subscribers make of requests: over doubles, told once or several times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from modules.identity.application.link_mails import (
    AnswerRepeatedRegistration,
    LinkPost,
    SendAddressConfirmation,
    SendResetLink,
    SendVerification,
    TellFormerAddress,
)
from modules.identity.application.links import AskForLink, OpenLink
from modules.identity.application.mails import Postman
from modules.identity.application.registration import SignUp
from modules.identity.domain.account import Account
from modules.identity.domain.link import LinkRefused, Purpose
from modules.identity.domain.mail import TOKEN, Template
from modules.identity.domain.password import PasswordPolicy
from modules.identity.domain.throttle import Flow, TooManyAttempts
from modules.identity.ports.links import LinkTransaction
from modules.identity.public import (
    AccountRegistered,
    PasswordResetRequested,
    RegistrationRepeated,
    VerificationRequested,
)
from shared_kernel.domain import DomainEvent, Unavailable
from tests.kit.identity import (
    IdentityInMemory,
    InstantPasswords,
    LowercasedAddresses,
    MovableClock,
    RecordedAudit,
)
from tests.kit.identity_links import HashedLinkTokens, LinkRecordsInMemory
from tests.kit.identity_mail import RecipientsInMemory, RecordedMails
from tests.kit.throttle import PatientThrottle

EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"


@dataclass
class Office:
    """Registration, links and mails, wired to doubles."""

    store: IdentityInMemory = field(default_factory=IdentityInMemory)
    clock: MovableClock = field(default_factory=MovableClock)
    audit: RecordedAudit = field(default_factory=RecordedAudit)
    mails: RecordedMails = field(default_factory=RecordedMails)
    recipients: RecipientsInMemory = field(default_factory=RecipientsInMemory)
    throttle: PatientThrottle = field(default_factory=PatientThrottle)

    def __post_init__(self) -> None:
        emails, begin = LowercasedAddresses(), self.store.begin
        postman = Postman(self.mails, self.recipients, self.audit, self.clock)
        self.post = LinkPost(begin, self.clock, HashedLinkTokens(), postman)
        self.sign_up = SignUp(
            *(begin, self.clock, emails, InstantPasswords(), PasswordPolicy(), self.throttle)
        )
        self.ask = AskForLink(begin, self.clock, emails, self.throttle)
        records = LinkRecordsInMemory(self.store.links)
        self.open = OpenLink(begin, self.clock, self.audit, records)
        self.verification = SendVerification(self.store, self.post)
        self.reset = SendResetLink(self.store, self.post)
        self.repeated = AnswerRepeatedRegistration(self.store, self.post)
        self.confirmation = SendAddressConfirmation(self.store, emails, self.post)
        self.former = TellFormerAddress(emails, self.post)

    async def tell(self, event: DomainEvent) -> None:
        """Deliver an event, as the relay would."""
        if isinstance(event, AccountRegistered | VerificationRequested):
            await self.verification(event)
        elif isinstance(event, PasswordResetRequested):
            await self.reset(event)
        elif isinstance(event, RegistrationRepeated):
            await self.repeated(event)

    @property
    def last(self) -> DomainEvent:
        """The newest event."""
        return self.store.events[-1]

    @property
    def sent(self) -> Sequence[Template]:
        """What was mailed."""
        return [one.template for one in self.mails.sent]


@pytest.fixture
def office() -> Office:
    return Office()


async def nothing(tx: LinkTransaction, account: Account) -> None:
    """Change nothing."""


async def test_an_event_told_twice_mails_the_same_link_twice(office: Office) -> None:
    await office.sign_up(EMAIL, PASSWORD)
    for _ in range(2):
        await office.tell(office.last)
    first, second = office.mails.sent
    assert first.template is Template.VERIFY_ADDRESS
    assert first.values == second.values


async def test_an_event_told_after_its_link_was_used_mails_nothing(office: Office) -> None:
    await office.sign_up(EMAIL, PASSWORD)
    await office.tell(office.last)
    link = await office.open.find(Purpose.VERIFY, office.mails.sent[0].values[TOKEN])
    await office.open.use(link, nothing)
    await office.tell(office.last)
    assert len(office.mails.sent) == 1
    with pytest.raises(LinkRefused):
        await office.open.use(link, nothing)
    assert office.audit.actions == ["identity.link_refused"]


async def test_a_mail_that_cannot_be_sent_now_is_sent_later_with_the_same_link(
    office: Office,
) -> None:
    await office.sign_up(EMAIL, PASSWORD)
    office.mails.failures.append(Unavailable("the mail server does not answer"))
    with pytest.raises(Unavailable):
        await office.tell(office.last)
    await office.tell(office.last)
    assert await office.open.find(Purpose.VERIFY, office.mails.sent[0].values[TOKEN])


async def test_a_request_delivered_after_its_link_would_have_expired_mails_nothing(
    office: Office,
) -> None:
    await office.sign_up(EMAIL, PASSWORD)
    await office.ask.forgot_password(EMAIL)
    office.clock.move(timedelta(hours=1))
    await office.tell(office.last)
    assert office.sent == []


async def test_asking_looks_nothing_up_and_says_so_in_an_event(office: Office) -> None:
    await office.ask.forgot_password("Nobody@Example.com")
    await office.ask.verify_again("Nobody@Example.com")
    forgot, again = office.store.events
    assert isinstance(forgot, PasswordResetRequested)
    assert isinstance(again, VerificationRequested)
    assert forgot.email_normalized == again.email_normalized == "nobody@example.com"
    for event in (forgot, again):
        await office.tell(event)
    assert office.sent == []


async def test_each_flow_is_counted_under_the_address_it_mails_to(office: Office) -> None:
    await office.sign_up(EMAIL, PASSWORD)
    await office.ask.forgot_password(EMAIL.upper())
    await office.ask.verify_again(EMAIL.upper())
    assert office.throttle.tried == [
        (Flow.REGISTER, EMAIL, None),
        (Flow.FORGOT, EMAIL, None),
        (Flow.RESEND, EMAIL, None),
    ]


async def test_too_many_mails_to_one_address_are_refused_and_none_is_asked_for(
    office: Office,
) -> None:
    office.throttle.closed.update({Flow.FORGOT, Flow.RESEND, Flow.REGISTER})
    for ask in (office.ask.forgot_password, office.ask.verify_again):
        with pytest.raises(TooManyAttempts):
            await ask(EMAIL)
    with pytest.raises(TooManyAttempts):
        await office.sign_up(EMAIL, PASSWORD)
    assert office.store.events == []
    assert office.store.kept_accounts == {}


async def test_registering_again_leads_to_a_link_or_to_the_news_never_to_both(
    office: Office,
) -> None:
    await office.sign_up(EMAIL, PASSWORD)
    await office.sign_up(EMAIL, PASSWORD)
    await office.tell(office.last)
    assert office.sent == [Template.RESET_PASSWORD]
    [account] = office.store.kept_accounts.values()
    assert account.password_hash is None
