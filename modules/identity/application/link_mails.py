"""Mails that carry a link. Asked for in a request, made and sent by subscribers.

The request never looks up whether an address has an account: it says the same, and takes as
long, for every address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from modules.identity.application.mails import Postman
from modules.identity.application.queries import IdentityQueries
from modules.identity.domain.link import Link, LinkRequest, LinkToken, Purpose
from modules.identity.domain.mail import AT, TOKEN, UNTIL, Template
from modules.identity.domain.session import EndReason
from modules.identity.ports import EmailAddresses
from modules.identity.ports.links import BeginLink, LinkTokens
from modules.identity.ports.mail import Recipient
from modules.identity.public import (
    AccountRegistered,
    AddressChanged,
    AddressChangeRequested,
    PasswordResetRequested,
    RegistrationRepeated,
    VerificationRequested,
)
from shared_kernel.application import Clock, InSteps
from shared_kernel.domain import AccountId

TEMPLATES: Mapping[Purpose, Template] = {
    Purpose.VERIFY: Template.VERIFY_ADDRESS,
    Purpose.RESET: Template.RESET_PASSWORD,
    Purpose.CHANGE_ADDRESS: Template.CONFIRM_ADDRESS,
    Purpose.UNDO_CHANGE: Template.ADDRESS_CHANGED,
}


@dataclass(frozen=True, slots=True)
class LinkPost:
    """Keeps a link, then mails it. Done twice, the second mail carries the same link."""

    begin: BeginLink
    clock: Clock
    tokens: LinkTokens
    postman: Postman

    async def send(self, account_id: AccountId, asked: LinkRequest) -> None:
        """Mail a link, unless it is good for nothing any more. Raises Unavailable."""
        token = self.tokens.of(asked.id)
        async with self.begin() as tx:
            account = await tx.accounts.get_locked(account_id)
            link = asked.link_for(account, token, at=self.clock.now())
            kept = link is not None and await tx.links.keep(link)
        if link is not None and kept:
            to = Recipient(link.email, account.locale)
            values = _values(link, token, asked)
            await self.postman.write(to, TEMPLATES[link.purpose], values, about=account_id)


@dataclass(frozen=True, slots=True)
class SendVerification(InSteps):
    """Mails whoever registered, or asks again, what verifies their address."""

    queries: IdentityQueries
    post: LinkPost

    async def __call__(self, event: AccountRegistered | VerificationRequested) -> None:
        """Raise Unavailable when the mail cannot be sent now."""
        asked = LinkRequest(id=event.subject_id, purpose=Purpose.VERIFY, asked_at=event.occurred_at)
        if isinstance(event, AccountRegistered):
            await self.post.send(AccountId(event.subject_id), asked)
        elif found := await self.queries.account_of(event.email_normalized):
            await self.post.send(found.id, asked)


@dataclass(frozen=True, slots=True)
class SendResetLink(InSteps):
    """Mails the owner of an address what sets another password."""

    queries: IdentityQueries
    post: LinkPost

    async def __call__(self, event: PasswordResetRequested) -> None:
        """Raise Unavailable when the mail cannot be sent now."""
        if found := await self.queries.account_of(event.email_normalized):
            await self.post.send(found.id, _reset(event))


@dataclass(frozen=True, slots=True)
class AnswerRepeatedRegistration(InSteps):
    """Tells the owner of an address that it has an account.

    While nobody has verified the address, there is no owner: what the first to register chose is
    forgotten, and the mail lets its reader choose a password. So an account made ahead in
    somebody's name never becomes a door into theirs.
    """

    queries: IdentityQueries
    post: LinkPost

    async def __call__(self, event: RegistrationRepeated) -> None:
        """Raise Unavailable when the mail cannot be sent now."""
        found = await self.queries.account_of(event.email_normalized)
        if found is None:
            return
        if await self._contest(found.id):
            await self.post.send(found.id, _reset(event))
        else:
            said = {AT: event.occurred_at.isoformat()}
            await self.post.postman.tell(found.id, Template.ALREADY_REGISTERED, said)

    async def _contest(self, account_id: AccountId) -> bool:
        now = self.post.clock.now()
        async with self.post.begin() as tx:
            account = await tx.accounts.get_locked(account_id)
            if not account.contest():
                return False
            tx.links.overtake(account_id, at=now, purposes=[Purpose.VERIFY])
            await tx.traces.forget_ways_in(account)
            for session in await tx.sessions.open_of(account_id):
                session.end(EndReason.PASSWORD_CHANGED, at=now)
        return True


@dataclass(frozen=True, slots=True)
class SendAddressConfirmation(InSteps):
    """Mails a link to the address that an account wants to have.

    Where that address has an account, its owner hears that somebody tried, and nobody else.
    """

    queries: IdentityQueries
    emails: EmailAddresses
    post: LinkPost

    async def __call__(self, event: AddressChangeRequested) -> None:
        """Raise Unavailable when the mail cannot be sent now."""
        address = self.emails.parse(event.email)
        asked = LinkRequest(
            id=event.link_id, purpose=Purpose.CHANGE_ADDRESS, asked_at=event.occurred_at, to=address
        )
        found = await self.queries.account_of(address.normalized)
        if found is None or found.id == event.subject_id:
            await self.post.send(AccountId(event.subject_id), asked)
        else:
            said = {AT: event.occurred_at.isoformat()}
            await self.post.postman.tell(found.id, Template.ALREADY_REGISTERED, said)


@dataclass(frozen=True, slots=True)
class TellFormerAddress(InSteps):
    """Mails the former address of an account that it changed, and a link that undoes it."""

    emails: EmailAddresses
    post: LinkPost

    async def __call__(self, event: AddressChanged) -> None:
        """Raise Unavailable when the mail cannot be sent now."""
        asked = LinkRequest(
            id=event.link_id,
            purpose=Purpose.UNDO_CHANGE,
            asked_at=event.occurred_at,
            to=self.emails.parse(event.former),
        )
        await self.post.send(AccountId(event.subject_id), asked)


def _reset(event: PasswordResetRequested | RegistrationRepeated) -> LinkRequest:
    return LinkRequest(id=event.subject_id, purpose=Purpose.RESET, asked_at=event.occurred_at)


def _values(link: Link, token: LinkToken, asked: LinkRequest) -> Mapping[str, str]:
    values = {TOKEN: token.text, UNTIL: link.expires_at.isoformat()}
    if link.purpose is Purpose.UNDO_CHANGE:
        values[AT] = asked.asked_at.isoformat()
    return values
