"""Passkeys (WebAuthn): keys that never leave the devices of their owner."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Self
from uuid import UUID

from modules.identity.domain.account import Account
from modules.identity.domain.federated import AddressNotVerified
from modules.identity.domain.label import label
from modules.identity.public import PasskeyAdded, PasskeyCopied, PasskeyRemoved
from shared_kernel.domain import Aggregate, Conflict, Forbidden, NotFound

PASSKEY = "passkey"
"""A way to finish a sign-in. In tokens it is told by the methods of RFC 8176."""

CHALLENGE_BYTES, CHALLENGE_LASTS = 32, timedelta(minutes=5)
MOST_PASSKEYS, NAME_LENGTH = 20, 60


class PasskeyRefused(Forbidden):
    """What the passkey says is not believed. It is never said why."""


class PasskeyUnknown(NotFound):
    """There is no such passkey, or it is somebody else's."""


class PasskeyTaken(Conflict):
    """The passkey opens an account already."""


class TooManyPasskeys(Conflict):
    """The account has as many passkeys as an account may have."""


class Ceremony(StrEnum):
    """What a passkey is asked for. An answer to one is worth nothing in another."""

    ADD = "add"
    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"
    STEP_UP = "step_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What a passkey is asked to sign, once and within five minutes. Only its hash is kept.

    bound_to  whose answer is waited for: the session's id, the hash of the waiting sign-in;
              empty where it is not known yet who they are
    """

    challenge_hash: bytes
    ceremony: Ceremony
    bound_to: bytes = b""
    expires_at: datetime


def hash_of(challenge: bytes) -> bytes:
    """Return what is stored of a challenge."""
    return sha256(challenge).digest()


def user_handle_of(account_id: UUID) -> bytes:
    """Return what passkeys know an account by: always the same, and nothing about its owner."""
    return sha256(b"passkey user handle " + account_id.bytes).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCredential:
    """What a passkey that was just made says of itself."""

    credential_id: bytes
    public_key: bytes = field(repr=False)
    sign_count: int
    transports: tuple[str, ...]
    aaguid: UUID
    backup_eligible: bool
    backed_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What a passkey says when it is used, its signature being verified."""

    user_handle: bytes | None
    sign_count: int
    backup_eligible: bool
    backed_up: bool


@dataclass(eq=False, kw_only=True)
class Passkey(Aggregate):
    """One passkey of an account: on one device, or on all of its owner's that share a keychain.

    credential_id    what it is called by itself: no two are called the same
    public_key       what its signatures are verified with (COSE)
    sign_count       how often it was used, as it says; 0 for ever where it does not count
    aaguid           what model it is; all zero where it does not say
    backup_eligible  it may be copied to other devices of its owner, which never changes
    """

    account_id: UUID
    name: str
    credential_id: bytes
    public_key: bytes = field(repr=False)
    sign_count: int
    transports: list[str]
    aaguid: UUID
    backup_eligible: bool
    backed_up: bool
    added_at: datetime
    last_used_at: datetime | None = None

    @classmethod
    def add(cls, account: Account, made: NewCredential, *, name: str, at: datetime) -> Self:
        """Let a passkey open an account. Raises AddressNotVerified, LabelRefused."""
        require_verified(account)
        passkey = cls(
            account_id=account.id,
            name=label(name, most=NAME_LENGTH, field="/name"),
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            transports=list(made.transports),
            aaguid=made.aaguid,
            backup_eligible=made.backup_eligible,
            backed_up=made.backed_up,
            added_at=at,
        )
        passkey.record(PasskeyAdded(subject_id=account.id, occurred_at=at, name=passkey.name))
        return passkey

    @property
    def methods(self) -> frozenset[str]:
        """How whoever uses it proved who they are (RFC 8176).

        They have the key, `hwk` in one device's hardware, `swk` where it is copied, and were
        verified by it: present (`user`), with a finger or a secret, which is a second factor
        (`mfa`).
        """
        return frozenset({"swk" if self.backup_eligible else "hwk", "user", "mfa"})

    def use(self, said: Assertion, *, named: bool, at: datetime) -> bool:
        """Take what it says, and say whether to believe it.

        `named`: it has to say whose it is, too. A count that does not grow tells that there is a
        copy, which one owner cannot have: nothing is believed then, and the owner is told. A
        passkey that never counts says 0 each time.
        """
        if said.user_handle is None and named:
            return False
        if said.user_handle not in {None, user_handle_of(self.account_id)}:
            return False
        if said.backup_eligible is not self.backup_eligible:
            return False
        if said.sign_count <= self.sign_count and (said.sign_count or self.sign_count):
            self.record(PasskeyCopied(subject_id=self.account_id, occurred_at=at, name=self.name))
            return False
        self.sign_count, self.backed_up, self.last_used_at = said.sign_count, said.backed_up, at
        return True

    def rename(self, name: str) -> None:
        """Give it another name."""
        self.name = label(name, most=NAME_LENGTH, field="/name")

    def retire(self, *, at: datetime) -> None:
        """Say that it opens the account no more."""
        self.record(PasskeyRemoved(subject_id=self.account_id, occurred_at=at, name=self.name))


def require_verified(account: Account) -> None:
    """Raise AddressNotVerified while nobody knows that the address is the account's.

    Whoever registered with somebody else's address must not leave a way in behind for the day
    its owner takes the account over.
    """
    if account.email_verified_at is None:
        raise AddressNotVerified("verify the address of the account first")


def refused() -> PasskeyRefused:
    """Return the one refusal there is, whatever is wrong."""
    return PasskeyRefused("the passkey was not accepted")
