"""What opens an account, what protects it, and signs that somebody else has it."""

from __future__ import annotations

from dataclasses import dataclass

from shared_kernel.domain import DomainEvent


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
class SecondFactorsTaken(DomainEvent):
    """An administrator took all second factors away from an account. `subject_id` is the account.

    Its owner, who lost them, is to be told; so is whoever did not ask for it.
    """


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
