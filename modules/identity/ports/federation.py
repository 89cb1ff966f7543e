"""Signing in with providers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from modules.identity.domain.account import Account
from modules.identity.domain.federated import (
    FederatedIdentity,
    KeptProof,
    Proof,
    Visit,
    VisitKeys,
)
from modules.identity.ports.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAnswer:
    """What a provider sent a browser back with, for `code` to be exchanged.

    issuer  who answers, as the answer itself says (RFC 9207)
    """

    code: str = field(repr=False)
    issuer: str | None = None


class Providers(Protocol):
    """The providers that are configured. Every call takes ten seconds at most.

    Raises ProviderUnknown and ProviderUnavailable.
    """

    @property
    def names(self) -> Sequence[str]:
        """What they are called here."""
        ...

    async def authorization_url(self, provider: str, keys: VisitKeys) -> str:
        """Return where a browser has to go to."""
        ...

    async def prove(self, provider: str, answer: ProviderAnswer, keys: VisitKeys) -> Proof:
        """Exchange the code, and return what the provider vouches for. Raises ProofRefused."""
        ...


class VisitSecrets(Protocol):
    """Makes what nobody can guess."""

    def draw(self) -> VisitKeys:
        """Return the keys of a new visit."""
        ...

    def again(self, state: str, challenge: str) -> VisitKeys | None:
        """Return the keys that `draw` made this state and challenge with; they are not stored."""
        ...

    def browser(self, text: str | None) -> str:
        """Return what a browser is known by: what it has already, or else something new."""
        ...

    def code(self) -> str:
        """Return a new sign-in code."""
        ...


class Identities(Protocol):
    """Identities, inside one transaction. Lock the account first."""

    def add(self, aggregate: FederatedIdentity) -> None: ...

    async def owner_of(self, issuer: str, subject: str) -> UUID | None:
        """Return the account an identity opens."""
        ...

    async def opening(self, issuer: str, subject: str) -> tuple[Account, FederatedIdentity] | None:
        """Return the account that an identity opens, locked, and the identity."""
        ...

    async def of_account(self, account_id: UUID) -> Sequence[FederatedIdentity]:
        """Return all identities that open an account."""
        ...

    async def remove(self, aggregate: FederatedIdentity) -> None: ...


class Visits(Protocol):
    """Browsers that are with a provider."""

    def add(self, visit: Visit) -> None: ...

    async def take(self, state_hash: bytes, browser_hash: bytes, *, at: datetime) -> Visit | None:
        """Return a visit and forget it: of many who ask at once, one gets it."""
        ...


class KeptProofs(Protocol):
    """Proofs that wait for the front end."""

    def add(self, kept: KeptProof) -> None: ...

    async def take(self, code_hash: bytes, *, at: datetime) -> KeptProof | None:
        """Return a proof and forget it: of many who ask at once, one gets it."""
        ...


class WaysIn(Protocol):
    """What signs an account in by itself, counted inside the transaction that removes one."""

    async def count(self, account_id: UUID) -> int:
        """Return how many there are: the password, identities, passkeys. Lock the account first."""
        ...


class FederationTransaction(Transaction, Protocol):
    """A transaction that also knows identities, visits and proofs."""

    @property
    def identities(self) -> Identities: ...

    @property
    def visits(self) -> Visits: ...

    @property
    def proofs(self) -> KeptProofs: ...

    @property
    def ways_in(self) -> WaysIn: ...

    async def flush(self) -> None:
        """Save what was added so far, before what refers to it. Raises what stands against it."""
        ...


BeginFederation = Callable[[], AbstractAsyncContextManager[FederationTransaction]]
