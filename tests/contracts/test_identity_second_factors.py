"""What identity expects of stores of second factors, and of what makes and seals their secrets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from modules.identity.adapters.qr import OtpauthLinks
from modules.identity.adapters.tokens import DrawnSecondFactorSecrets, SealedSeeds
from modules.identity.domain.account import Account, EmailAddress
from modules.identity.domain.authenticator import Authenticator
from modules.identity.domain.pending_sign_in import (
    MOST_ATTEMPTS,
    PENDING_LASTS,
    PendingSignIn,
    PendingSignInRefused,
    PendingToken,
    password_print,
)
from modules.identity.domain.totp import code_of, step_at
from modules.identity.ports.second_factor import (
    SecondFactorSecrets,
    SecondFactorTransaction,
    SeedVault,
    SetupLinks,
)
from shared_kernel.adapters.secrets import SecretKeys
from shared_kernel.adapters.sql import Database
from shared_kernel.domain import Unavailable
from tests.kit.identity import NOON, IdentityInMemory
from tests.kit.identity_second_factors import CountedSecrets, OpenVault, PlainLinks
from tests.kit.identity_units import units_over

Begin = Callable[[], AbstractAsyncContextManager[SecondFactorTransaction]]
SECRETS = DrawnSecondFactorSecrets()
SECOND, SEED = timedelta(seconds=1), b"12345678901234567890"
OLD, NEW = b"an old secret key of 32 bytes...", b"a new secret key of 32 bytes...."


@pytest.fixture(params=["memory", "PostgreSQL"])
def begin(request: pytest.FixtureRequest, opened: Database) -> Begin:
    if request.param == "memory":
        return IdentityInMemory().begin
    return units_over(opened)


async def an_account(begin: Begin) -> Account:
    address = f"{uuid4().hex}@example.com"
    account = Account.register(EmailAddress(address, address), "hash", at=NOON)
    async with begin() as tx:
        tx.accounts.add(account)
    return account


async def a_pending(begin: Begin, account: Account) -> PendingSignIn:
    pending = PendingSignIn(
        token_hash=SECRETS.pending().hash,
        account_id=account.id,
        methods=["pwd"],
        password_print=password_print(account),
        device_id=uuid4(),
        expires_at=NOON + PENDING_LASTS,
    )
    async with begin() as tx:
        tx.pending_sign_ins.add(pending)
    return pending


async def an_app(begin: Begin, account: Account, *, confirmed: bool = True) -> None:
    app = Authenticator.set_up(account, b"sealed", at=NOON)
    if confirmed:
        app.confirm(SEED, code_of(SEED, step_at(NOON)), at=NOON)
    async with begin() as tx:
        tx.authenticators.add(app)


async def factors(begin: Begin, account: Account) -> frozenset[str]:
    async with begin() as tx:
        return await tx.second_factors.of(account.id)


async def test_an_account_is_protected_by_what_was_confirmed(begin: Begin) -> None:
    plain, offered, held = [await an_account(begin) for _ in range(3)]
    await an_app(begin, offered, confirmed=False)
    await an_app(begin, held)
    assert await factors(begin, plain) == frozenset()
    assert await factors(begin, offered) == frozenset()
    assert await factors(begin, held) == {"otp"}
    async with begin() as tx:
        tx.recovery_codes.replace(plain.id, [bytes(32)])
    async with begin() as tx:
        tx.recovery_codes.replace(held.id, [bytes(32)])
    assert await factors(begin, plain) == frozenset(), "nothing to recover"
    assert await factors(begin, held) == {"otp", "recovery_code"}
    async with begin() as tx:
        app = await tx.authenticators.of(held.id)
        assert app is not None
        assert app.last_step == step_at(NOON)
        await tx.authenticators.remove(app)
    assert await factors(begin, held) == frozenset()


async def test_a_recovery_code_goes_with_its_use_and_belongs_to_one_account(begin: Begin) -> None:
    mine, theirs = await an_account(begin), await an_account(begin)
    one, two, three = (bytes([number]) * 32 for number in range(3))
    async with begin() as tx:
        tx.recovery_codes.replace(mine.id, [one, two])
    async with begin() as tx:
        tx.recovery_codes.replace(theirs.id, [two, three])
    async with begin() as tx:
        assert await tx.recovery_codes.use(mine.id, one)
        assert not await tx.recovery_codes.use(mine.id, one)
        assert not await tx.recovery_codes.use(mine.id, three)
        assert await tx.recovery_codes.count(mine.id) == 1
        assert await tx.recovery_codes.count(theirs.id) == 2
        tx.recovery_codes.replace(mine.id, [three])
    async with begin() as tx:
        assert not await tx.recovery_codes.use(mine.id, two)
        tx.recovery_codes.replace(mine.id, [])
    async with begin() as tx:
        assert await tx.recovery_codes.count(mine.id) == 0


async def test_a_waiting_sign_in_is_found_until_it_is_over(begin: Begin) -> None:
    pending = await a_pending(begin, await an_account(begin))
    over = NOON + PENDING_LASTS
    async with begin() as tx:
        assert await tx.pending_sign_ins.find(pending.token_hash, at=over - SECOND) == pending
        assert await tx.pending_sign_ins.find(pending.token_hash, at=over) is None
        assert await tx.pending_sign_ins.find(bytes(32), at=NOON) is None
        assert await tx.pending_sign_ins.take(pending, at=over) is None
        taken = await tx.pending_sign_ins.take(pending, at=NOON)
        assert taken is not None
        assert (taken[0].id, taken[1]) == (pending.account_id, pending)
    async with begin() as tx:
        assert await tx.pending_sign_ins.take(pending, at=NOON) is None


async def test_what_was_taken_waits_on_when_it_is_added_again(begin: Begin) -> None:
    pending = await a_pending(begin, await an_account(begin))
    for number in range(1, MOST_ATTEMPTS + 1):
        async with begin() as tx:
            taken = await tx.pending_sign_ins.take(pending, at=NOON)
            assert taken is not None
            assert taken[1].attempts == number - 1
            tx.pending_sign_ins.add(replace(pending, attempts=number))
    async with begin() as tx:
        assert await tx.pending_sign_ins.find(pending.token_hash, at=NOON) is None
        assert await tx.pending_sign_ins.take(pending, at=NOON) is None


async def test_the_sign_ins_of_one_account_are_forgotten(begin: Begin) -> None:
    mine, theirs = await an_account(begin), await an_account(begin)
    gone = [await a_pending(begin, mine) for _ in range(2)]
    kept = await a_pending(begin, theirs)
    async with begin() as tx:
        tx.pending_sign_ins.forget_of(mine.id)
    async with begin() as tx:
        for one in gone:
            assert await tx.pending_sign_ins.find(one.token_hash, at=NOON) is None
        assert await tx.pending_sign_ins.find(kept.token_hash, at=NOON) == kept


async def test_of_many_who_take_at_once_one_gets_it(opened: Database) -> None:
    begin = units_over(opened)

    pending = await a_pending(begin, await an_account(begin))

    async def take() -> bool:
        async with begin() as tx:
            return await tx.pending_sign_ins.take(pending, at=NOON) is not None

    assert sum(await asyncio.gather(*[take() for _ in range(20)])) == 1


async def test_an_app_that_was_used_is_as_it_was_left(begin: Begin) -> None:
    account = await an_account(begin)
    await an_app(begin, account)
    pending = await a_pending(begin, account)
    later, step = NOON + 30 * SECOND, step_at(NOON) + 1
    async with begin() as tx:
        assert await tx.pending_sign_ins.take(pending, at=NOON) is not None
        app = await tx.authenticators.of(account.id)
        assert app is not None
        app.use(SEED, code_of(SEED, step), at=later)
        tx.authenticators.used(app)
    async with begin() as tx:
        app = await tx.authenticators.of(account.id)
        assert app is not None
        assert (app.last_step, app.last_used_at, app.sealed_seed) == (step, later, b"sealed")


async def test_what_is_over_is_swept_by_those_who_come_after(opened: Database) -> None:
    begin = units_over(opened)

    account = await an_account(begin)
    for number in range(3):
        over = PendingSignIn(
            token_hash=bytes([number]) * 32,
            account_id=account.id,
            methods=[],
            password_print=bytes(32),
            device_id=None,
            expires_at=NOON - timedelta(days=10_000),
        )
        async with begin() as tx:
            tx.pending_sign_ins.add(over)
    await a_pending(begin, account)
    async with opened.session() as session:
        connection = await session.connection()
        found = await connection.exec_driver_sql("select count(*) from identity.pending_sign_ins")
        assert found.scalar_one() == 1


@pytest.mark.parametrize("secrets", [CountedSecrets(), DrawnSecondFactorSecrets()])
def test_secrets_are_all_different_and_of_full_length(secrets: SecondFactorSecrets) -> None:
    tokens = {secrets.pending().text for _ in range(100)}
    assert len(tokens) == 100
    assert all(PendingToken.parse(one).text == one for one in tokens)
    assert {len(secrets.seed()) for _ in range(10)} == {20}
    codes = {code.hash for _ in range(10) for code in secrets.recovery_codes()}
    assert len(codes) == 100


@pytest.mark.parametrize("text", ["", "app_mfa_", "app_mfa_0", "app_rt_" + "0" * 49, "x" * 5000])
def test_other_text_is_no_pending_token(text: str) -> None:
    with pytest.raises(PendingSignInRefused):
        PendingToken.parse(text)
    token = SECRETS.pending()
    assert token.text not in repr(token)


@pytest.mark.parametrize("vault", [OpenVault(), SealedSeeds(SecretKeys([OLD]))])
def test_a_seed_opens_as_it_was_sealed(vault: SeedVault) -> None:
    owner = uuid4()
    opened = vault.open(vault.seal(SEED, owner), owner)
    assert (opened.raw, opened.outdated) == (SEED, False)
    assert "1234" not in repr(opened)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (OpenVault(b"a"), OpenVault(b"b")),
        (SealedSeeds(SecretKeys([OLD])), SealedSeeds(SecretKeys([NEW, OLD]))),
    ],
)
def test_a_seed_under_an_older_key_opens_and_says_so(before: SeedVault, after: SeedVault) -> None:
    owner = uuid4()
    opened = after.open(before.seal(SEED, owner), owner)
    assert (opened.raw, opened.outdated) == (SEED, True)


def test_a_seed_opens_for_its_owner_alone_and_with_one_of_the_keys() -> None:
    vault, owner = SealedSeeds(SecretKeys([OLD])), uuid4()
    sealed = vault.seal(SEED, owner)
    assert SEED not in sealed
    assert len(sealed) <= 64
    assert sealed != vault.seal(SEED, owner), "a nonce is used once"
    with pytest.raises(Unavailable):
        vault.open(sealed, uuid4())
    with pytest.raises(Unavailable):
        vault.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), owner)
    with pytest.raises(Unavailable):
        SealedSeeds(SecretKeys([NEW])).open(sealed, owner)


@pytest.mark.parametrize("links", [PlainLinks(), OtpauthLinks("A&B: shop")])
def test_a_setup_link_is_text_and_picture(links: SetupLinks) -> None:
    link = links.of(SEED, "ada+x@example.com")
    assert link.uri.startswith("otpauth:")
    assert link.qr_svg.startswith("<svg")
    assert link.secret not in repr(link)


def test_nothing_in_a_name_ends_the_address_early() -> None:
    uri = OtpauthLinks("A&B: shop").of(SEED, "ada+x@example.com").uri
    assert uri == (
        "otpauth://totp/A%26B%20%20shop%3Aada%2Bx%40example.com"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=A%26B%20%20shop"
        "&algorithm=SHA1&digits=6&period=30"
    )
