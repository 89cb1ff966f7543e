"""The one way a session starts: whoever proved who they are, by whatever means, comes in here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from modules.identity.domain.account import Account, SignInRefused
from modules.identity.domain.pending_sign_in import (
    PENDING_LASTS,
    PendingSignIn,
    password_print,
)
from modules.identity.domain.refresh_token import CookieToken, SessionToken
from modules.identity.domain.session import Device, Session, SessionLimits
from modules.identity.ports import AccessToken, AccessTokens, RefreshTokens, Transaction
from modules.identity.ports.second_factor import SecondFactorSecrets
from modules.identity.ports.throttle import KnownDevices
from shared_kernel.application import SECOND_FACTOR, AuditEntry, Clock
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


@dataclass(frozen=True, slots=True)
class SecondFactorNeeded:
    """What a sign-in is finished with, by one of the `methods` and within `expires_in` seconds."""

    pending_token: str = field(repr=False)
    methods: Sequence[str]
    expires_in: int


Admitted = SignedIn | SecondFactorNeeded


@dataclass(frozen=True, slots=True)
class Admission:
    """Starts sessions, in the transaction of whoever verified the proof.

    An account with a second factor gets no session before that is proved, too.
    """

    clock: Clock
    refresh_tokens: RefreshTokens
    access_tokens: AccessTokens
    limits: SessionLimits
    devices: KnownDevices
    secrets: SecondFactorSecrets

    async def admit(
        self, tx: Transaction, account: Account, *, methods: Collection[str], device: Device
    ) -> Admitted:
        """Let the owner of a locked, active account in, who proved it by `methods` (RFC 8176).

        Methods with `mfa` among them are enough for every account.
        """
        session, token = self._begun(account, methods, device)
        unprotected = SECOND_FACTOR not in methods
        factors = await tx.sessions.start(session, most=self.limits.most, unprotected=unprotected)
        if factors:
            return self._ask(tx, account, methods, factors, device)
        return self._signed_in(tx, account, session, token, device)

    async def start(
        self, tx: Transaction, account: Account, *, methods: Collection[str], device: Device
    ) -> SignedIn:
        """Start a session, for whoever proved all that the account asks for.

        Raises SignInRefused while it is doubted that they read the account's mail.
        """
        session, token = self._begun(account, methods, device)
        await tx.sessions.start(session, most=self.limits.most, unprotected=False)
        return self._signed_in(tx, account, session, token, device)

    def _begun(
        self, account: Account, methods: Collection[str], device: Device
    ) -> tuple[Session, SessionToken]:
        if account.doubted_at is not None:
            raise SignInRefused("verify the address first, by the link mailed to it")
        first, now = self.refresh_tokens.first(), self.clock.now()
        token = CookieToken.instead_of(first) if device.keeps_cookie else first
        session = Session.start(
            account.account_id, token, device, methods=methods, at=now, limits=self.limits
        )
        return session, token

    def _signed_in(
        self,
        tx: Transaction,
        account: Account,
        session: Session,
        token: SessionToken,
        device: Device,
    ) -> SignedIn:
        now = session.started_at
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
            self.access_tokens.issue(session, at=now, verified=account.is_verified),
            token.text,
            seconds,
            self._known_from_now_on(account, device),
        )

    def _ask(
        self,
        tx: Transaction,
        account: Account,
        methods: Collection[str],
        factors: Collection[str],
        device: Device,
    ) -> SecondFactorNeeded:
        token, now = self.secrets.pending(), self.clock.now()
        tx.pending_sign_ins.add(
            PendingSignIn(
                token_hash=token.hash,
                account_id=account.id,
                methods=sorted(methods),
                password_print=password_print(account),
                device_id=self.devices.recognise(account.email_normalized, device.token),
                expires_at=now + PENDING_LASTS,
            )
        )
        tx.audit(
            AuditEntry(
                action="identity.second_factor_asked",
                occurred_at=now,
                subject_id=account.id,
                actor_id=account.account_id,
                detail={"methods": " ".join(sorted(methods))},
            )
        )
        seconds = int(PENDING_LASTS.total_seconds())
        return SecondFactorNeeded(token.text, sorted(factors), seconds)

    def _known_from_now_on(self, account: Account, device: Device) -> str:
        who = account.email_normalized
        return self.devices.token(who, self.devices.recognise(who, device.token) or new_id())
