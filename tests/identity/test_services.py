"""The use cases of identity, over doubles."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from modules.identity.application.admission import Admission, SignedIn
from modules.identity.application.callers import BearerCallers
from modules.identity.application.closing import CloseAccount
from modules.identity.application.confirmation import Confirmation
from modules.identity.application.cookies import CookieCallers
from modules.identity.application.key_callers import KeyCallers
from modules.identity.application.registration import Directory, RegisterAccount
from modules.identity.application.sessions import SessionService
from modules.identity.application.sign_in import REFUSED, SignInWithPassword
from modules.identity.domain.account import (
    EmailMalformed,
    EmailTaken,
    SignInRefused,
    WrongPassword,
)
from modules.identity.domain.password import PasswordPolicy, PasswordTooWeak
from modules.identity.domain.refresh_token import RefreshTokenRefused
from modules.identity.domain.session import (
    AccessTokenRefused,
    Device,
    SessionOver,
    SessionUnknown,
)
from modules.identity.domain.throttle import Flow, TooManyAttempts
from modules.identity.ports import Verdict
from shared_kernel.application import Caller, Credentials
from tests.kit.identity import (
    LIMITS,
    ChainedRefreshTokens,
    IdentityInMemory,
    InstantPasswords,
    LowercasedAddresses,
    MovableClock,
    PlainAccessTokens,
    RecordedAudit,
)
from tests.kit.identity_api_keys import KeysInMemory, RememberedUses
from tests.kit.identity_cookies import KeptSessionsInMemory
from tests.kit.identity_departures import AnybodyMayLeave
from tests.kit.identity_second_factors import CountedSecrets
from tests.kit.throttle import PatientThrottle, PlainDevices

EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"


@dataclass
class House:
    """Identity's use cases, wired to doubles."""

    store: IdentityInMemory = field(default_factory=IdentityInMemory)
    clock: MovableClock = field(default_factory=MovableClock)
    audit: RecordedAudit = field(default_factory=RecordedAudit)
    passwords: InstantPasswords = field(default_factory=InstantPasswords)
    access_tokens: PlainAccessTokens = field(default_factory=PlainAccessTokens)
    throttle: PatientThrottle = field(default_factory=PatientThrottle)

    def __post_init__(self) -> None:
        emails, policy = LowercasedAddresses(), PasswordPolicy()
        refresh_tokens = ChainedRefreshTokens()
        self.register = RegisterAccount(
            self.store.begin, self.clock, emails, self.passwords, policy
        )
        self.directory = Directory(self.register, self.store, KeysInMemory(self.store), emails)
        self.sign_in = SignInWithPassword(
            begin=self.store.begin,
            clock=self.clock,
            audit=self.audit,
            queries=self.store,
            emails=emails,
            passwords=self.passwords,
            admission=Admission(
                *(self.clock, refresh_tokens, self.access_tokens, LIMITS),
                *(PlainDevices(), CountedSecrets()),
            ),
            throttle=self.throttle,
            devices=PlainDevices(),
        )
        self.sessions = SessionService(
            self.store.begin,
            self.clock,
            refresh_tokens,
            self.access_tokens,
            LIMITS,
            self.throttle,
        )
        confirm = Confirmation(self.clock, self.audit, self.store, self.passwords, self.throttle)
        self.close = CloseAccount(self.store.begin, self.clock, confirm, AnybodyMayLeave())
        cookies = CookieCallers(KeptSessionsInMemory(self.store), self.clock, LIMITS)
        keys = KeyCallers(KeysInMemory(self.store), RememberedUses(), self.throttle, self.clock)
        self.callers = BearerCallers(self.access_tokens, self.store.live, cookies, keys, self.clock)

    async def signed_in(self, email: str = EMAIL) -> SignedIn:
        signed = await self.sign_in(email, PASSWORD, Device())
        assert isinstance(signed, SignedIn)
        return signed

    async def caller(self, signed: SignedIn) -> Caller:
        caller = await self.callers.identify(
            Credentials(authorization=f"Bearer {signed.access.text}")
        )
        assert caller is not None
        return caller


@pytest.fixture
def house() -> House:
    return House()


async def test_an_administrator_opens_one_account_for_an_address_and_vouches_for_it(
    house: House,
) -> None:
    await house.register(EMAIL, PASSWORD)
    with pytest.raises(EmailTaken):
        await house.register(EMAIL.upper(), PASSWORD)
    [account] = house.store.kept_accounts.values()
    assert account.email_verified_at is not None


async def test_what_is_wrong_with_a_registration_is_named_before_any_hashing(house: House) -> None:
    with pytest.raises(EmailMalformed):
        await house.register("no address", PASSWORD)
    with pytest.raises(PasswordTooWeak):
        await house.register(EMAIL, "too short")
    assert house.passwords.calls == 0


async def test_the_directory_finds_open_accounts_however_the_address_is_written(
    house: House,
) -> None:
    id = await house.directory.register(EMAIL, PASSWORD)
    found = await house.directory.find("ADA@example.com")
    assert found is not None
    assert found.id == id
    assert await house.directory.find("nobody@example.com") is None
    assert await house.directory.find("no address") is None


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, "the wrong password"), ("nobody@example.com", PASSWORD), ("no address", PASSWORD)],
)
async def test_every_failed_sign_in_costs_one_hash_and_says_the_same(
    house: House, email: str, password: str
) -> None:
    await house.register(EMAIL, PASSWORD)
    house.passwords.calls = 0
    with pytest.raises(SignInRefused) as refused:
        await house.sign_in(email, password, Device())
    assert str(refused.value) == REFUSED
    assert house.passwords.calls == 1
    assert house.audit.actions == ["identity.sign_in_failed"]


async def test_signing_in_costs_one_hash_and_is_audited(house: House) -> None:
    id = await house.register(EMAIL, PASSWORD)
    house.passwords.calls = 0
    await house.signed_in()
    assert house.passwords.calls == 1
    assert [(one.action, one.actor_id) for one in house.store.audited] == [
        ("identity.signed_in", id)
    ]


async def test_an_outdated_hash_is_renewed_at_sign_in(house: House) -> None:
    id = await house.register(EMAIL, PASSWORD)
    house.store.kept_accounts[id].password_hash = f"old:{PASSWORD}"
    await house.signed_in()
    assert house.store.kept_accounts[id].password_hash == f"new:{PASSWORD}"


async def test_an_account_closed_while_its_password_is_verified_stays_closed(
    house: House,
) -> None:
    id = await house.register(EMAIL, PASSWORD)
    account, verify = house.store.kept_accounts[id], house.passwords.verify

    class Slow(InstantPasswords):
        async def verify(self, password: str, stored: str | None) -> Verdict:
            account.close(at=house.clock.now())
            return await verify(password, stored)

    with pytest.raises(SignInRefused):
        await replace(house.sign_in, passwords=Slow())(EMAIL, PASSWORD, Device())
    assert house.store.kept_sessions == {}
    assert house.audit.actions == ["identity.sign_in_failed"]


async def test_the_twenty_first_session_ends_the_one_longest_unused(house: House) -> None:
    await house.register(EMAIL, PASSWORD)
    first = await house.caller(await house.signed_in())
    for _ in range(20):
        house.clock.move(timedelta(seconds=1))
        await house.signed_in()
    ended = [one.id for one in house.store.kept_sessions.values() if one.ended_at]
    assert ended == [first.session_id]


async def test_reuse_ends_the_session_is_audited_and_refused(house: House) -> None:
    await house.register(EMAIL, PASSWORD)
    signed = await house.signed_in()
    following = await house.sessions.refresh(signed.refresh_token)
    house.clock.move(timedelta(minutes=1))
    with pytest.raises(RefreshTokenRefused):
        await house.sessions.refresh(signed.refresh_token)
    assert house.store.audited[-1].action == "identity.refresh_token_reused"
    with pytest.raises(RefreshTokenRefused):
        await house.sessions.refresh(following.refresh_token)
    with pytest.raises(SessionOver):
        await house.caller(following)


async def test_a_refresh_token_of_no_family_is_refused(house: House) -> None:
    with pytest.raises(RefreshTokenRefused):
        await house.sessions.refresh(ChainedRefreshTokens().first().text)


async def test_ending_sessions_ends_those_meant_and_no_others(house: House) -> None:
    await house.register(EMAIL, PASSWORD)
    here, there, elsewhere = [await house.caller(await house.signed_in()) for _ in range(3)]
    await house.sessions.end(here, there.session_id)
    assert house.store.live.over == {there.session_id}
    await house.sessions.end_others(here)
    assert house.store.live.over == {there.session_id, elsewhere.session_id}
    await house.sessions.sign_out(here)
    assert here.session_id in house.store.live.over
    actions = [one.action for one in house.store.audited[3:]]
    assert actions == ["identity.session_ended", "identity.session_ended", "identity.signed_out"]


async def test_a_foreign_session_is_an_unknown_one(house: House) -> None:
    await house.register(EMAIL, PASSWORD)
    mine = await house.caller(await house.signed_in())
    await house.register("eve@example.com", PASSWORD)
    eve = await house.caller(await house.signed_in("eve@example.com"))
    with pytest.raises(SessionUnknown):
        await house.sessions.end(eve, mine.session_id)
    assert house.store.live.over == set()


async def test_closing_asks_for_the_password_and_ends_every_session(house: House) -> None:
    await house.register(EMAIL, PASSWORD)
    here, there = [await house.caller(await house.signed_in()) for _ in range(2)]
    with pytest.raises(WrongPassword):
        await house.close(here, "the wrong password")
    assert house.store.live.over == set()
    await house.close(here, PASSWORD)
    assert house.store.live.over == {here.session_id, there.session_id}
    with pytest.raises(SignInRefused):
        await house.signed_in()
    await house.register(EMAIL, PASSWORD)  # the address is free again


async def test_without_credentials_there_is_no_caller(house: House) -> None:
    assert await house.callers.identify(Credentials(authorization=None)) is None


@pytest.mark.parametrize("header", ["", "Bearer", "Basic dXNlcjpwYXNz", "Bearer nonsense", "\xff"])
async def test_credentials_that_do_not_hold_are_refused(house: House, header: str) -> None:
    with pytest.raises(AccessTokenRefused):
        await house.callers.identify(Credentials(authorization=header))


async def test_a_sign_in_too_many_is_refused_before_anything_is_looked_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[str]()

    async def look_up(email_normalized: str) -> None:
        asked.append(email_normalized)

    monkeypatch.setattr(house.store, "credentials_of", look_up)
    house.throttle.closed.add(Flow.SIGN_IN)
    with pytest.raises(TooManyAttempts):
        await house.signed_in()
    assert (asked, house.passwords.calls) == ([], 0)
    house.throttle.closed.clear()
    with pytest.raises(SignInRefused):
        await house.signed_in()
    assert (asked, house.passwords.calls) == ([EMAIL], 1)
