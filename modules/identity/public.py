"""What other modules may know of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from shared_kernel.domain import AccountId, DomainEvent, Permission


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountRegistered(DomainEvent):
    """Somebody has an account now. `subject_id` is the account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedInAfterFailures(DomainEvent):
    """The right password came after many wrong ones. `subject_id` is the account.

    Somebody may have guessed it: its owner is to be told. `failures` are those before it.
    """

    failures: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionStolen(DomainEvent):
    """A refresh token came that was used before: two have a copy. `subject_id` is the account.

    The session has ended for both; its owner is to be told.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountClosed(DomainEvent):
    """An account was closed for good. `subject_id` is the account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountErased(DomainEvent):
    """An account was closed, and all that tells who its owner was is to go. `subject_id` is it.

    Every module that holds something personal hears this, and forgets it. Closing comes first:
    AccountClosed is told, too.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class FarewellOwed(DomainEvent):
    """The owner of an account that was erased is to be told. `subject_id` is the account.

    Nothing else knows the address any more; the event is deleted once it was delivered.
    """

    email: str
    locale: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountSuspended(DomainEvent):
    """Nobody can sign in to the account until it is restored. `subject_id` is the account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountRestored(DomainEvent):
    """A suspended account can be used again. `subject_id` is the account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountImpersonated(DomainEvent):
    """An administrator acts as the owner of an account. `subject_id` is the account.

    Its owner is to be told.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class ProfileChanged(DomainEvent):
    """Some of an account's members have new values; these are their names."""

    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PasswordChanged(DomainEvent):
    """An account has another password. `subject_id` is the account; its owner is to be told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressVerified(DomainEvent):
    """The owner of an account showed that they read its mail. `subject_id` is the account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressChanged(DomainEvent):
    """An account has another address. `subject_id` is the account.

    Whoever reads mail at the `former` one is to be told; nothing else knows it any more. The link
    mailed there undoes the change, and has the id `link_id`.
    """

    link_id: UUID
    former: str
    locale: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressTakenBack(DomainEvent):
    """A change of address was undone from the former one. `subject_id` is the account.

    Its sessions have ended, and its password is forgotten: somebody else may know it.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressChangeRequested(DomainEvent):
    """The owner of an account wants another address. `subject_id` is the account.

    The link mailed to that address proves that it is theirs, and has the id `link_id`.
    """

    link_id: UUID
    email: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistrationRepeated(DomainEvent):
    """Somebody registered an address that has an account. `subject_id` is the link to mail."""

    email_normalized: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VerificationRequested(DomainEvent):
    """Somebody asked to verify an address; whether it has an account is found out later.

    `subject_id` is the link to mail.
    """

    email_normalized: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PasswordResetRequested(DomainEvent):
    """Somebody forgot the password of an address; whether it has an account is found out later.

    `subject_id` is the link to mail.
    """

    email_normalized: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiKeyCreated(DomainEvent):
    """An account has another API key. `subject_id` is the key."""

    account_id: AccountId
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiKeyRotated(DomainEvent):
    """An API key has another secret. `subject_id` is the key."""

    account_id: AccountId
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiKeyRevoked(DomainEvent):
    """An API key is refused from now on. `subject_id` is the key.

    reason  by_owner, leaked, or taken_back: with the account it belongs to
    """

    account_id: AccountId
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretLeaked(DomainEvent):
    """A secret was found where everybody can read it, and is refused from now on.

    subject_id  the API key, the secret of a service account, or the session
    owner_id    the person to tell: for a service account whoever made it
    what        api_key, service_account_secret or refresh_token
    name        what its owner calls it; empty where it has no name
    source      what kind of place it was found in, as the scanner says
    url         where it was found, as the scanner says; may be empty
    """

    owner_id: AccountId
    what: str
    name: str
    source: str
    url: str


READ_SERVICE_ACCOUNTS = Permission(
    "identity.service-accounts.read", "See the service accounts and when they were used."
)
WRITE_SERVICE_ACCOUNTS = Permission(
    "identity.service-accounts.write",
    "Make, change and delete service accounts, and give them secrets.",
)


READ_ACCOUNTS = Permission(
    "identity.accounts.read", "See every account, its sessions and its sign-ins."
)
WRITE_ACCOUNTS = Permission(
    "identity.accounts.write", "Change, suspend, restore and close accounts of others."
)
IMPERSONATE = Permission(
    "identity.accounts.impersonate", "Act as somebody else who may do no more than oneself."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class IdentityLinked(DomainEvent):
    """An account may be signed in to with a provider, too. `subject_id` is the account."""

    provider: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IdentityUnlinked(DomainEvent):
    """A provider no longer opens an account. `subject_id` is the account."""

    provider: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PasskeyAdded(DomainEvent):
    """A passkey opens an account, and protects it. `subject_id` is the account."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PasskeyRemoved(DomainEvent):
    """A passkey no longer opens an account. `subject_id` is the account."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PasskeyCopied(DomainEvent):
    """A passkey was refused, for there seems to be a copy of it. `subject_id` is the account."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondFactorAdded(DomainEvent):
    """An authenticator app protects an account. `subject_id` is the account; `method` is totp."""

    method: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondFactorRemoved(DomainEvent):
    """A second factor no longer protects an account. `subject_id` is the account."""

    method: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondFactorFailed(DomainEvent):
    """Somebody proved the first factor, and missed the second until no attempt was left.

    Most likely they know the password, and are not its owner. `subject_id` is the account.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class RecoveryCodesReplaced(DomainEvent):
    """An account has other recovery codes. `subject_id` is the account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecoveryCodeUsed(DomainEvent):
    """Somebody signed in, or proved who they are, with a recovery code. `left`: how many remain.

    `subject_id` is the account.
    """

    left: int


@dataclass(frozen=True, slots=True)
class AccountView:
    """An open account, as other modules may see it."""

    id: AccountId
    email: str
    registered_at: datetime
    email_verified: bool = False


class AccountDirectory(Protocol):
    """Finds accounts, and makes them for administrators."""

    async def register(self, email: str, password: str) -> AccountId:
        """Open an account.

        Raises EmailMalformed, EmailTaken or PasswordTooWeak; Unavailable when too many passwords
        are being hashed.
        """
        ...

    async def find(self, email: str) -> AccountView | None:
        """Return the open account of an address, however it is written; None when there is none."""
        ...

    async def is_open(self, account_id: AccountId) -> bool:
        """Say whether there is an open account of this id, a person's or a service account's."""
        ...
