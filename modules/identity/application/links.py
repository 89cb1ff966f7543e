"""Asking for links, and opening them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from modules.identity.application.protection import own_account
from modules.identity.domain.account import Account, EmailTaken
from modules.identity.domain.link import Link, LinkRefused, LinkToken, Purpose, refused
from modules.identity.domain.session import EndReason
from modules.identity.domain.throttle import Flow
from modules.identity.ports import Begin, EmailAddresses
from modules.identity.ports.links import BeginLink, LinkRecords, LinkTransaction
from modules.identity.ports.throttle import Throttle
from modules.identity.public import (
    AddressChangeRequested,
    PasswordResetRequested,
    VerificationRequested,
)
from shared_kernel.application import AuditEntry, AuditTrail, Caller, Clock, Outcome
from shared_kernel.domain import new_id

Change = Callable[[LinkTransaction, Account], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class AskForLink:
    """Has a link mailed. Nothing is looked up: every address gets the same answer and work.

    Raises EmailMalformed, and TooManyAttempts for an address that gets too many mails.
    """

    begin: Begin
    clock: Clock
    emails: EmailAddresses
    throttle: Throttle

    async def forgot_password(self, email: str) -> None:
        """Have a link mailed that sets another password, if the address has an account."""
        address = self.emails.parse(email)
        async with self.throttle.attempt(Flow.FORGOT, address.normalized), self.begin() as tx:
            tx.publish(
                PasswordResetRequested(
                    subject_id=new_id(),
                    email_normalized=address.normalized,
                    occurred_at=self.clock.now(),
                )
            )

    async def verify_again(self, email: str) -> None:
        """Have a link mailed that verifies the address, if it has an account that needs it."""
        address = self.emails.parse(email)
        async with self.throttle.attempt(Flow.RESEND, address.normalized), self.begin() as tx:
            tx.publish(
                VerificationRequested(
                    subject_id=new_id(),
                    email_normalized=address.normalized,
                    occurred_at=self.clock.now(),
                )
            )

    async def change_address(self, caller: Caller, email: str) -> None:
        """Have a link mailed to an address, which makes it the caller's. Raises SessionOver."""
        address = self.emails.parse(email)
        counted = self.throttle.attempt(Flow.CHANGE_ADDRESS, address.normalized)
        async with counted, self.begin() as tx:
            await own_account(tx, caller)
            tx.publish(
                AddressChangeRequested(
                    subject_id=caller.id,
                    link_id=new_id(),
                    email=address.written,
                    occurred_at=self.clock.now(),
                )
            )


@dataclass(frozen=True, slots=True)
class OpenLink:
    """Lets a link do what it is for, once: the link is used up in the transaction that does it.

    Every refusal is the same, and audited.
    """

    begin: BeginLink
    clock: Clock
    audit: AuditTrail
    records: LinkRecords

    async def find(self, purpose: Purpose, text: str) -> Link:
        """Return the link of a token, before anything costly is done for it. Raises LinkRefused."""
        try:
            token = LinkToken.parse(text)
        except LinkRefused:
            await self._note(purpose, None)
            raise
        link = await self.records.find(purpose, token.hash, at=self.clock.now())
        if link is None:
            await self._note(purpose, None)
            raise refused()
        return link

    async def use(self, link: Link, change: Change) -> None:
        """Change the link's account. Raises LinkRefused when something else was faster."""
        try:
            async with self.begin() as tx:
                account = await tx.accounts.get_locked(link.account_id)
                if not link.fits(account) or not await tx.links.use(link, at=self.clock.now()):
                    raise refused()
                await change(tx, account)
        except (LinkRefused, EmailTaken):
            # That another account has the address by now is nothing to tell.
            await self._note(link.purpose, link.account_id)
            raise refused() from None

    async def make_room(self, tx: LinkTransaction, link: Link) -> None:
        """Take the link's address from an account that was opened in its owner's name."""
        now = self.clock.now()
        holder = await tx.accounts.holder_of(link.address)
        if holder is not None and holder.id != link.account_id and holder.make_way(at=now):
            for session in await tx.sessions.open_of(holder.id):
                session.end(EndReason.ACCOUNT_CLOSED, at=now)
            await tx.flush()

    async def _note(self, purpose: Purpose, account_id: UUID | None) -> None:
        await self.audit.record(
            AuditEntry(
                action="identity.link_refused",
                occurred_at=self.clock.now(),
                outcome=Outcome.REFUSED,
                subject_id=account_id,
                detail={"purpose": purpose.value},
            )
        )
