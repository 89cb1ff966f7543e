"""Acting as somebody else: briefly, seen by all, and never with more rights than one has."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from modules.identity.application.administration import Administered, require_other
from modules.identity.application.protection import require_proved
from modules.identity.domain.account import Account, AccountStatus, NotToBeImpersonated
from modules.identity.domain.second_factor import NotAsSomebodyElse
from modules.identity.domain.session import Device, EndReason, Session
from modules.identity.ports import AccessTokens, Begin, RefreshTokens
from modules.identity.ports.links import LinkTransaction
from modules.identity.public import AccountClosed, AccountImpersonated, AccountSuspended
from shared_kernel.application import Caller, Clock
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True)
class Impersonation:
    """What somebody acts as another with: an access token alone, which nothing prolongs."""

    session_id: UUID
    access_token: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True, slots=True)
class Impersonate:
    """Lets an administrator act as the owner of an account.

    They gain nothing: at the start they must hold all that the owner may do, and afterwards every
    decision asks what both may do (`Authorizer`). What only the owner may do is refused.
    """

    administered: Administered
    clock: Clock
    access_tokens: AccessTokens
    refresh_tokens: RefreshTokens

    async def __call__(
        self, caller: Caller, account_id: UUID, reason: str, device: Device
    ) -> Impersonation:
        """Raise NotUponYourself, NotToBeImpersonated, InsufficientAuthentication, BeyondOwnRights.

        The owner is told. It ends by signing out, or after ten minutes.
        """
        if caller.impersonator_id is not None:
            raise NotAsSomebodyElse("not while acting as somebody else")
        require_other(caller, account_id)
        session = self._session(caller, account_id, device)
        told = {
            "reason": reason,
            "session": str(session.id),
            "expires_at": session.expires_at.isoformat(),
        }
        opened = self.administered(caller, account_id, "impersonation_started", **told)
        async with opened as (tx, account):
            await self._require_allowed(tx, caller, account)
            tx.sessions.add(session)
            now = self.clock.now()
            tx.publish(AccountImpersonated(subject_id=account.id, occurred_at=now))
        access = self.access_tokens.issue(
            session, at=session.started_at, verified=account.is_verified
        )
        return Impersonation(session.id, access.text, access.expires_in)

    def _session(self, caller: Caller, account_id: UUID, device: Device) -> Session:
        return Session.act_as(
            AccountId(account_id),
            self.refresh_tokens.first(),
            device,
            by=caller.id,
            methods=caller.methods,
            at=self.clock.now(),
        )

    async def _require_allowed(self, tx: LinkTransaction, caller: Caller, account: Account) -> None:
        if account.status is not AccountStatus.ACTIVE:
            raise NotToBeImpersonated("the account is suspended or closed")
        await require_proved(tx, caller)


@dataclass(frozen=True, slots=True)
class StopImpersonating:
    """Ends what an account that is closed or suspended does as others."""

    begin: Begin

    async def __call__(self, event: AccountClosed | AccountSuspended) -> None:
        """End it. Once more changes nothing."""
        suspended = isinstance(event, AccountSuspended)
        reason = EndReason.SUSPENDED if suspended else EndReason.ACCOUNT_CLOSED
        async with self.begin() as tx:
            for session in await tx.sessions.led_by(event.subject_id):
                session.end(reason, at=event.occurred_at)
