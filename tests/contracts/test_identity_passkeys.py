"""What identity expects of a store of passkeys."""

from __future__ import annotations

import os
from datetime import timedelta
from uuid import UUID

from modules.identity.domain.account import Account
from modules.identity.domain.passkey import PASSKEY, NewCredential, Passkey
from modules.identity.domain.session import Device, Session
from modules.identity.ports.second_factor import SecondFactorTransaction
from tests.contracts.test_identity_second_factors import Begin, an_account, begin
from tests.kit.identity import LIMITS, NOON, PWD, ChainedRefreshTokens

__all__ = ["begin"]

TOKENS = ChainedRefreshTokens()


async def a_passkey(begin: Begin, account: Account, *, name: str = "Phone", later: int = 0) -> UUID:
    made = NewCredential(
        credential_id=os.urandom(32),
        public_key=b"key",
        sign_count=0,
        transports=("internal",),
        aaguid=UUID(int=0),
        backup_eligible=False,
        backed_up=False,
    )
    passkey = Passkey.add(account, made, name=name, at=NOON + timedelta(seconds=later))
    async with begin() as tx:
        tx.passkeys.add(passkey)
    return passkey.id


async def names_of(tx: SecondFactorTransaction, account: Account) -> list[str]:
    return [one.name for one in await tx.passkeys.of(account.id)]


async def test_an_account_has_its_own_passkeys_the_oldest_first(begin: Begin) -> None:
    account, other = await a_verified(begin), await a_verified(begin)
    await a_passkey(begin, account, name="Second", later=1)
    await a_passkey(begin, account, name="First")
    await a_passkey(begin, other, name="Foreign")
    async with begin() as tx:
        assert await names_of(tx, account) == ["First", "Second"]


async def test_a_passkey_is_found_by_what_it_calls_itself(begin: Begin) -> None:
    account = await a_verified(begin)
    await a_passkey(begin, account)
    async with begin() as tx:
        [kept] = await tx.passkeys.of(account.id)
        found = await tx.passkeys.called(kept.credential_id)
        assert found is not None
        assert (found.id, found.account_id, found.transports) == (kept.id, account.id, ["internal"])
        assert await tx.passkeys.called(bytes(32)) is None


async def test_a_passkey_protects_its_account_until_it_is_removed(begin: Begin) -> None:
    account, other = await a_verified(begin), await a_verified(begin)
    await a_passkey(begin, account)
    async with begin() as tx:
        assert await tx.second_factors.of(account.id) == {PASSKEY}
        assert await tx.second_factors.of(other.id) == frozenset()
        for passkey in await tx.passkeys.of(account.id):
            await tx.passkeys.remove(passkey)
    async with begin() as tx:
        assert await tx.second_factors.of(account.id) == frozenset()
        assert await names_of(tx, account) == []


async def test_no_session_starts_without_the_second_factor_that_protects(begin: Begin) -> None:
    account = await a_verified(begin)
    await a_passkey(begin, account)
    session = Session.start(
        account.account_id, TOKENS.first(), Device(), methods=PWD, at=NOON, limits=LIMITS
    )
    async with begin() as tx:
        stood = await tx.sessions.start(session, most=1, unprotected=True)
        assert stood == {PASSKEY}
    async with begin() as tx:
        assert not await tx.sessions.open_of(account.id)
        assert not await tx.sessions.start(session, most=1, unprotected=False)
    async with begin() as tx:
        assert [one.id for one in await tx.sessions.open_of(account.id)] == [session.id]


async def a_verified(begin: Begin) -> Account:
    account = await an_account(begin)
    account.email_verified_at = NOON
    return account
