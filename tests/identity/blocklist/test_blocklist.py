"""The filter of common passwords, and what is refused with its help."""

from __future__ import annotations

import contextlib
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.identity.adapters.blocklist import FILE, BloomFilter
from modules.identity.domain.account import EmailAddress
from modules.identity.domain.password import (
    PasswordPolicy,
    PasswordRepeats,
    PasswordSaysWhose,
    PasswordTooCommon,
    PasswordTooLong,
    PasswordTooShort,
    PasswordTooWeak,
)
from modules.identity.domain.predictable import LONGEST_PIECE
from tests.identity.blocklist.entries import entries

ADA = EmailAddress(written="lovelace@example.com", normalized="lovelace@example.com")
SHIPPED = BloomFilter.shipped()
ENTRIES = [*entries()]
MOST_LOOKUPS = 200
POLICY = PasswordPolicy(context_words=("ashlar",), common=SHIPPED)
OF_EIGHT = PasswordPolicy(minimum=8, common=SHIPPED)


def test_the_shipped_filter_is_the_one_its_sources_make() -> None:
    assert BloomFilter.of(ENTRIES).written == FILE.read_bytes()
    assert FILE.stat().st_size < 300_000


def test_every_entry_is_found() -> None:
    assert all(one in SHIPPED for one in ENTRIES)


def test_hardly_anything_else_is_found() -> None:
    drawn = random.Random(7)  # noqa: S311 - no secret
    letters = string.ascii_lowercase + string.digits
    others = {"".join(drawn.choices(letters, k=16)) for _ in range(100_000)}
    assert sum(one in SHIPPED for one in others) <= 1


@given(st.sets(st.text(max_size=20), max_size=50))
def test_a_filter_never_denies_what_is_in_it(texts: set[str]) -> None:
    made = BloomFilter.of(texts)
    assert all(one in made for one in texts)
    assert object() not in made


def test_more_than_three_thousand_common_passwords_of_fifteen_characters_are_refused() -> None:
    """ASVS 6.2.4: those people make when the common ones are too short."""
    short = [one for one in ENTRIES if 8 <= len(one) <= 12][:1500]
    made = [f"{one}{tail}" for one in short for tail in ("1234567", "password", "2024!!!!")]
    refused = sum(is_refused(one) for one in made)
    assert len(made) > 3_000
    assert refused == len(made)


def is_refused(password: str) -> bool:
    try:
        POLICY.check(password, email=ADA)
    except PasswordTooWeak:
        return True
    return False


@pytest.mark.parametrize(
    ("password", "kind"),
    [
        ("fourteen chars", PasswordTooShort),
        ("x" * 129, PasswordTooLong),
        ("aaaaaaaaaaaaaaaa", PasswordRepeats),
        ("abcabcabcabcabcab", PasswordRepeats),
        ("sunshinesunshine", PasswordRepeats),
        ("abcdefghijklmnop", PasswordRepeats),
        ("111222333444555", PasswordRepeats),
        ("AABBCCDDeeffgghh", PasswordRepeats),
        ("1qaz2wsx3edc4rfv5tgb", PasswordRepeats),
        ("q1w2e3r4t5y6u7i8", PasswordRepeats),
        ("1234567890123456", PasswordRepeats),
        ("9876543210987654", PasswordRepeats),
        ("qwertyuiopasdfgh", PasswordRepeats),
        ("password12345678", PasswordTooCommon),
        ("Password-1234567", PasswordTooCommon),
        ("P4ssw0rdP4ssw0rd1", PasswordTooCommon),
        ("sunshine20242024", PasswordTooCommon),
        ("iloveyouforever!", PasswordTooCommon),
        ("may the force be with you", PasswordTooCommon),
        ("Correct Horse Battery Staple 1", PasswordTooCommon),
        ("Welcome2024Welcome2025", PasswordTooCommon),
        ("Summer 2024 Winter 2025", PasswordTooCommon),
        ("abc123abc456abc789", PasswordTooCommon),
        ("2012201320142015", PasswordTooCommon),
        ("\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff4412345678", PasswordTooCommon),
        ("p\u00e4sswo\u0308rd12345678", PasswordTooCommon),
        ("Butterfly_Superman", PasswordTooCommon),
        ("my ashlar account 7", PasswordSaysWhose),
        ("countess lovelace x", PasswordSaysWhose),
        ("countess L0ve-lace x", PasswordSaysWhose),
    ],
)
def test_what_is_guessed_first_is_refused_with_its_reason(
    password: str, kind: type[PasswordTooWeak]
) -> None:
    with pytest.raises(kind) as refused:
        POLICY.check(password, email=ADA)
    assert refused.value.field == "/password"
    assert password not in str(refused.value)


def test_the_owners_name_is_no_password() -> None:
    with pytest.raises(PasswordSaysWhose):
        POLICY.check("augusta ada byron", email=ADA, names=["Augusta Ada King", None])


@pytest.mark.parametrize(
    ("local_part", "password"),
    [("ada.byron", "byron gravel teapot"), ("jo.li.wu", "joliwu gravel teapot")],
)
def test_an_address_is_recognised_in_parts_and_without_its_dots(
    local_part: str, password: str
) -> None:
    address = f"{local_part}@example.com"
    with pytest.raises(PasswordSaysWhose):
        POLICY.check(password, email=EmailAddress(address, address))


def test_a_domain_is_easy_to_guess_alone_and_a_word_like_others_in_a_passphrase() -> None:
    ada = EmailAddress(written="ada@quarrixel.org", normalized="ada@quarrixel.org")
    POLICY.check("quarrixel gravel teapot", email=ada)
    POLICY.check("quarrixel2024!!", email=ADA)
    with pytest.raises(PasswordTooCommon):
        POLICY.check("quarrixel2024!!", email=ada)


def test_long_entries_are_passwords_and_none_is_longer_than_is_looked_for() -> None:
    assert max(len(one) for one in ENTRIES) <= LONGEST_PIECE
    long = [one for one in ENTRIES if len(one) >= POLICY.minimum]
    assert len(long) > 400
    assert all(is_refused(one) for one in long)


@pytest.mark.parametrize(
    "password",
    [
        "".join(random.Random(3).choices(string.ascii_letters + string.digits, k=128)),  # noqa: S311
        "1" * 63 + "2" * 64 + "x",
        "qwertyuiop" * 12 + "x7x8x9xz",
        "x" + "12" * 63 + "y",
        "\ufdfa" * 127 + "x",
        "a1" * 40 + "b2" * 24,
    ],
    ids=["random", "two digits", "keyboard", "a unit", "characters that unfold", "two units"],
)
def test_the_longest_password_is_looked_up_a_bounded_number_of_times(password: str) -> None:
    counted = Counted()
    with contextlib.suppress(PasswordTooWeak):
        PasswordPolicy(common=counted).check(password, email=ADA)
    assert counted.lookups < MOST_LOOKUPS


class Counted:
    """A list that holds nothing, and counts how often it is asked."""

    def __init__(self) -> None:
        self.lookups = 0

    def __contains__(self, text: object, /) -> bool:
        self.lookups += 1
        return False


@given(st.text(max_size=128), st.text(max_size=40))
def test_any_text_is_taken_or_refused_with_a_reason(password: str, name: str) -> None:
    with contextlib.suppress(PasswordTooWeak):
        POLICY.check(password, email=ADA, names=[name])


@pytest.mark.parametrize("password", ["password1", "Sunshine!", "qwertyui", "11112222", "letmein!"])
def test_the_lists_themselves_are_refused_where_eight_characters_are_enough(password: str) -> None:
    with pytest.raises(PasswordTooWeak):
        OF_EIGHT.check(password, email=ADA)


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaa zebra hum",
        "gravel teapot oxbow",
        "butterfly dragon monkey",
        "teapot7 gravel lantern",
        "8306192754471906",
        "Zw9!kd02mvPq71xT",
        "drei nasse igel singen",
        "\u5c71\u304c\u597d\u304d\u3067\u6bce\u9031\u767b\u308a\u307e\u3059\u3088\u306d\u3048\u301c",
        "x7" + "lorry kettle " * 9,
    ],
)
def test_good_passphrases_are_taken(password: str) -> None:
    POLICY.check(password, email=ADA)
