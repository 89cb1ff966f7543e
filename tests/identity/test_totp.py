"""Codes that follow from the time, and those for whoever lost their phone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.identity.domain.account import Account, EmailAddress
from modules.identity.domain.authenticator import Authenticator
from modules.identity.domain.recovery_code import ALPHABET, LENGTH, RecoveryCode
from modules.identity.domain.second_factor import (
    AuthenticatorExists,
    NoAuthenticator,
    WrongCode,
    demanded,
)
from modules.identity.domain.totp import code_of, looks_like_a_code, step_at, step_of
from modules.identity.public import SecondFactorAdded, SecondFactorRemoved
from tests.kit.identity import NOON

SEED = b"12345678901234567890"
STEP = timedelta(seconds=30)

seeds = st.binary(min_size=20, max_size=20)
moments = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert code_of(SEED, step_at(at), digits=8) == code
    assert code_of(SEED, step_at(at)) == code[-6:]


@pytest.mark.parametrize(
    ("count", "code"), [*enumerate(["755224", "287082", "359152", "969429", "338314", "254676"])]
)
def test_codes_are_those_of_rfc_4226(count: int, code: str) -> None:
    assert code_of(SEED, count) == code


@given(seeds, moments, st.integers(-1, 1))
def test_a_code_holds_one_step_earlier_and_one_later(seed: bytes, at: datetime, skew: int) -> None:
    step = step_at(at) + skew
    found = step_of(seed, code_of(seed, step), at=at, after=None)
    assert found is not None
    assert abs(found - step_at(at)) <= 1
    assert code_of(seed, found) == code_of(seed, step)


@given(seeds, moments, st.integers(2, 10_000), st.sampled_from([1, -1]))
def test_no_other_code_holds(seed: bytes, at: datetime, away: int, way: int) -> None:
    code = code_of(seed, step_at(at) + away * way)
    window = {code_of(seed, step_at(at) + skew) for skew in (-1, 0, 1)}
    assert (step_of(seed, code, at=at, after=None) is not None) == (code in window)


@given(seeds, moments, st.integers(-1, 1))
def test_neither_a_used_code_nor_an_older_one_holds_again(
    seed: bytes, at: datetime, skew: int
) -> None:
    used = step_at(at) + skew
    for step in range(step_at(at) - 1, used + 1):
        again = step_of(seed, code_of(seed, step), at=at, after=used)
        assert again is None or again > used


@pytest.mark.parametrize("text", ["12345", "1234567", "12345a", "１２３４５６", "      ", "+12345"])  # noqa: RUF001 - digits of another script
def test_other_text_is_no_code_of_an_app(text: str) -> None:
    assert not looks_like_a_code(text)


def an_app() -> Authenticator:
    account = Account.register(EmailAddress("a@example.com", "a@example.com"), "hash", at=NOON)
    return Authenticator.set_up(account, b"sealed", at=NOON)


def code(at: datetime) -> str:
    return code_of(SEED, step_at(at))


def test_an_app_protects_from_its_confirmation_on() -> None:
    app = an_app()
    with pytest.raises(WrongCode) as refused:
        app.use(SEED, code(NOON), at=NOON)
    assert refused.value.field == "/code"
    with pytest.raises(NoAuthenticator):
        app.retire(at=NOON)
    app.confirm(SEED, code(NOON), at=NOON)
    with pytest.raises(WrongCode):
        app.use(SEED, code(NOON), at=NOON)
    app.use(SEED, code(NOON + STEP), at=NOON)
    with pytest.raises(AuthenticatorExists):
        app.confirm(SEED, code(NOON + STEP), at=NOON + STEP)
    app.retire(at=NOON)
    assert [type(one) for one in app.release_events()] == [SecondFactorAdded, SecondFactorRemoved]


def test_a_wrong_code_confirms_nothing() -> None:
    app = an_app()
    with pytest.raises(WrongCode):
        app.confirm(SEED, code(NOON + 5 * STEP), at=NOON)
    assert (app.confirmed_at, app.last_step) == (None, None)
    assert list(app.release_events()) == []


digits = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)


@given(digits)
def test_a_recovery_code_is_read_as_it_is_shown(drawn: str) -> None:
    shown = RecoveryCode(drawn)
    assert RecoveryCode.read(shown.text) == shown
    assert RecoveryCode.read(shown.text.upper().replace("-", "  ")) == shown
    misread = shown.text.replace("0", "O").replace("1", "l")
    assert RecoveryCode.read(misread) == shown


@given(st.text(max_size=40))
def test_other_text_is_no_recovery_code(text: str) -> None:
    code = RecoveryCode.read(text)
    assert code is None or set(code.digits) <= set(ALPHABET)


def test_nothing_shows_a_code_by_accident() -> None:
    shown = RecoveryCode("0123456789abcdef")
    assert "0123" not in repr(shown)
    assert len(shown.hash) == 32


@pytest.mark.parametrize(
    ("found", "asked"),
    [
        (set[str](), set[str]()),
        ({"recovery_code"}, set[str]()),
        ({"otp"}, {"otp"}),
        ({"otp", "recovery_code"}, {"otp", "recovery_code"}),
        ({"passkey", "recovery_code"}, {"passkey", "recovery_code"}),
    ],
)
def test_recovery_codes_demand_nothing_by_themselves(found: set[str], asked: set[str]) -> None:
    assert demanded(found) == asked
