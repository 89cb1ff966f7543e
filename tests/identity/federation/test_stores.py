"""Visits and kept proofs in PostgreSQL: taken once, and gone when they are over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import pytest_asyncio

from modules.identity.domain.federated import KeptProof, Proof, Visit
from modules.identity.ports.federation import BeginFederation
from shared_kernel.adapters.sql import Database
from tests.identity.federation.browsers import rows
from tests.kit.cluster import TestDatabase
from tests.kit.identity_units import units_over

pytestmark = pytest.mark.xdist_group("providers")

NOW = datetime.now(UTC)
SOON, EARLIER = NOW + timedelta(minutes=1), NOW - timedelta(seconds=1)
BROWSER = sha256(b"a browser").digest()


@pytest_asyncio.fixture
async def begin(database: TestDatabase, clean: None) -> AsyncGenerator[BeginFederation]:
    opened = Database(database.app_url)
    yield units_over(opened)
    await opened.close()


def hashed(number: int) -> bytes:
    return sha256(str(number).encode()).digest()


def visit(number: int, *, until: datetime = SOON) -> Visit:
    return Visit(
        state_hash=hashed(number),
        browser_hash=BROWSER,
        provider="north",
        challenge="c" * 43,
        redirect_to="https://app.example.com/",
        code_challenge="d" * 43,
        expires_at=until,
    )


def kept(number: int, *, until: datetime = SOON) -> KeptProof:
    proof = Proof(provider="north", issuer="https://id.example.com", subject="ada", label="ada")
    return KeptProof(
        code_hash=hashed(number), code_challenge="c" * 43, proof=proof, expires_at=until
    )


async def test_of_many_who_take_one_gets_it_whole(begin: BeginFederation) -> None:
    async with begin() as tx:
        tx.visits.add(visit(1))
        tx.proofs.add(kept(1))

    async def take() -> tuple[Visit | None, KeptProof | None]:
        async with begin() as tx:
            taken = await tx.visits.take(hashed(1), BROWSER, at=NOW)
            return taken, await tx.proofs.take(hashed(1), at=NOW)

    taken = await asyncio.gather(*(take() for _ in range(8)))
    assert [one for one, _ in taken if one is not None] == [visit(1)]
    assert [one for _, one in taken if one is not None] == [kept(1)]


async def test_what_is_over_or_another_browsers_is_not_taken(begin: BeginFederation) -> None:
    async with begin() as tx:
        tx.visits.add(visit(1))
        tx.proofs.add(kept(1))
    async with begin() as tx:
        assert await tx.visits.take(hashed(1), hashed(7), at=NOW) is None
        assert await tx.visits.take(hashed(1), BROWSER, at=SOON) is None
        assert await tx.proofs.take(hashed(1), at=SOON) is None


async def test_whoever_adds_takes_along_what_is_over(
    begin: BeginFederation, database: TestDatabase
) -> None:
    for number in range(30):
        async with begin() as tx:
            tx.visits.add(visit(number, until=EARLIER))
            tx.proofs.add(kept(number, until=EARLIER))
    async with begin() as tx:
        tx.visits.add(visit(99))
        tx.proofs.add(kept(99))
    for table in ("provider_visits", "provider_proofs"):
        left = await rows(database, f"select expires_at from identity.{table}")
        assert [one["expires_at"] for one in left] == [SOON]
