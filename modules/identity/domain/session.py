"""A session: one device signed in, from its sign-in until it ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from modules.identity.domain.label import label
from modules.identity.domain.refresh_token import RefreshToken, SessionToken
from shared_kernel.domain import AccountId, Aggregate, NotFound, Unauthenticated


class SessionUnknown(NotFound):
    """There is no such session, or it is somebody else's."""


class SessionOver(Unauthenticated):
    """The session has ended; sign in again."""


class AccessTokenRefused(Unauthenticated):
    """The access token is none of ours, is of another kind, or has expired."""


NAME_LENGTH = 100
IMPERSONATION_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """How long a session lasts, and how many an account may have.

    idle      without a refresh
    absolute  counted from the sign-in, whatever happens
    grace     how long a used refresh token still gets the same successor: two tabs that refresh
              at the same moment are both honest
    most      sessions of one account at a time
    """

    idle: timedelta = timedelta(days=7)
    absolute: timedelta = timedelta(days=30)
    grace: timedelta = timedelta(seconds=10)
    most: int = 20


class EndReason(StrEnum):
    """Why a session ended."""

    SIGNED_OUT = "signed_out"
    ENDED_BY_OWNER = "ended_by_owner"
    TOO_MANY = "too_many"
    EXPIRED = "expired"
    TOKEN_REUSED = "token_reused"  # noqa: S105 - the name of a reason
    ACCOUNT_CLOSED = "account_closed"
    SUSPENDED = "suspended"
    ADDRESS_VERIFIED = "address_verified"
    ADDRESS_TAKEN_BACK = "taken_back"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a reason
    ENDED_BY_ADMIN = "ended_by_admin"
    REAUTHENTICATED = "reauthenticated"
    LEAKED = "leaked"


class Exchange(StrEnum):
    """What became of a refresh token that was presented."""

    ROTATED = "rotated"
    REPEATED = "repeated"
    REUSED = "reused"
    REPLACED = "replaced"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What a request tells about where it comes from: shown to the owner, never believed.

    `keeps_cookie`: it is a browser that wants the session in a cookie, and no tokens. `token` is
    what it got at an earlier sign-in to be recognised by.
    """

    address: str | None = None
    user_agent: str | None = None
    keeps_cookie: bool = False
    token: str | None = field(default=None, repr=False)


@dataclass(eq=False, kw_only=True)
class Session(Aggregate):
    """One family of refresh tokens: every token is exchanged once for the next.

    Whoever presents an old one shows that the family is in two hands, and ends the session.
    """

    account_id: UUID
    family: UUID
    refresh_hash: bytes = field(repr=False)
    previous_hash: bytes | None = field(default=None, repr=False)
    rotated_at: datetime | None = None
    started_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    end_reason: EndReason | None = None
    address: str | None = None
    user_agent: str | None = None
    name: str | None = None
    authenticated_at: datetime | None = None
    methods: list[str] = field(default_factory=list[str])
    impersonator_id: UUID | None = None

    @classmethod
    def start(
        cls,
        account_id: AccountId,
        token: SessionToken,
        device: Device,
        *,
        methods: Collection[str],
        at: datetime,
        limits: SessionLimits,
    ) -> Self:
        """Begin a session that the token keeps going. `methods`: how the owner was recognised."""
        return cls(
            account_id=account_id,
            family=token.family,
            refresh_hash=token.hash,
            started_at=at,
            last_used_at=at,
            expires_at=at + limits.absolute,
            authenticated_at=at,
            methods=sorted(methods),
            address=device.address,
            user_agent=device.user_agent,
        )

    @classmethod
    def act_as(
        cls,
        account_id: AccountId,
        token: SessionToken,
        device: Device,
        *,
        by: AccountId,
        methods: Collection[str],
        at: datetime,
    ) -> Self:
        """Begin a session in which an administrator acts as the owner, for ten minutes.

        `methods`: how the administrator was recognised. The owner proved nothing, so that it is
        never fresh. The token is given to nobody.
        """
        limits = SessionLimits(absolute=IMPERSONATION_LASTS)
        begun = cls.start(account_id, token, device, methods=methods, at=at, limits=limits)
        begun.authenticated_at, begun.impersonator_id = None, by
        return begun

    def exchange(
        self,
        presented: RefreshToken,
        successors: Sequence[RefreshToken],
        *,
        at: datetime,
        limits: SessionLimits,
    ) -> tuple[Exchange, RefreshToken]:
        """Take a token of the family for its successor.

        `successors` holds what the token leads to under each secret key, the current key first.
        On REUSED and OVER the session has ended; then, and on REPLACED, the token returned is
        worth nothing.
        """
        newest = successors[0]
        if self._is_over(at=at, limits=limits):
            self.end(EndReason.EXPIRED, at=at)
            return Exchange.OVER, newest
        if presented.has(self.refresh_hash):
            self.previous_hash, self.refresh_hash = self.refresh_hash, newest.hash
            self.rotated_at = self.last_used_at = at
            return Exchange.ROTATED, newest
        repeated = self._given_already(presented, successors, at=at, grace=limits.grace)
        if repeated is not None:
            return Exchange.REPEATED, repeated
        if self._is_previous(presented, at=at, grace=limits.grace):
            return Exchange.REPLACED, newest
        self.end(EndReason.TOKEN_REUSED, at=at)
        return Exchange.REUSED, newest

    def renew(self, token: SessionToken, *, methods: Collection[str], at: datetime) -> None:
        """Go on with another token, for whoever proved by `methods` once more who they are.

        The token before is dead. In the time of grace it is taken for that of a tab that did not
        hear of it yet, and refused; later it ends the session, as any old one does.
        """
        self.previous_hash, self.refresh_hash = self.refresh_hash, token.hash
        self.rotated_at = self.last_used_at = self.authenticated_at = at
        self.methods = sorted({*self.methods, *methods})

    def forget(self, method: str) -> None:
        """Count the method as not proved."""
        self.methods = [one for one in self.methods if one != method]

    def end(self, reason: EndReason, *, at: datetime) -> None:
        """End the session. Ending it twice changes nothing."""
        if self.ended_at is None:
            self.ended_at, self.end_reason = at, reason

    def rename(self, name: str | None) -> None:
        """Give the session a name its owner recognises it by. Raises LabelRefused."""
        self.name = None if name is None else label(name, most=NAME_LENGTH, field="/name")

    def _is_over(self, *, at: datetime, limits: SessionLimits) -> bool:
        ended = self.ended_at is not None
        return ended or at >= self.expires_at or at >= self.last_used_at + limits.idle

    def _is_previous(self, presented: SessionToken, *, at: datetime, grace: timedelta) -> bool:
        in_time = self.rotated_at is not None and at <= self.rotated_at + grace
        return in_time and presented.has(self.previous_hash)

    def _given_already(
        self,
        presented: RefreshToken,
        successors: Sequence[RefreshToken],
        *,
        at: datetime,
        grace: timedelta,
    ) -> RefreshToken | None:
        if not self._is_previous(presented, at=at, grace=grace):
            return None
        return next((one for one in successors if one.has(self.refresh_hash)), None)


def with_led(ended: Session, held: Iterable[Session]) -> list[Session]:
    """Return a session that is to end, and those that end with it.

    What an account does as others ends with any session of its own: both may be a thief's.
    """
    own = ended.impersonator_id is None
    led = [one for one in held if one.impersonator_id == ended.account_id]
    return [ended, *(led if own else [])]
