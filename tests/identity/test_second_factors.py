"""The use cases of second factors, over doubles."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import uuid4

import pytest

from modules.identity.application.admission import Admission, SecondFactorNeeded, SignedIn
from modules.identity.application.authenticators import (
    AuthenticatorService,
    ConfirmAuthenticator,
    ForgetSecondFactors,
    RenewRecoveryCodes,
)
from modules.identity.application.codes import Codes
from modules.identity.application.protection import Protection
from modules.identity.application.second_factor import FinishSignIn, FinishWithCode
from modules.identity.application.step_up import ProveCode, ProvePassword, Reauthenticate
from modules.identity.domain.account import Account, EmailAddress, WrongPassword
from modules.identity.domain.pending_sign_in import PendingSignInRefused
from modules.identity.domain.second_factor import (
    AuthenticatorExists,
    NoSecondFactor,
    NotAsSomebodyElse,
    WrongCode,
)
from modules.identity.domain.session import Device
from modules.identity.domain.throttle import Flow, TooManyAttempts
from modules.identity.domain.totp import code_of, step_at
from modules.identity.public import AccountClosed, RecoveryCodeUsed, SecondFactorFailed
from shared_kernel.application import Caller, Means
from shared_kernel.domain import AccountId, InsufficientAuthentication
from tests.kit.identity import (
    LIMITS,
    ChainedRefreshTokens,
    IdentityInMemory,
    InstantPasswords,
    MovableClock,
    PlainAccessTokens,
    RecordedAudit,
    caller_of,
)
from tests.kit.identity_second_factors import CountedSecrets, OpenVault, PlainLinks
from tests.kit.throttle import PatientThrottle, PlainDevices

EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"
MFA = frozenset({"mfa", "otp", "pwd"})


@dataclass
class House:
    """Second factors, wired to doubles."""

    store: IdentityInMemory = field(default_factory=IdentityInMemory)
    clock: MovableClock = field(default_factory=MovableClock)
    audit: RecordedAudit = field(default_factory=RecordedAudit)
    throttle: PatientThrottle = field(default_factory=PatientThrottle)
    vault: OpenVault = field(default_factory=OpenVault)
    devices: PlainDevices = field(default_factory=PlainDevices)

    def __post_init__(self) -> None:
        secrets, tokens, access = CountedSecrets(), ChainedRefreshTokens(), PlainAccessTokens()
        begin, clock = self.store.begin, self.clock
        self.admission = Admission(clock, tokens, access, LIMITS, self.devices, secrets)
        self.codes = Codes(clock, self.vault)
        self.protection = Protection(secrets)
        self.apps = AuthenticatorService(
            begin, clock, self.vault, secrets, PlainLinks(), self.protection
        )
        self.renew = RenewRecoveryCodes(begin, clock, self.protection)
        self.forget = ForgetSecondFactors(begin)
        self.finish = FinishSignIn(
            begin, clock, self.audit, self.admission, self.throttle, self.devices
        )
        self.step_up = Reauthenticate(
            begin,
            clock,
            self.audit,
            self.store,
            InstantPasswords(),
            tokens,
            access,
            self.throttle,
        )
        self.account = Account.register(
            EmailAddress(EMAIL, EMAIL), f"new:{PASSWORD}", at=clock.now()
        )
        self.store.kept_accounts[self.account.id] = self.account

    async def admit(self, token: str | None = None) -> SignedIn | SecondFactorNeeded:
        """Come in with the password."""
        async with self.store.begin() as tx:
            return await self.admission.admit(
                tx, self.account, methods=["pwd"], device=Device(token=token)
            )

    async def waiting(self, token: str | None = None) -> str:
        admitted = await self.admit(token)
        assert isinstance(admitted, SecondFactorNeeded)
        return admitted.pending_token

    async def caller(self, *more: str) -> Caller:
        """Return a caller in a session of their own, who proved these methods, too."""
        async with self.store.begin() as tx:
            await self.admission.start(tx, self.account, methods=["pwd", *more], device=Device())
        return caller_of(list(self.store.kept_sessions.values())[-1])

    async def protected(self) -> bytes:
        """Set an app up, and return its seed."""
        caller = await self.caller()
        seed = bytes.fromhex((await self.apps.set_up(caller)).secret)
        await self.apps.confirm(caller, self.code(seed))
        self.clock.time = self.clock.time.replace(minute=self.clock.time.minute + 1)
        return seed

    def code(self, seed: bytes) -> str:
        return code_of(seed, step_at(self.clock.now()))


@pytest.fixture
def house() -> House:
    return House()


async def test_an_account_without_a_second_factor_costs_one_question(house: House) -> None:
    async with house.store.begin() as tx:
        await house.admission.admit(tx, house.account, methods=["pwd"], device=Device())
        assert tx.second_factors.asked == 1
        await house.admission.admit(tx, house.account, methods=MFA, device=Device())
        assert tx.second_factors.asked == 1, "who proved two factors is asked for no other"


async def test_a_sign_in_that_proved_two_factors_waits_for_nothing(house: House) -> None:
    await house.protected()
    async with house.store.begin() as tx:
        admitted = await house.admission.admit(
            tx, house.account, methods=["hwk", "mfa"], device=Device()
        )
    assert isinstance(admitted, SignedIn)


async def test_attempts_count_for_the_account_and_for_the_device_that_is_known(
    house: House,
) -> None:
    seed, device = await house.protected(), uuid4()
    known = house.devices.token(EMAIL, device)
    with pytest.raises(WrongCode):
        await house.finish(await house.waiting(), house.codes.shown("000000"), Device())
    assert house.throttle.succeeded == []
    signed = await house.finish(
        await house.waiting(known), house.codes.shown(house.code(seed)), Device()
    )
    account = str(house.account.id)
    assert house.throttle.tried == [
        (Flow.SECOND_FACTOR, account, None),
        (Flow.SECOND_FACTOR, account, device),
    ]
    assert house.throttle.succeeded == [Flow.SECOND_FACTOR]
    assert house.devices.recognise(EMAIL, signed.device_token) == device, "still the same one"


async def test_who_has_to_wait_loses_no_attempt(house: House) -> None:
    seed = await house.protected()
    token = await house.waiting()
    house.throttle.closed.add(Flow.SECOND_FACTOR)
    for _ in range(10):
        with pytest.raises(TooManyAttempts):
            await house.finish(token, house.codes.shown("000000"), Device())
    house.throttle.closed.clear()
    assert await house.finish(token, house.codes.shown(house.code(seed)), Device())


async def test_a_failure_is_audited_with_its_reason(house: House) -> None:
    await house.protected()
    with pytest.raises(WrongCode):
        await house.finish(await house.waiting(), house.codes.shown("000000"), Device())
    (entry,) = house.audit.entries
    assert entry.action == "identity.second_factor_failed"
    assert (entry.actor_id, entry.detail) == (house.account.id, {"reason": "identity.wrong_code"})


async def test_the_owner_is_warned_once_when_no_attempt_is_left(house: House) -> None:
    await house.protected()
    token = await house.waiting()
    told: list[int] = []
    for _ in range(5):
        with pytest.raises(WrongCode):
            await house.finish(token, house.codes.shown("000000"), Device())
        told.append(sum(isinstance(one, SecondFactorFailed) for one in house.store.events))
    assert told == [0, 0, 0, 0, 1]


async def test_a_password_hashed_anew_ends_waiting_sign_ins(house: House) -> None:
    seed = await house.protected()
    token = await house.waiting()
    house.account.password_hash = "new:another password"
    with pytest.raises(PendingSignInRefused):
        await house.finish(token, house.codes.shown(house.code(seed)), Device())


async def test_a_seed_is_sealed_anew_when_it_is_used(house: House) -> None:
    seed = await house.protected()
    house.vault.key = b"b"
    await house.finish(await house.waiting(), house.codes.shown(house.code(seed)), Device())
    assert house.store.factors.authenticators[house.account.id].sealed_seed == b"b" + seed


async def test_there_is_one_app(house: House) -> None:
    await house.protected()
    with pytest.raises(AuthenticatorExists):
        await house.apps.set_up(await house.caller("mfa"))


async def test_recovery_codes_come_with_the_first_factor_alone(house: House) -> None:
    caller = await house.caller()
    with pytest.raises(NoSecondFactor):
        await house.renew(caller)
    seed = bytes.fromhex((await house.apps.set_up(caller)).secret)
    assert len(await house.apps.confirm(caller, house.code(seed))) == 10
    async with house.store.begin() as tx:
        assert await house.protection.begin(tx, caller) == [], "those there are hold"


async def test_a_recovery_code_is_told_with_how_many_are_left(house: House) -> None:
    await house.protected()
    (code, *_) = await house.renew(await house.caller("mfa"))
    await house.finish(await house.waiting(), house.codes.shown(code.text), Device())
    (told,) = [one for one in house.store.events if isinstance(one, RecoveryCodeUsed)]
    assert (told.subject_id, told.left) == (house.account.id, 9)


@pytest.mark.parametrize("means", [Means.TOKEN, Means.COOKIE])
async def test_stepping_up_renews_what_the_session_is_kept_with(house: House, means: Means) -> None:
    caller = replace(await house.caller(), means=means)
    signed = await house.step_up.with_password(caller, PASSWORD)
    prefix = "app_ses_" if means is Means.COOKIE else "app_rt_"
    assert signed.refresh_token.startswith(prefix)
    assert (signed.cookie_seconds is not None) == (means is Means.COOKIE)
    assert house.throttle.tried == [(Flow.REAUTHENTICATE, str(caller.id), None)]
    assert house.throttle.succeeded == [Flow.REAUTHENTICATE]


async def test_whoever_acts_as_somebody_else_cannot_step_up(house: House) -> None:
    seed = await house.protected()
    support = replace(await house.caller(), impersonator_id=AccountId(uuid4()))
    with pytest.raises(NotAsSomebodyElse):
        await house.step_up.with_password(support, PASSWORD)
    with pytest.raises(NotAsSomebodyElse):
        await house.step_up.with_factor(support, house.codes.shown(house.code(seed)))
    assert house.throttle.tried == []


async def test_a_wrong_password_is_refused_before_the_second_factor_is_spoken_of(
    house: House,
) -> None:
    await house.protected()
    caller = await house.caller()
    with pytest.raises(WrongPassword):
        await house.step_up.with_password(caller, "wrong")
    with pytest.raises(InsufficientAuthentication) as refused:
        await house.step_up.with_password(caller, PASSWORD)
    assert refused.value.methods == "mfa"
    assert house.audit.actions == ["identity.reauthentication_failed"] * 2
    assert house.throttle.succeeded == []


async def test_a_closed_account_forgets_its_factors_and_twice_does_no_harm(house: House) -> None:
    await house.protected()
    await house.waiting()
    event = AccountClosed(subject_id=house.account.id, occurred_at=house.clock.now())
    for _ in range(2):
        await house.forget(event)
    kept = house.store.factors
    assert kept.recovery_codes == {house.account.id: set()}
    assert (kept.authenticators, kept.pending) == ({}, {})


@pytest.mark.parametrize(
    "command",
    [
        FinishWithCode(pending_token="app_mfa_secret", code="123456"),
        ProvePassword(password="secret"),
        ProveCode(code="123456"),
        ConfirmAuthenticator(code="123456"),
    ],
)
def test_no_command_shows_its_secret(command: object) -> None:
    assert "secret" not in repr(command)
    assert "123456" not in repr(command)
