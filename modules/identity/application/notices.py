"""Tells the owner of an account what happened to it (ASVS 6.3.5, 6.3.7).

A thief who signs in, or changes what lets people in, cannot do so in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import singledispatch
from uuid import UUID

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
    SecretLeaked,
    SessionStolen,
    SignedInAfterFailures,
)
from shared_kernel.application import InSteps
from shared_kernel.domain import AccountId, DomainEvent


@dataclass(frozen=True, slots=True)
class Notice:
    """What an event is to its owner: a mail, with these values beside the moment."""

    owner_id: UUID
    template: Template
    values: Mapping[str, str] = field(default_factory=dict[str, str])


PLAIN: Mapping[type[DomainEvent], Template] = {
    AccountClosed: Template.ACCOUNT_CLOSED,
    AccountImpersonated: Template.ACCOUNT_IMPERSONATED,
    AccountRestored: Template.ACCOUNT_RESTORED,
    AccountSuspended: Template.ACCOUNT_SUSPENDED,
    PasswordChanged: Template.PASSWORD_CHANGED,
    RecoveryCodesReplaced: Template.RECOVERY_CODES_RENEWED,
    SecondFactorAdded: Template.SECOND_FACTOR_ADDED,
    SecondFactorRemoved: Template.SECOND_FACTOR_REMOVED,
    SecondFactorFailed: Template.SECOND_FACTOR_FAILED,
    SessionStolen: Template.SESSION_STOLEN,
}
"""Events of an account about which there is nothing to say but that they happened, and when."""


@singledispatch
def notice_of(event: DomainEvent) -> Notice:
    """Return what the owner is told. An event with more to tell than PLAIN registers itself."""
    return Notice(event.subject_id, PLAIN[type(event)])


@notice_of.register
def _(event: ApiKeyCreated | ApiKeyRotated) -> Notice:
    return Notice(event.account_id, Template.API_KEY_CREATED, {"name": event.name})


@notice_of.register
def _(event: IdentityLinked) -> Notice:
    return Notice(event.subject_id, Template.IDENTITY_LINKED, {"provider": event.provider})


@notice_of.register
def _(event: IdentityUnlinked) -> Notice:
    return Notice(event.subject_id, Template.IDENTITY_UNLINKED, {"provider": event.provider})


@notice_of.register
def _(event: PasskeyAdded) -> Notice:
    return Notice(event.subject_id, Template.PASSKEY_ADDED, {"name": event.name})


@notice_of.register
def _(event: PasskeyCopied) -> Notice:
    return Notice(event.subject_id, Template.PASSKEY_COPIED, {"name": event.name})


@notice_of.register
def _(event: PasskeyRemoved) -> Notice:
    return Notice(event.subject_id, Template.PASSKEY_REMOVED, {"name": event.name})


@notice_of.register
def _(event: RecoveryCodeUsed) -> Notice:
    return Notice(event.subject_id, Template.RECOVERY_CODE_USED, {"left": str(event.left)})


@notice_of.register
def _(event: SecretLeaked) -> Notice:
    told = {"what": event.what, "name": event.name, "source": event.source, "url": event.url}
    return Notice(event.owner_id, Template.SECRET_LEAKED, told)


@notice_of.register
def _(event: SignedInAfterFailures) -> Notice:
    failures = {"failures": str(event.failures)}
    return Notice(event.subject_id, Template.SIGNED_IN_AFTER_FAILURES, failures)


@dataclass(frozen=True, slots=True)
class TellOwner(InSteps):
    """Mails the owner of an account what happened. An account without an owner is skipped."""

    postman: Postman

    async def __call__(self, event: DomainEvent) -> None:
        """Raise Unavailable when the mail cannot be sent now."""
        notice = notice_of(event)
        values = {"at": event.occurred_at.isoformat(), **notice.values}
        await self.postman.tell(AccountId(notice.owner_id), notice.template, values)


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


TOLD: tuple[type[DomainEvent], ...] = (
    *PLAIN,
    *(kind for kind in notice_of.registry if kind not in {object, DomainEvent}),
)
"""What the owner of an account is told about."""
