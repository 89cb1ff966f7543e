"""What a proven identity is good for: signing in, opening an account, being linked to one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from modules.identity.application.admission import Admission, Admitted
from modules.identity.application.protection import own_account
from modules.identity.domain.account import (
    Account,
    AccountStatus,
    EmailAddress,
    EmailMalformed,
    EmailTaken,
)
from modules.identity.domain.federated import (
    FEDERATED,
    AccountNotOpen,
    AddressHasAccount,
    AddressNotVouchedFor,
    FederatedIdentity,
    IdentityTaken,
    IdentityUnknown,
    LastWayIn,
    Proof,
)
from modules.identity.domain.session import Device
from modules.identity.ports import EmailAddresses
from modules.identity.ports.federation import BeginFederation, FederationTransaction
from modules.identity.public import AccountClosed
from shared_kernel.application import AuditEntry, AuditTrail, Caller, Clock, Outcome
from shared_kernel.domain import DomainError


@dataclass(frozen=True, slots=True)
class IdentityView:
    """A provider that opens the account."""

    id: UUID
    provider: str
    label: str | None
    linked_at: datetime
    last_used_at: datetime


class FederatedQueries(Protocol):
    """Reads, outside any transaction."""

    async def identities(self, caller: Caller) -> Sequence[IdentityView]:
        """Return what opens the caller's account, the oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class SignInWithProof:
    """Lets a proven identity in; a new one gets an account of its own.

    An address never leads to an account that is there already: whoever has it signs in as
    always, and links the identity.
    """

    begin: BeginFederation
    clock: Clock
    audit: AuditTrail
    emails: EmailAddresses
    admission: Admission

    async def __call__(self, proof: Proof, device: Device) -> Admitted:
        """Raise AccountNotOpen, AddressHasAccount or AddressNotVouchedFor."""
        try:
            return await self._enter_beside_others(proof, device)
        except (AccountNotOpen, AddressHasAccount, AddressNotVouchedFor) as refused:
            await self._note(proof, refused)
            raise

    async def _enter_beside_others(self, proof: Proof, device: Device) -> Admitted:
        try:
            return await self._enter(proof, device)
        except (IdentityTaken, EmailTaken, AddressHasAccount):
            # Somebody may have been faster, most likely the same person in another tab.
            return await self._enter(proof, device)

    async def _enter(self, proof: Proof, device: Device) -> Admitted:
        async with self.begin() as tx:
            found = await tx.identities.opening(proof.issuer, proof.subject)
            account = await self._open(tx, proof) if found is None else self._opened(*found)
            return await self.admission.admit(tx, account, methods=[FEDERATED], device=device)

    def _opened(self, account: Account, identity: FederatedIdentity) -> Account:
        if account.status is not AccountStatus.ACTIVE:
            raise AccountNotOpen("this account cannot be used")
        identity.use(at=self.clock.now())
        return account

    async def _open(self, tx: FederationTransaction, proof: Proof) -> Account:
        address, now = self._address(proof), self.clock.now()
        if address is None:
            raise AddressNotVouchedFor(
                "the provider vouches for no address: register with one, then link the provider"
            )
        account = Account.register(address, None, at=now, verified=True)
        if not await tx.accounts.open(account):
            raise AddressHasAccount(
                "an account has this address: sign in to it, then link the provider there"
            )
        tx.identities.add(FederatedIdentity.first_of(account, proof, at=now))
        return account

    def _address(self, proof: Proof) -> EmailAddress | None:
        try:
            return self.emails.parse(proof.email) if proof.email is not None else None
        except EmailMalformed:
            return None

    async def _note(self, proof: Proof, refused: DomainError) -> None:
        await self.audit.record(
            AuditEntry(
                action="identity.provider_sign_in_failed",
                occurred_at=self.clock.now(),
                outcome=Outcome.REFUSED,
                detail={"provider": proof.provider, "reason": refused.code},
            )
        )


@dataclass(frozen=True, slots=True)
class IdentityService:
    """What the owner of an account does with the providers that open it."""

    begin: BeginFederation
    clock: Clock

    async def link(self, caller: Caller, proof: Proof) -> None:
        """Let a proven identity open the caller's account; again, if it does, changes nothing.

        Raises IdentityTaken when it opens another account, and AddressNotVerified.
        """
        async with self.begin() as tx:
            account = await own_account(tx, caller)
            owner = await tx.identities.owner_of(proof.issuer, proof.subject)
            if owner is None:
                tx.identities.add(FederatedIdentity.link(account, proof, at=self.clock.now()))
            elif owner != account.id:
                raise IdentityTaken("this identity opens another account")

    async def unlink(self, caller: Caller, identity_id: UUID) -> None:
        """Let an identity open the caller's account no more.

        Raises IdentityUnknown, and LastWayIn when the owner could not sign in any more.
        """
        async with self.begin() as tx:
            account = await tx.accounts.get_locked(caller.id)
            mine = await tx.identities.of_account(account.id)
            chosen = next((one for one in mine if one.id == identity_id), None)
            if chosen is None:
                raise IdentityUnknown("there is no such identity")
            if await tx.ways_in.count(account.id) <= 1:
                raise LastWayIn("nothing else lets you in: set a password or link another first")
            chosen.unlink(at=self.clock.now())
            await tx.identities.remove(chosen)


@dataclass(frozen=True, slots=True)
class ForgetIdentities:
    """Frees the identities of a closed account, so that they may open another one."""

    begin: BeginFederation

    async def __call__(self, event: AccountClosed) -> None:
        """Remove them. Once more changes nothing."""
        async with self.begin() as tx:
            for identity in await tx.identities.of_account(event.subject_id):
                await tx.identities.remove(identity)
