"""Addresses and passwords, and the links that are mailed for them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from shared_kernel.domain import DomainEvent


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
class PasswordChanged(DomainEvent):
    """An account has another password. `subject_id` is the account; its owner is to be told."""
