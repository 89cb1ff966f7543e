"""The one way a session starts: whoever proved who they are, by whatever means, comes in here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from modules.identity.domain.account import Account
from modules.identity.domain.refresh_token import CookieToken
from modules.identity.domain.session import Device, Session, SessionLimits, make_room
from modules.identity.ports import AccessToken, AccessTokens, RefreshTokens, Transaction
from modules.identity.ports.throttle import KnownDevices
from shared_kernel.application import AuditEntry, Clock
from shared_kernel.domain import new_id


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a device proves itself with: a pair of tokens, or a cookie for so many seconds.

    By its `device_token` it is recognised when it signs in again.
    """

    access: AccessToken
    refresh_token: str = field(repr=False)
    cookie_seconds: int | None = None
    device_token: str | None = field(default=None, repr=False)


Admitted = SignedIn


@dataclass(frozen=True, slots=True)
class Admission:
    """Starts sessions, in the transaction of whoever verified the proof."""

    clock: Clock
    refresh_tokens: RefreshTokens
    access_tokens: AccessTokens
    limits: SessionLimits
    devices: KnownDevices

    async def admit(
        self, tx: Transaction, account: Account, *, methods: Collection[str], device: Device
    ) -> Admitted:
        """Let the owner of a locked, active account in, who proved it by `methods` (RFC 8176)."""
        first, now = self.refresh_tokens.first(), self.clock.now()
        token = CookieToken.instead_of(first) if device.keeps_cookie else first
        make_room(await tx.sessions.open_of(account.id), at=now, most=self.limits.most)
        session = Session.start(
            account.account_id, token, device, methods=methods, at=now, limits=self.limits
        )
        tx.sessions.add(session)
        tx.audit(
            AuditEntry(
                action="identity.signed_in",
                occurred_at=now,
                subject_id=session.id,
                actor_id=account.account_id,
                detail={"methods": " ".join(session.methods)},
            )
        )
        seconds = int(self.limits.absolute.total_seconds()) if device.keeps_cookie else None
        return SignedIn(
            self.access_tokens.issue(session, at=now),
            token.text,
            seconds,
            self._known_from_now_on(account, device),
        )

    def _known_from_now_on(self, account: Account, device: Device) -> str:
        who = account.email_normalized
        return self.devices.token(who, self.devices.recognise(who, device.token) or new_id())
