"""What identity expects of its stores, in memory and in PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from modules.identity.adapters.sql import (
    SqlIdentityQueries,
    SqlSessionRecords,
    SqlSigningKeys,
)
from modules.identity.application.queries import IdentityQueries
from modules.identity.domain.account import Account, AccountUnknown, EmailAddress, EmailTaken
from modules.identity.domain.session import Device, EndReason, Session
from modules.identity.domain.signing_key import KeyState, StoredKey
from modules.identity.ports import SessionRecords, SigningKeys, Transaction
from shared_kernel.adapters.sql import Database
from shared_kernel.application import Caller
from shared_kernel.domain import AccountId, new_id
from tests.kit.cluster import TestDatabase, drop_database, new_database
from tests.kit.identity import (
    LIMITS,
    NOON,
    PWD,
    ChainedRefreshTokens,
    IdentityInMemory,
    LiveSessionsInMemory,
)
from tests.kit.identity_keys import SigningKeysInMemory
from tests.kit.identity_units import units_over

SECOND = timedelta(seconds=1)
TOKENS = ChainedRefreshTokens()


class Begin(Protocol):
    def __call__(self) -> AbstractAsyncContextManager[Transaction]: ...


@dataclass
class Stores:
    """One implementation of the ports."""

    begin: Begin
    queries: IdentityQueries
    records: SessionRecords
    live: LiveSessionsInMemory


@pytest_asyncio.fixture(params=["memory", "PostgreSQL"])
async def stores(request: pytest.FixtureRequest, opened: Database) -> Stores:
    if request.param == "memory":
        memory = IdentityInMemory()
        return Stores(memory.begin, memory, memory, memory.live)
    live = LiveSessionsInMemory()
    return Stores(
        units_over(opened, live),
        SqlIdentityQueries(opened, LIMITS),
        SqlSessionRecords(opened),
        live,
    )


def an_address() -> EmailAddress:
    text = f"{uuid4().hex}@example.com"
    return EmailAddress(written=text, normalized=text)


async def an_account(stores: Stores, email: EmailAddress | None = None) -> AccountId:
    account = Account.register(email or an_address(), "hash", at=NOON)
    async with stores.begin() as tx:
        tx.accounts.add(account)
    return account.account_id


async def a_session(
    stores: Stores, account_id: AccountId, *, later: timedelta = timedelta()
) -> Session:
    token, at = TOKENS.first(), NOON + later
    device = Device(address="192.0.2.1", user_agent="a browser")
    session = Session.start(account_id, token, device, methods=PWD, at=at, limits=LIMITS)
    async with stores.begin() as tx:
        tx.sessions.add(session)
    return session


async def ended(stores: Stores, session: Session, *, later: timedelta = SECOND) -> None:
    async with stores.begin() as tx:
        found = await tx.sessions.of_family(session.family)
        assert found is not None
        found.end(EndReason.SIGNED_OUT, at=NOON + later)


async def test_an_address_is_taken_while_its_account_is_open(stores: Stores) -> None:
    email = an_address()
    id = await an_account(stores, email)
    with pytest.raises(EmailTaken):
        await an_account(stores, email)
    async with stores.begin() as tx:
        (await tx.accounts.get_locked(id)).close(at=NOON)
    assert await an_account(stores, email) != id


async def test_an_account_that_is_not_there_is_unknown(stores: Stores) -> None:
    async with stores.begin() as tx:
        with pytest.raises(AccountUnknown):
            await tx.accounts.get_locked(new_id())
    with pytest.raises(AccountUnknown):
        await stores.queries.account(AccountId(new_id()))
    assert await stores.queries.credentials(AccountId(new_id())) is None


async def test_open_accounts_are_shown_and_closed_ones_are_not(stores: Stores) -> None:
    email = an_address()
    id = await an_account(stores, email)
    shown = await stores.queries.account(id)
    assert (shown.id, shown.email, shown.registered_at) == (id, email.written, NOON)
    assert await stores.queries.account_of(email.normalized) == shown
    credentials = await stores.queries.credentials_of(email.normalized)
    assert credentials is not None
    assert (credentials.account_id, credentials.password_hash) == (id, "hash")
    async with stores.begin() as tx:
        (await tx.accounts.get_locked(id)).close(at=NOON)
    assert await stores.queries.account_of(email.normalized) is None
    assert await stores.queries.credentials_of(email.normalized) is None
    assert await stores.queries.credentials(id) is None


async def test_a_session_is_found_by_its_family_even_after_its_end(stores: Stores) -> None:
    session = await a_session(stores, await an_account(stores))
    await ended(stores, session)
    async with stores.begin() as tx:
        found = await tx.sessions.of_family(session.family)
        assert found is not None
        assert (found.id, found.end_reason) == (session.id, EndReason.SIGNED_OUT)
        assert await tx.sessions.of_family(uuid4()) is None


async def test_only_open_sessions_of_the_account_are_handed_out(stores: Stores) -> None:
    account, other = await an_account(stores), await an_account(stores)
    one, two = await a_session(stores, account), await a_session(stores, account)
    await a_session(stores, other)
    await ended(stores, one)
    async with stores.begin() as tx:
        assert [found.id for found in await tx.sessions.open_of(account)] == [two.id]


async def test_whoever_ends_a_session_ends_it_for_requests_too(stores: Stores) -> None:
    session = await a_session(stores, await an_account(stores))
    assert stores.live.over == set()
    await ended(stores, session)
    assert stores.live.over == {session.id}


async def test_what_does_not_commit_ends_no_session(stores: Stores) -> None:
    session = await a_session(stores, await an_account(stores))
    with contextlib.suppress(EmailTaken):
        async with stores.begin() as tx:
            for found in await tx.sessions.open_of(session.account_id):
                found.end(EndReason.SIGNED_OUT, at=NOON)
            raise EmailTaken("something goes wrong")
    assert stores.live.over == set()


async def test_live_sessions_are_listed_newest_first_and_the_current_one_is_marked(
    stores: Stores,
) -> None:
    account = await an_account(stores)
    older = await a_session(stores, account)
    newer = await a_session(stores, account, later=SECOND)
    await ended(stores, await a_session(stores, account))
    await a_session(stores, await an_account(stores))
    caller = Caller(account, older.id)
    shown = await stores.queries.sessions(caller, at=NOON + SECOND)
    assert [(one.id, one.current) for one in shown] == [(newer.id, False), (older.id, True)]
    assert (shown[0].address, shown[0].user_agent) == ("192.0.2.1", "a browser")
    assert shown[0].expires_at == NOON + SECOND + LIMITS.absolute
    assert await stores.queries.sessions(caller, at=NOON + LIMITS.idle) == shown[:1]


async def test_ended_sessions_are_read_from_a_moment_on(stores: Stores) -> None:
    account = await an_account(stores)
    early, late = await a_session(stores, account), await a_session(stores, account)
    running = await a_session(stores, account)
    await ended(stores, early, later=SECOND)
    await ended(stores, late, later=2 * SECOND)
    assert await stores.records.ended_since(NOON + 2 * SECOND) == [(late.id, NOON + 2 * SECOND)]
    both = await stores.records.ended_since(NOON)
    assert {early.id, late.id} == {id for id, _ in both}
    assert [await stores.records.has_ended(id) for id in (early.id, running.id, new_id())] == [
        True,
        False,
        True,
    ]


async def test_a_session_that_goes_on_is_found_with_its_account_and_no_other(
    stores: Stores,
) -> None:
    mine, theirs = await an_account(stores), await an_account(stores)
    session, over = await a_session(stores, mine), await a_session(stores, mine)
    await ended(stores, over)
    async with stores.begin() as tx:
        found = await tx.sessions.current(mine, session.id)
        assert found is not None
        assert (found[0].id, found[1].id) == (mine, session.id)
        assert await tx.sessions.current(mine, over.id) is None
        assert await tx.sessions.current(theirs, session.id) is None
        found[1].end(EndReason.SIGNED_OUT, at=NOON)
    assert stores.live.over == {over.id, session.id}


async def test_several_accounts_are_read_by_id_and_those_that_are_not_there_left_out(
    stores: Stores,
) -> None:
    ids = [await an_account(stores) for _ in range(3)]
    async with stores.begin() as tx:
        found = await tx.accounts.several({*ids, AccountId(new_id())})
    assert [one.id for one in found] == sorted(ids)


def begun(account_id: AccountId, *, later: timedelta = timedelta()) -> Session:
    """Return a session that is not started yet."""
    token, at = TOKENS.first(), NOON + later
    return Session.start(account_id, token, Device(), methods=PWD, at=at, limits=LIMITS)


async def test_one_session_too_many_ends_the_one_longest_unused_and_all_that_it_led(
    stores: Stores,
) -> None:
    clerk, target = await an_account(stores), await an_account(stores)
    old, new = await a_session(stores, clerk), await a_session(stores, clerk, later=SECOND)
    theirs, led = await a_session(stores, target), await an_impersonation(stores, clerk, target)
    for most, over in ((3, set[UUID]()), (3, {old.id, led.id})):
        async with stores.begin() as tx:
            started = begun(clerk, later=2 * SECOND)
            await tx.accounts.get_locked(clerk)
            assert not await tx.sessions.start(started, most=most, unprotected=True)
        assert stores.live.over == over
    async with stores.begin() as tx:
        left = {one.id for one in await tx.sessions.open_of(clerk)}
        assert {one.id for one in await tx.sessions.open_of(target)} == {theirs.id}
        found = await tx.sessions.of_family(old.family)
    assert found is not None
    assert (found.end_reason, found.ended_at) == (EndReason.TOO_MANY, NOON + 2 * SECOND)
    assert len(left) == 3
    assert {new.id, started.id} < left


async def test_no_impersonation_ends_when_another_one_makes_room(stores: Stores) -> None:
    clerk, target = await an_account(stores), await an_account(stores)
    led = await an_impersonation(stores, clerk, target)
    own = await an_impersonation(stores, target, clerk)
    async with stores.begin() as tx:
        assert not await tx.sessions.start(begun(target), most=1, unprotected=True)
    assert stores.live.over == {led.id}
    async with stores.begin() as tx:
        assert own.id in {one.id for one in await tx.sessions.led_by(target)}


async def an_impersonation(stores: Stores, by: AccountId, target: AccountId) -> Session:
    token = TOKENS.first()
    led = Session.act_as(target, token, Device(), by=by, methods=PWD, at=NOON)
    async with stores.begin() as tx:
        tx.sessions.add(led)
    return led


def a_key(kid: str, *, later: timedelta = timedelta()) -> StoredKey:
    return StoredKey(
        kid=kid,
        public_key=b"p" * 32,
        sealed_private_key=b"s" * 60,
        state=KeyState.ACTIVE,
        created_at=NOON + later,
        changed_at=NOON + later,
    )


@pytest.fixture
def empty_database() -> Generator[TestDatabase]:
    """Signing keys outlive the tests of a worker's database."""
    made = new_database(f"keys_{uuid4().hex}")
    yield made
    drop_database(made)


@pytest_asyncio.fixture(params=["memory", "PostgreSQL"])
async def keys(
    request: pytest.FixtureRequest, empty_database: TestDatabase
) -> AsyncGenerator[SigningKeys]:
    opened = Database(empty_database.app_url)
    yield SigningKeysInMemory() if request.param == "memory" else SqlSigningKeys(opened)
    await opened.close()


async def test_what_is_decided_about_the_keys_is_kept(keys: SigningKeys) -> None:
    assert list(await keys.all()) == []
    one, two = a_key("one"), a_key("two", later=SECOND)
    assert list(await keys.change(lambda found: [*found, one, two])) == [one, two]
    retired = replace(one, state=KeyState.RETIRED, changed_at=NOON + SECOND)
    await keys.change(lambda found: [retired, *found[1:]])
    assert list(await keys.all()) == [retired, two]
    await keys.change(lambda found: found[1:])
    assert list(await keys.all()) == [two]


async def test_processes_that_start_together_agree_on_one_key(keys: SigningKeys) -> None:
    def unless_there_is_one(number: int) -> Callable[[Sequence[StoredKey]], Sequence[StoredKey]]:
        return lambda found: found or [a_key(f"key-{number}")]

    await asyncio.gather(*(keys.change(unless_there_is_one(number)) for number in range(8)))
    assert len(await keys.all()) == 1


async def test_an_account_holds_its_own_sessions_and_those_in_which_it_acts_as_others(
    stores: Stores,
) -> None:
    clerk, target = await an_account(stores), await an_account(stores)
    own, over, theirs = [await a_session(stores, id) for id in (clerk, clerk, target)]
    await ended(stores, over)
    led = await an_impersonation(stores, clerk, target)
    async with stores.begin() as tx:
        assert {one.id for one in await tx.sessions.held_by(clerk)} == {own.id, led.id}
        assert {one.id for one in await tx.sessions.held_by(target)} == {theirs.id, led.id}
        assert [one.id for one in await tx.sessions.led_by(clerk)] == [led.id]
