"""Tells the owner of an account what happened to it (ASVS 6.3.5, 6.3.7).

A thief who signs in, or changes what lets people in, cannot do so in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from modules.identity.application.mails import Postman
from modules.identity.domain.mail import Template
from modules.identity.ports.mail import Recipient
from modules.identity.public import (
    AccountClosed,
    AccountImpersonated,
    AccountRestored,
    AccountSuspended,
    ApiKeyCreated,
    ApiKeyRotated,
    FarewellOwed,
    IdentityLinked,
    IdentityUnlinked,
    PasskeyAdded,
    PasskeyCopied,
    PasskeyRemoved,
    PasswordChanged,
    RecoveryCodesReplaced,
    RecoveryCodeUsed,
    SecondFactorAdded,
    SecondFactorFailed,
    SecondFactorRemoved,
    SecondFactorsTaken,
    SecretLeaked,
    SessionStolen,
    SignedInAfterFailures,
)
from shared_kernel.application import InSteps
from shared_kernel.domain import AccountId, DomainEvent


@dataclass(frozen=True, slots=True)
class Notice:
    """What an event is to an owner: a mail, with these of its members beside the moment.

    `owner` is the member that names whom to tell.
    """

    template: Template
    values: tuple[str, ...] = ()
    owner: str = "subject_id"


NOTICES: Mapping[type[DomainEvent], Notice] = {
    AccountClosed: Notice(Template.ACCOUNT_CLOSED),
    AccountImpersonated: Notice(Template.ACCOUNT_IMPERSONATED),
    AccountRestored: Notice(Template.ACCOUNT_RESTORED),
    AccountSuspended: Notice(Template.ACCOUNT_SUSPENDED),
    ApiKeyCreated: Notice(Template.API_KEY_CREATED, ("name",), owner="account_id"),
    ApiKeyRotated: Notice(Template.API_KEY_CREATED, ("name",), owner="account_id"),
    IdentityLinked: Notice(Template.IDENTITY_LINKED, ("provider",)),
    IdentityUnlinked: Notice(Template.IDENTITY_UNLINKED, ("provider",)),
    PasskeyAdded: Notice(Template.PASSKEY_ADDED, ("name",)),
    PasskeyCopied: Notice(Template.PASSKEY_COPIED, ("name",)),
    PasskeyRemoved: Notice(Template.PASSKEY_REMOVED, ("name",)),
    PasswordChanged: Notice(Template.PASSWORD_CHANGED),
    RecoveryCodesReplaced: Notice(Template.RECOVERY_CODES_RENEWED),
    RecoveryCodeUsed: Notice(Template.RECOVERY_CODE_USED, ("left",)),
    SecondFactorAdded: Notice(Template.SECOND_FACTOR_ADDED),
    SecondFactorFailed: Notice(Template.SECOND_FACTOR_FAILED),
    SecondFactorRemoved: Notice(Template.SECOND_FACTOR_REMOVED),
    SecondFactorsTaken: Notice(Template.SECOND_FACTORS_TAKEN),
    SecretLeaked: Notice(Template.SECRET_LEAKED, ("what", "name", "source", "url"), "owner_id"),
    SessionStolen: Notice(Template.SESSION_STOLEN),
    SignedInAfterFailures: Notice(Template.SIGNED_IN_AFTER_FAILURES, ("failures",)),
}
"""What the owner of an account is told about."""

TOLD = tuple(NOTICES)


@dataclass(frozen=True, slots=True)
class TellOwner(InSteps):
    """Mails the owner of an account what happened. An account without an owner is skipped."""

    postman: Postman

    async def __call__(self, event: DomainEvent) -> None:
        """Raise Unavailable when the mail cannot be sent now."""
        notice = NOTICES[type(event)]
        values = {name: str(getattr(event, name)) for name in notice.values}
        values["at"] = event.occurred_at.isoformat()
        await self.postman.tell(getattr(event, notice.owner), notice.template, values)


@dataclass(frozen=True, slots=True)
class SayFarewell(InSteps):
    """Mails the last mail to an address that is kept nowhere any more but in the event."""

    postman: Postman

    async def __call__(self, event: FarewellOwed) -> None:
        """Raise Unavailable when the mail cannot be sent now."""
        await self.postman.write(
            Recipient(event.email, event.locale),
            Template.ACCOUNT_ERASED,
            {"at": event.occurred_at.isoformat()},
            about=AccountId(event.subject_id),
        )
