"""Identities at providers: who somebody is elsewhere, and which account that opens."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Self
from uuid import UUID

from modules.identity.domain.account import Account
from modules.identity.public import IdentityLinked, IdentityUnlinked
from shared_kernel.domain import (
    AccountId,
    Aggregate,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Unauthenticated,
    Unavailable,
)

VISIT_LASTS = timedelta(minutes=10)
PROOF_LASTS = timedelta(seconds=60)

FEDERATED = "fed"
"""How a provider's word is told among the methods of a session (in the manner of RFC 8176)."""


class ProviderUnknown(NotFound):
    """There is no such provider here."""


class ProviderUnavailable(Unavailable):
    """The provider does not answer, or not as its standard says. Other ways to sign in work."""


class SignInNotStarted(Forbidden):
    """This sign-in was not started by this browser, was finished before, or took too long."""


class ProviderRefused(Forbidden):
    """The provider did not let the person in, or they turned back there."""


class ProofRefused(Forbidden):
    """What came back from the provider does not prove who somebody is."""


class RedirectNotAllowed(Invalid):
    """This address is not among those that people may be sent back to."""


class SignInCodeRefused(Unauthenticated):
    """The code is not valid: used before, too old, or of a sign-in somebody else started."""


class IdentityUnknown(NotFound):
    """There is no such identity, or it belongs to somebody else."""


class IdentityTaken(Conflict):
    """The identity opens another account."""


class AddressHasAccount(Conflict):
    """An account has this address: sign in to it, and link the identity there."""


class AddressNotVouchedFor(Conflict):
    """The provider vouches for no address: register with one, and link the identity then."""


class AddressNotVerified(Forbidden):
    """The account's own address has to be verified first."""


class AccountNotOpen(Forbidden):
    """The account this identity belongs to cannot be used."""


class LastWayIn(Conflict):
    """Without it nothing would let its owner into the account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a provider vouches for: who somebody is there, and nothing about accounts here.

    email  an address it has verified; one it has not is never looked at
    label  what the owner knows the identity by, shown to nobody else
    """

    provider: str
    issuer: str
    subject: str
    email: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class VisitKeys:
    """What ties one visit to a provider together. All three are secrets of this one visit."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)

    @property
    def challenge(self) -> str:
        """What the provider gets of the verifier (RFC 7636, S256)."""
        return challenge_of(self.verifier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A browser that was sent to a provider, until it comes back. Nothing of it is secret.

    challenge       what the provider knows of our verifier
    redirect_to     where the browser goes afterwards
    code_challenge  what the front end keeps the verifier of: only it can use the code it gets
    """

    state_hash: bytes
    browser_hash: bytes
    provider: str
    challenge: str
    redirect_to: str | None = None
    code_challenge: str | None = None
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptProof:
    """A proof that waits for the front end to say what it is for."""

    code_hash: bytes
    code_challenge: str
    proof: Proof
    expires_at: datetime

    def answers(self, verifier: str) -> bool:
        """Say whether it was the holder of this verifier who started the sign-in."""
        return hmac.compare_digest(challenge_of(verifier), self.code_challenge)


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636, section 4.2)."""
    digest = sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(eq=False, kw_only=True)
class FederatedIdentity(Aggregate):
    """Somebody at a provider: issuer and subject, which no two accounts share."""

    account_id: UUID
    provider: str
    issuer: str
    subject: str
    label: str | None
    linked_at: datetime
    last_used_at: datetime

    @classmethod
    def first_of(cls, account: Account, proof: Proof, *, at: datetime) -> Self:
        """Return the identity a new account was opened with."""
        return cls(
            account_id=account.id,
            provider=proof.provider,
            issuer=proof.issuer,
            subject=proof.subject,
            label=proof.label,
            linked_at=at,
            last_used_at=at,
        )

    @classmethod
    def link(cls, account: Account, proof: Proof, *, at: datetime) -> Self:
        """Let the identity open an account. Raises AddressNotVerified.

        Whoever registered with somebody else's address must not leave a way in behind for the
        day its owner takes the account over.
        """
        if account.email_verified_at is None:
            raise AddressNotVerified("verify the address of the account first")
        identity = cls.first_of(account, proof, at=at)
        linked = IdentityLinked(subject_id=account.id, occurred_at=at, provider=proof.provider)
        identity.record(linked)
        return identity

    @property
    def owner_id(self) -> AccountId:
        """The account it opens."""
        return AccountId(self.account_id)

    def use(self, *, at: datetime) -> None:
        """Note that it opened the account."""
        self.last_used_at = at

    def unlink(self, *, at: datetime) -> None:
        """Say that it opens the account no more."""
        self.record(
            IdentityUnlinked(subject_id=self.account_id, occurred_at=at, provider=self.provider)
        )
