"""The rules of API keys, service accounts and their secrets."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from modules.identity.domain.api_key import (
    ApiKey,
    KeyTerms,
    LifetimeTooLong,
    ScopeUnknown,
)
from modules.identity.domain.api_secret import ApiSecret, KnownSecret, RevokeReason, SecretKind
from modules.identity.domain.label import LabelRefused
from modules.identity.domain.service_account import (
    MOST_SECRETS,
    SecretUnknown,
    ServiceAccount,
    TooManySecrets,
)
from modules.identity.public import AccountClosed, ApiKeyCreated, ApiKeyRevoked, ApiKeyRotated
from shared_kernel.domain import AccountId, DomainEvent
from tests.kit.identity import NOON
from tests.kit.identity_api_keys import CountedSecrets

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PUBLISHED = re.compile(r"app_(?:pat|sat|rt)_[0-9A-Za-z]{71}")
SECRETS = CountedSecrets()


def a_key(*, scope: tuple[str, ...] = ("catalog.products.write",)) -> tuple[ApiKey, ApiSecret]:
    secret = SECRETS.draw(SecretKind.PERSONAL)
    key = ApiKey.make(
        AccountId(uuid4()),
        secret,
        name=" backup ",
        scope=scope,
        methods={"pwd", "mfa"},
        at=NOON,
        expires_at=NOON + 90 * DAY,
    )
    return key, secret


def known(key: ApiKey, *, owner_may_act: bool = True) -> KnownSecret:
    return KnownSecret(
        key.id,
        key.account_id,
        key.secret_hash,
        key.expires_at,
        key.revoked_at,
        None,
        owner_may_act,
        key.previous_hash,
        key.previous_until,
    )


@pytest.mark.parametrize("kind", list(SecretKind))
def test_a_secret_looks_as_scanners_are_told_and_is_read_back(kind: SecretKind) -> None:
    for raw in (bytes(32), b"\xff" * 32, bytes(range(32))):
        secret = ApiSecret(kind, uuid4(), raw)
        assert PUBLISHED.fullmatch(secret.text)
        assert ApiSecret.of(secret.text) == secret
        assert ApiSecret.is_meant(secret.text)
        assert raw.hex() not in repr(secret)
        assert str(raw) not in repr(secret)


def test_a_mistyped_secret_is_none() -> None:
    text = SECRETS.draw(SecretKind.PERSONAL).text
    for position in range(8, len(text)):
        other = "a" if text[position] != "a" else "b"
        assert ApiSecret.of(text[:position] + other + text[position + 1 :]) is None
    for wrong in ("", "app_pat_", text[:-1], text + "0", text.replace("pat", "sat"), text.upper()):
        assert ApiSecret.of(wrong) is None, wrong


def test_only_the_hash_of_a_secret_is_kept() -> None:
    key, secret = a_key()
    assert key.name == "backup"
    assert secret.hash == key.secret_hash
    assert secret.secret not in {key.secret_hash, key.previous_hash}
    assert str(key.secret_hash) not in repr(key)
    [event] = key.release_events()
    assert event == ApiKeyCreated(
        subject_id=key.id,
        account_id=AccountId(key.account_id),
        name="backup",
        occurred_at=NOON,
    )


def test_a_key_is_limited_to_something() -> None:
    with pytest.raises(ScopeUnknown):
        a_key(scope=())


def test_a_key_works_until_it_expires_is_revoked_or_its_owner_may_not_act() -> None:
    key, secret = a_key()
    assert known(key).opens_to(secret, at=NOON + 90 * DAY - timedelta(seconds=1))
    assert not known(key).opens_to(secret, at=NOON + 90 * DAY)
    assert not known(key, owner_may_act=False).opens_to(secret, at=NOON)
    assert not known(key).opens_to(SECRETS.redraw(SecretKind.PERSONAL, key.id), at=NOON)
    key.revoke(RevokeReason.BY_OWNER, at=NOON)
    assert not known(key).opens_to(secret, at=NOON)


@pytest.mark.parametrize(
    ("overlap", "works_for"),
    [(timedelta(), timedelta()), (HOUR, HOUR), (DAY, DAY), (9 * DAY, DAY)],
)
def test_after_a_rotation_the_old_secret_works_for_the_overlap(
    overlap: timedelta, works_for: timedelta
) -> None:
    key, old = a_key()
    new = SECRETS.redraw(SecretKind.PERSONAL, key.id)
    key.rotate(new, methods=["pwd"], overlap=overlap, at=NOON, expires_at=NOON + 90 * DAY)
    assert known(key).opens_to(new, at=NOON)
    if works_for:
        assert known(key).opens_to(old, at=NOON + works_for - timedelta(seconds=1))
    assert not known(key).opens_to(old, at=NOON + works_for)
    assert isinstance(key.release_events()[-1], ApiKeyRotated)


@pytest.mark.parametrize(
    ("proved", "left"),
    [
        (["pwd"], ["pwd"]),
        (["hwk", "mfa", "user"], ["mfa"]),
        (["fed"], []),
        (["mfa", "otp", "pwd"], ["mfa", "pwd"]),
    ],
)
def test_a_rotated_key_tells_of_no_proof_that_is_not_of_both_times(
    proved: list[str], left: list[str]
) -> None:
    key, _ = a_key()
    new = SECRETS.redraw(SecretKind.PERSONAL, key.id)
    key.rotate(new, methods=proved, overlap=DAY, at=NOON, expires_at=NOON + DAY)
    assert list(key.methods) == left


def test_an_overlap_outlasts_neither_the_old_secret_nor_a_second_rotation() -> None:
    key, first = a_key()
    late = NOON + 90 * DAY - HOUR
    second = SECRETS.redraw(SecretKind.PERSONAL, key.id)
    key.rotate(second, methods=["pwd"], overlap=DAY, at=late, expires_at=late + 90 * DAY)
    assert known(key).opens_to(first, at=late + HOUR / 2)
    assert not known(key).opens_to(first, at=late + HOUR)
    key.rotate(
        SECRETS.redraw(SecretKind.PERSONAL, key.id),
        methods=["pwd"],
        overlap=DAY,
        at=late,
        expires_at=late + 90 * DAY,
    )
    assert not known(key).opens_to(first, at=late)
    assert known(key).opens_to(second, at=late)


def test_revoking_twice_is_told_once() -> None:
    key, _ = a_key()
    key.release_events()
    key.revoke(RevokeReason.LEAKED, at=NOON)
    key.revoke(RevokeReason.BY_OWNER, at=NOON + HOUR)
    [event] = key.release_events()
    assert isinstance(event, ApiKeyRevoked)
    assert event.reason == "leaked"
    assert key.revoked_at == NOON


def test_lifetimes_have_a_default_and_a_limit() -> None:
    terms = KeyTerms(days=90, most_days=366)
    assert terms.expiry(None, at=NOON) == NOON + 90 * DAY
    assert terms.expiry(366, at=NOON) == NOON + 366 * DAY
    with pytest.raises(LifetimeTooLong):
        terms.expiry(367, at=NOON)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        "two\nlines",
        "a\tb\x00",
        "\ud800",
        "x" * 101,
        "two\u2028lines",
        "safe\u202egpj.exe",
        "a\u2066b",
        "\u200b\u00ad",
    ],
)
def test_names_are_one_line_of_text_that_is_read_as_it_is_written(name: str) -> None:
    with pytest.raises(LabelRefused):
        ServiceAccount.create(name=name, description="", by=AccountId(uuid4()), at=NOON)


@pytest.mark.parametrize(
    "name", ["מסד נתונים", "قاعدة بيانات 2", "\U0001f469\u200d\U0001f4bb at work"]
)
def test_names_are_of_any_script(name: str) -> None:
    made = ServiceAccount.create(name=name, description="", by=AccountId(uuid4()), at=NOON)
    assert made.name == name


def a_service() -> ServiceAccount:
    return ServiceAccount.create(name="importer", description="", by=AccountId(uuid4()), at=NOON)


def with_secret(account: ServiceAccount) -> UUID:
    secret = SECRETS.draw(SecretKind.SERVICE)
    account.add_secret(secret, at=NOON, expires_at=NOON + DAY)
    return secret.id


def test_two_secrets_work_at_a_time() -> None:
    account = a_service()
    first, _ = with_secret(account), with_secret(account)
    with pytest.raises(TooManySecrets):
        with_secret(account)
    account.revoke(account.secret(first), RevokeReason.BY_OWNER, at=NOON)
    with_secret(account)
    with pytest.raises(SecretUnknown):
        account.secret(uuid4())


def test_expired_secrets_make_room_and_old_ones_are_forgotten_in_the_end() -> None:
    account, drawn = a_service(), [SECRETS.draw(SecretKind.SERVICE) for _ in range(60)]
    for turn, secret in enumerate(drawn):
        at = NOON + turn * DAY
        account.add_secret(secret, at=at, expires_at=at + DAY)
    assert [one.id for one in account.secrets] == [one.id for one in drawn[-MOST_SECRETS:]]


def test_deleting_a_service_account_tells_other_modules_as_any_account_does() -> None:
    account = a_service()
    account.delete(at=NOON)
    expected: list[DomainEvent] = [AccountClosed(subject_id=account.id, occurred_at=NOON)]
    assert account.release_events() == expected
