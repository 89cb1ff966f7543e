"""Sends mails on behalf of subscribers: never in a request, and each until it is taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from modules.identity.domain.mail import Template
from modules.identity.ports.mail import Mail, Mailer, Recipient, Recipients, Undeliverable
from shared_kernel.application import AuditEntry, AuditTrail, Clock, Outcome
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True)
class Postman:
    """What subscribers send mails with.

    A subscriber that sends is `InSteps`: it is called until it ends without an error, so a mail
    may go out twice and never not at all. Unavailable is left to the relay, which tries again.
    """

    mailer: Mailer
    recipients: Recipients
    audit: AuditTrail
    clock: Clock

    async def tell(
        self, account_id: AccountId, template: Template, values: Mapping[str, str]
    ) -> None:
        """Write to the address of an account; an account without one is told nothing.

        Raises Unavailable.
        """
        recipient = await self.recipients.of(account_id)
        if recipient is not None:
            await self.write(recipient, template, values, about=account_id)

    async def write(
        self,
        to: Recipient,
        template: Template,
        values: Mapping[str, str],
        *,
        about: AccountId | None = None,
    ) -> None:
        """Write to an address that need not be an account's: a new one, one it had before.

        `about` is the account it concerns, for the audit log. A mail refused for good is given
        up, and audited. Raises Unavailable.
        """
        mail = Mail(to=to.email, template=template, locale=to.locale, values=values)
        try:
            await self.mailer.send(mail)
        except Undeliverable as refused:
            await self._give_up(template, refused.status, about)

    async def _give_up(self, template: Template, status: int, about: AccountId | None) -> None:
        await self.audit.record(
            AuditEntry(
                action="identity.mail_given_up",
                occurred_at=self.clock.now(),
                outcome=Outcome.REFUSED,
                subject_id=about,
                detail={"template": template.value, "status": str(status)},
            )
        )
