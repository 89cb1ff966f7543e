"""What keys of programs expect of their techniques, of the doubles and of the real ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Protocol
from uuid import uuid4

import pytest

from modules.identity.adapters.key_uses import NotedUses
from modules.identity.adapters.tokens import (
    DrawnSecrets,
    KeyRing,
    SignedAccessTokens,
    TokenTerms,
)
from modules.identity.domain.api_secret import ApiSecret, SecretKind
from modules.identity.domain.signing_key import KeyLife
from modules.identity.ports import AccessTokens
from modules.identity.ports.api_keys import (
    ClientGrant,
    ClientTokens,
    SecretSource,
)
from shared_kernel.adapters.secrets import SecretKeys
from shared_kernel.application import Caller, Means
from shared_kernel.domain import AccountId, new_id
from tests.kit.identity import NOON, MovableClock
from tests.kit.identity_api_keys import (
    CountedSecrets,
    PlainClientTokens,
)
from tests.kit.identity_keys import SigningKeysInMemory

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
PERSONAL = SecretKind.PERSONAL


async def test_what_waits_to_be_written_is_bounded() -> None:
    class Written:
        uses = 0

        async def write(self, uses: object) -> None:
            self.uses += 1

    noted = NotedUses(Written())
    for _ in range(11_000):
        noted.used(PERSONAL, uuid4(), at=NOON)
    assert len(noted.waiting) == 10_000


@pytest.mark.parametrize("source", [CountedSecrets(), DrawnSecrets()])
@pytest.mark.parametrize("kind", list(SecretKind))
def test_no_secret_is_drawn_twice(source: SecretSource, kind: SecretKind) -> None:
    drawn = source.draw(kind)
    again = source.redraw(kind, drawn.id)
    assert ApiSecret.of(drawn.text) == drawn
    assert (again.kind, again.id) == (kind, drawn.id)
    assert again.secret != drawn.secret
    assert source.draw(kind).id != drawn.id


class Tokens(AccessTokens, ClientTokens, Protocol):
    """Tokens of people and of programs."""


async def tokens_of(kind: str) -> Tokens:
    if kind == "plain":
        return PlainClientTokens()
    life = KeyLife(published=timedelta(minutes=10), kept=timedelta(minutes=11))
    secret_keys = SecretKeys([b"a secret key for tests of 32 bytes"])
    keys = KeyRing(SigningKeysInMemory(), secret_keys, MovableClock(), life)
    await keys.__aenter__()
    terms = TokenTerms(issuer="https://id.example.com", audience="tests", seconds=600)
    return SignedAccessTokens(keys, terms)


GRANT = ClientGrant(
    account_id=AccountId(new_id()),
    secret_id=new_id(),
    scope=None,
    secret_expires_at=NOON + DAY,
)


@pytest.mark.parametrize("kind", ["plain", "signed"])
@pytest.mark.parametrize("scope", [None, frozenset({"a.b.c"}), frozenset({"a.b.c", "d.e.f"})])
async def test_a_token_of_a_program_names_it_as_a_key(
    kind: str, scope: frozenset[str] | None
) -> None:
    tokens = await tokens_of(kind)
    issued = tokens.issue_to_client(replace(GRANT, scope=scope), at=NOON)
    expected = Caller(GRANT.account_id, GRANT.secret_id, scope=scope, means=Means.KEY)
    assert await tokens.verify(issued.text, at=NOON) == expected
    assert issued.expires_in == 600


@pytest.mark.parametrize("kind", ["plain", "signed"])
async def test_a_token_of_a_program_does_not_outlast_its_secret(kind: str) -> None:
    tokens = await tokens_of(kind)
    grant = replace(GRANT, secret_expires_at=NOON + 60 * SECOND)
    assert tokens.issue_to_client(grant, at=NOON).expires_in == 60
