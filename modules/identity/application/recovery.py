"""What opening a mailed link does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from modules.identity.application.links import OpenLink
from modules.identity.application.locking_out import lock_out
from modules.identity.domain.account import Account
from modules.identity.domain.link import SUSPECTED, Link, Purpose
from modules.identity.domain.password import PasswordPolicy
from modules.identity.domain.session import EndReason
from modules.identity.domain.throttle import Flow
from modules.identity.ports import PasswordHasher
from modules.identity.ports.links import LinkTransaction
from modules.identity.ports.throttle import Throttle
from shared_kernel.application import Caller, Clock


async def disown_past(
    tx: LinkTransaction, account: Account, caller: Caller | None, *, at: datetime
) -> None:
    """Take an account that nobody verified so far from whoever used it, for its owner.

    Sessions end, and what else opens it is deleted: somebody may have registered it in the
    owner's name, and waits. A caller in a session of the account's own is the owner: that session
    and everything else stays.
    """
    if account.email_verified_at is not None:
        return
    mine = await tx.sessions.open_of(account.id)
    here = caller.session_id if caller is not None else None
    if here not in {session.id for session in mine}:
        await tx.traces.forget_ways_in(account)
    for session in mine:
        if session.id != here:
            session.end(EndReason.ADDRESS_VERIFIED, at=at)


@dataclass(frozen=True, slots=True)
class VerifyAddress:
    """Believes an address to be its owner's.

    Whoever used the account before that may be somebody else: see `disown_past`.
    """

    open_link: OpenLink
    clock: Clock
    throttle: Throttle

    async def __call__(self, token: str, caller: Caller | None) -> None:
        """Raise LinkRefused and TooManyAttempts."""

        async def verify(tx: LinkTransaction, account: Account) -> None:
            await disown_past(tx, account, caller, at=self.clock.now())
            account.verify_address(at=self.clock.now())

        async with self.throttle.attempt(Flow.VERIFY):
            await self.open_link.use(await self.open_link.find(Purpose.VERIFY, token), verify)


@dataclass(frozen=True, slots=True)
class ResetPassword:
    """Sets another password for whoever reads the account's mail, and ends all its sessions.

    Nobody is signed in by it: a second factor is asked for at the sign-in, as always.
    """

    open_link: OpenLink
    clock: Clock
    passwords: PasswordHasher
    policy: PasswordPolicy
    throttle: Throttle

    async def __call__(self, token: str, password: str) -> None:
        """Raise LinkRefused, PasswordTooWeak, TooManyAttempts; Unavailable when too many wait.

        A password that is refused does not use the link up.
        """
        async with self.throttle.attempt(Flow.RESET):
            link = await self.open_link.find(Purpose.RESET, token)
            self.policy.check(password, email=link.address)
            await self._reset(link, password, await self.passwords.hash(password))

    async def _reset(self, link: Link, password: str, password_hash: str) -> None:
        async def reset(tx: LinkTransaction, account: Account) -> None:
            now = self.clock.now()
            self.policy.check_names(password, [account.display_name])
            await disown_past(tx, account, None, at=now)
            account.verify_address(at=now)
            account.change_password(password_hash, at=now)
            tx.links.overtake(account.id, at=now)
            for session in await tx.sessions.held_by(account.id):
                session.end(EndReason.PASSWORD_CHANGED, at=now)

        await self.open_link.use(link, reset)


@dataclass(frozen=True, slots=True)
class ConfirmAddress:
    """Gives an account the address that a link was mailed to."""

    open_link: OpenLink
    clock: Clock
    throttle: Throttle

    async def __call__(self, token: str) -> None:
        """Raise LinkRefused, also when another account has the address by now."""
        async with self.throttle.attempt(Flow.VERIFY):
            link = await self.open_link.find(Purpose.CHANGE_ADDRESS, token)

            async def move(tx: LinkTransaction, account: Account) -> None:
                now = self.clock.now()
                await self.open_link.make_room(tx, link)
                tx.links.overtake(account.id, at=now)
                account.change_address(link.address, at=now)

            await self.open_link.use(link, move)


@dataclass(frozen=True, slots=True)
class UndoAddressChange:
    """Gives an account back to its former address, and locks out whoever changed it.

    All sessions and API keys end and the password is forgotten: the owner chooses another one by
    mail. Identities, passkeys and an app that came with the change, or in the week before it, are
    removed, since nobody knows whose they are. Older ones open and protect the account still, so
    that a stolen mailbox alone does not get around a second factor.
    """

    open_link: OpenLink
    clock: Clock
    throttle: Throttle

    async def __call__(self, token: str) -> None:
        """Raise LinkRefused, also when another account has the address by now."""
        async with self.throttle.attempt(Flow.VERIFY):
            link = await self.open_link.find(Purpose.UNDO_CHANGE, token)

            async def undo(tx: LinkTransaction, account: Account) -> None:
                now = self.clock.now()
                await self.open_link.make_room(tx, link)
                tx.links.overtake(account.id, at=now)
                tx.links.outdate(link, at=now)
                account.take_back(link.address, at=now)
                await lock_out(tx, account, since=link.asked_at - SUSPECTED, at=now)

            await self.open_link.use(link, undo)
