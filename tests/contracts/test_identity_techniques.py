"""What identity expects of its other ports, of the doubles and of the real techniques."""

from __future__ import annotations

from datetime import timedelta

import pytest

from modules.identity.adapters.email import ValidatedEmailAddresses
from modules.identity.adapters.fastapi_users import Argon2Cost, Argon2Passwords
from modules.identity.adapters.tokens import (
    DerivedRefreshTokens,
    KeyRing,
    SignedAccessTokens,
    TokenTerms,
)
from modules.identity.domain.account import EmailMalformed
from modules.identity.domain.refresh_token import RefreshToken
from modules.identity.domain.session import AccessTokenRefused, Device, Session
from modules.identity.ports import (
    AccessTokens,
    EmailAddresses,
    PasswordHasher,
    RefreshTokens,
    Verdict,
)
from shared_kernel.adapters.secrets import SecretKeys
from shared_kernel.domain import AccountId, new_id
from tests.kit.identity import (
    LIMITS,
    NOON,
    PWD,
    ChainedRefreshTokens,
    InstantPasswords,
    LowercasedAddresses,
    MovableClock,
    PlainAccessTokens,
    caller_of,
)
from tests.kit.identity_keys import LIFE, SigningKeysInMemory

SECRETS = SecretKeys([b"a secret key for tests of 32 bytes"])
CHEAP = Argon2Cost(memory_kib=64, passes=1, lanes=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("emails", [LowercasedAddresses(), ValidatedEmailAddresses()])
def test_addresses_written_differently_are_one(emails: EmailAddresses) -> None:
    one, other = emails.parse("Ada@example.com"), emails.parse("aDA@EXAMPLE.com")
    assert one.normalized == other.normalized == "ada@example.com"
    assert one.local_part == "ada"


@pytest.mark.parametrize("emails", [LowercasedAddresses(), ValidatedEmailAddresses()])
def test_what_is_no_address_is_refused(emails: EmailAddresses) -> None:
    with pytest.raises(EmailMalformed) as refused:
        emails.parse("secret.word")
    assert refused.value.field == "/email"
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("passwords", [InstantPasswords(), Argon2Passwords(CHEAP, 1)])
async def test_a_password_is_told_from_others(passwords: PasswordHasher) -> None:
    stored = await passwords.hash("correct horse battery staple")
    assert "correct" not in stored or stored.startswith("new:")
    assert await passwords.verify("correct horse battery staple", stored) == Verdict(True)
    assert await passwords.verify("correct horse battery stapler", stored) == Verdict(False)
    assert await passwords.verify("correct horse battery staple", None) == Verdict(False)


@pytest.mark.parametrize("tokens", [ChainedRefreshTokens(), DerivedRefreshTokens(SECRETS)])
def test_a_successor_follows_from_its_token(tokens: RefreshTokens) -> None:
    first, other = tokens.first(), tokens.first()
    assert first != other
    [second] = tokens.successors(RefreshToken.parse(first.text))
    assert [second] == list(tokens.successors(first))
    assert second.family == first.family
    assert second.secret not in {first.secret, tokens.successors(other)[0].secret}
    assert second != tokens.successors(second)[0]


async def access_tokens(kind: str) -> AccessTokens:
    if kind == "plain":
        return PlainAccessTokens()
    keys = KeyRing(SigningKeysInMemory(), SECRETS, MovableClock(), LIFE)
    await keys.__aenter__()
    terms = TokenTerms(issuer="https://id.example.com", audience="tests", seconds=600)
    return SignedAccessTokens(keys, terms)


def a_session() -> Session:
    first = ChainedRefreshTokens().first()
    return Session.start(AccountId(new_id()), first, Device(), methods=PWD, at=NOON, limits=LIMITS)


@pytest.mark.parametrize("kind", ["plain", "signed"])
async def test_an_access_token_names_its_caller_for_ten_minutes(kind: str) -> None:
    tokens, session = await access_tokens(kind), a_session()
    issued = tokens.issue(session, at=NOON, verified=True)
    assert issued.expires_in == 600
    assert issued.text not in repr(issued)
    caller = caller_of(session)
    for passed in (0, 1, 599):
        assert await tokens.verify(issued.text, at=NOON + passed * SECOND) == caller
    with pytest.raises(AccessTokenRefused):
        await tokens.verify(issued.text, at=NOON + 600 * SECOND)


@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("kind", ["plain", "signed"])
async def test_an_access_token_tells_whether_the_address_is_proved(
    kind: str, verified: bool
) -> None:
    tokens = await access_tokens(kind)
    issued = tokens.issue(a_session(), at=NOON, verified=verified)
    assert (await tokens.verify(issued.text, at=NOON)).verified is verified


@pytest.mark.parametrize("kind", ["plain", "signed"])
async def test_an_access_token_does_not_outlast_its_session(kind: str) -> None:
    tokens, session = await access_tokens(kind), a_session()
    issued = tokens.issue(session, at=session.expires_at - 60 * SECOND, verified=True)
    assert issued.expires_in == 60
    with pytest.raises(AccessTokenRefused):
        await tokens.verify(issued.text, at=session.expires_at)


@pytest.mark.parametrize("kind", ["plain", "signed"])
@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b.c", "\xff", "e30.e30.e30", "W10.e30.", "x" * 9000]
)
async def test_other_text_is_no_access_token(kind: str, text: str) -> None:
    with pytest.raises(AccessTokenRefused):
        await (await access_tokens(kind)).verify(text, at=NOON)
