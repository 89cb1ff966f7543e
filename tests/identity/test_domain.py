"""The rules of accounts, passwords, sessions and refresh tokens."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.identity.domain.account import Account, AccountIsClosed, EmailAddress
from modules.identity.domain.password import PasswordPolicy, PasswordTooWeak
from modules.identity.domain.refresh_token import RefreshToken, RefreshTokenRefused
from modules.identity.domain.session import (
    Device,
    EndReason,
    Exchange,
    Session,
    SessionLimits,
)
from modules.identity.public import AccountClosed, AccountRegistered
from shared_kernel.domain import AccountId, new_id
from tests.kit.identity import NOON, PWD, ChainedRefreshTokens

ADA = EmailAddress(written="Ada@example.com", normalized="ada@example.com")
LIMITS = SessionLimits()
TOKENS = ChainedRefreshTokens()
SECOND = timedelta(seconds=1)


def started(token: RefreshToken, *, later: timedelta = timedelta()) -> Session:
    return Session.start(
        AccountId(new_id()), token, Device(), methods=PWD, at=NOON + later, limits=LIMITS
    )


def exchanged(
    session: Session, token: RefreshToken, *, later: timedelta = SECOND
) -> tuple[Exchange, RefreshToken]:
    return session.exchange(token, TOKENS.successors(token), at=NOON + later, limits=LIMITS)


def test_registering_and_closing_an_account_is_told() -> None:
    account = Account.register(ADA, "hash", at=NOON)
    account.close(at=NOON)
    assert account.release_events() == [
        AccountRegistered(subject_id=account.id, occurred_at=NOON),
        AccountClosed(subject_id=account.id, occurred_at=NOON),
    ]


def test_a_closed_account_opens_to_no_password_and_cannot_be_closed_again() -> None:
    account = Account.register(ADA, "hash", at=NOON)
    assert account.accepts("hash")
    account.close(at=NOON)
    assert not account.accepts("hash")
    with pytest.raises(AccountIsClosed):
        account.close(at=NOON)


def test_a_password_changed_meanwhile_does_not_open_the_account() -> None:
    account = Account.register(ADA, "hash", at=NOON)
    account.strengthen("another hash")
    assert not account.accepts("hash")


def test_nothing_secret_is_shown_when_printed() -> None:
    token = TOKENS.first()
    shown = f"{Account.register(ADA, 'the-hash', at=NOON)} {started(token)!r} {token!r}"
    for secret in (
        "the-hash",
        token.text,
        token.secret.hex(),
        repr(token.secret),
        repr(token.hash),
    ):
        assert secret not in shown


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaa zebra hum",
        " leading and trailing ",
        "nur aus kleinbuchstaben",
        "nothing but words " * 7 + "x7",
        "\N{GRINNING FACE}" * 8 + "\N{CAT FACE}" * 7,
    ],
)
def test_length_is_all_a_good_password_needs(password: str) -> None:
    PasswordPolicy(context_words=("ashlar",)).check(password, email=ADA)


@pytest.mark.parametrize(
    "password",
    ["", "Short1!", "x" * 14, "x" * 129, "my ASHLAR password is long", "xx Lovelace-1815 xx"],
)
def test_short_endless_and_obvious_passwords_are_refused(password: str) -> None:
    lovelace = EmailAddress(written="lovelace-1815@x.org", normalized="lovelace-1815@x.org")
    with pytest.raises(PasswordTooWeak) as refused:
        PasswordPolicy(context_words=("ashlar",)).check(password, email=lovelace)
    assert refused.value.field == "/password"
    assert not password or password not in str(refused.value)


def test_a_short_name_before_the_at_sign_forbids_nothing() -> None:
    anna = EmailAddress(written="an@example.com", normalized="an@example.com")
    PasswordPolicy().check("an apple and an orange", email=anna)


@given(family=st.uuids(), secret=st.binary(min_size=32, max_size=32))
def test_every_refresh_token_is_read_back_from_its_text(family: UUID, secret: bytes) -> None:
    token = RefreshToken(family, secret)
    assert RefreshToken.parse(token.text) == token
    assert len(token.text) == 78


@given(st.text(max_size=100))
def test_other_text_is_no_refresh_token(text: str) -> None:
    with pytest.raises(RefreshTokenRefused):
        RefreshToken.parse(text)


def test_a_mistyped_or_oversized_refresh_token_is_refused() -> None:
    text = TOKENS.first().text
    swapped = text[:20] + ("A" if text[20] != "A" else "B") + text[21:]
    biggest = RefreshToken(UUID(int=2**128 - 1), b"\xff" * 32).text
    for wrong in (swapped, text[:-1], text + "A", text.replace("app_rt_", "app_at_"), "app_rt_",
                  biggest[:7] + "z" * 65 + biggest[-6:]):  # fmt: skip
        with pytest.raises(RefreshTokenRefused):
            RefreshToken.parse(wrong)


def test_a_refresh_token_is_exchanged_for_its_successor() -> None:
    first = TOKENS.first()
    session = started(first)
    outcome, second = exchanged(session, first)
    assert outcome is Exchange.ROTATED
    assert exchanged(session, second)[0] is Exchange.ROTATED
    assert session.last_used_at == NOON + SECOND


def test_a_parallel_client_gets_the_same_successor_for_a_few_seconds() -> None:
    first = TOKENS.first()
    session = started(first)
    _, second = exchanged(session, first)
    assert exchanged(session, first, later=SECOND + LIMITS.grace) == (Exchange.REPEATED, second)
    assert session.ended_at is None


def test_a_parallel_client_gets_the_same_successor_across_a_change_of_secret_keys() -> None:
    first = TOKENS.first()
    session = started(first)
    _, second = exchanged(session, first)
    newer = [RefreshToken(first.family, b"n" * 32), second]
    again = session.exchange(first, newer, at=NOON + SECOND, limits=LIMITS)
    assert again == (Exchange.REPEATED, second)


def test_an_old_token_ends_the_session_once_the_grace_is_over() -> None:
    first = TOKENS.first()
    session = started(first)
    exchanged(session, first)
    late = SECOND * 2 + LIMITS.grace
    assert exchanged(session, first, later=late)[0] is Exchange.REUSED
    assert (session.ended_at, session.end_reason) == (NOON + late, EndReason.TOKEN_REUSED)


def test_a_token_two_steps_old_ends_the_session_even_within_the_grace() -> None:
    first = TOKENS.first()
    session = started(first)
    _, second = exchanged(session, first)
    _, third = exchanged(session, second)
    assert exchanged(session, first)[0] is Exchange.REUSED
    assert exchanged(session, third)[0] is Exchange.OVER


def test_a_made_up_token_of_the_family_ends_the_session() -> None:
    first = TOKENS.first()
    session = started(first)
    assert exchanged(session, RefreshToken(first.family, b"0" * 32))[0] is Exchange.REUSED
    assert session.end_reason is EndReason.TOKEN_REUSED


def test_a_session_ends_when_it_is_idle_and_when_it_is_old() -> None:
    first = TOKENS.first()
    idle = started(first)
    assert exchanged(idle, first, later=LIMITS.idle)[0] is Exchange.OVER
    assert idle.end_reason is EndReason.EXPIRED

    busy, token = started(first), first
    for day in range(6, 30, 6):
        outcome, token = exchanged(busy, token, later=timedelta(days=day))
        assert outcome is Exchange.ROTATED
    assert exchanged(busy, token, later=timedelta(days=30))[0] is Exchange.OVER


def test_ending_a_session_twice_keeps_the_first_reason() -> None:
    session = started(TOKENS.first())
    session.end(EndReason.SIGNED_OUT, at=NOON)
    session.end(EndReason.EXPIRED, at=NOON + SECOND)
    assert (session.end_reason, session.ended_at) == (EndReason.SIGNED_OUT, NOON)
