"""What mailed links expect of their stores, in memory and in PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

import pytest
import pytest_asyncio

from modules.identity.adapters.sql import SqlLinkRecords
from modules.identity.domain.account import Account, EmailAddress
from modules.identity.domain.link import Link, LinkToken, Purpose
from modules.identity.ports.links import BeginLink, LinkRecords
from shared_kernel.adapters.sql import Database
from shared_kernel.domain import new_id
from tests.kit.identity import NOON, IdentityInMemory
from tests.kit.identity_links import LinkRecordsInMemory
from tests.kit.identity_units import units_over

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Stores:
    """One implementation of the ports."""

    begin: BeginLink
    records: LinkRecords


@pytest_asyncio.fixture(params=["memory", "PostgreSQL"])
async def stores(request: pytest.FixtureRequest, opened: Database) -> Stores:
    if request.param == "memory":
        memory = IdentityInMemory()
        return Stores(memory.begin, LinkRecordsInMemory(memory.links))
    return Stores(units_over(opened), SqlLinkRecords(opened))


def an_address() -> EmailAddress:
    text = f"{uuid4().hex}@example.com"
    return EmailAddress(written=text, normalized=text)


async def an_account(stores: Stores, email: EmailAddress | None = None) -> Account:
    account = Account.register(email or an_address(), "hash", at=NOON)
    async with stores.begin() as tx:
        assert await tx.accounts.open(account)
    return account


def a_link(account: Account, purpose: Purpose = Purpose.RESET) -> Link:
    token = LinkToken(uuid4().bytes * 2)
    email, normalized = account.email, account.email_normalized
    return Link(new_id(), account.id, purpose, token.hash, email, normalized, NOON + HOUR)


async def kept(stores: Stores, link: Link) -> bool:
    async with stores.begin() as tx:
        return await tx.links.keep(link)


async def used(stores: Stores, link: Link) -> bool:
    async with stores.begin() as tx:
        return await tx.links.use(link, at=NOON)


async def found(stores: Stores, link: Link) -> Link | None:
    return await stores.records.find(link.purpose, link.token_hash, at=NOON)


async def test_a_link_is_found_by_its_token_for_its_purpose_until_it_expires(
    stores: Stores,
) -> None:
    link = a_link(await an_account(stores))
    assert await kept(stores, link)
    assert await found(stores, link) == link
    assert await stores.records.find(Purpose.VERIFY, link.token_hash, at=NOON) is None
    assert await stores.records.find(link.purpose, b"x" * 32, at=NOON) is None
    assert await stores.records.find(link.purpose, link.token_hash, at=NOON + HOUR) is None


async def test_of_many_who_use_a_link_at_once_one_hears_yes(stores: Stores) -> None:
    link = a_link(await an_account(stores))
    await kept(stores, link)
    answers = await asyncio.gather(*(used(stores, link) for _ in range(8)))
    assert sorted(answers) == [False] * 7 + [True]
    assert await found(stores, link) is None


async def test_an_event_told_again_makes_a_used_link_no_good(stores: Stores) -> None:
    link = a_link(await an_account(stores))
    assert await kept(stores, link)
    assert await kept(stores, link)
    await used(stores, link)
    assert not await kept(stores, link)
    assert not await used(stores, link)


async def test_a_new_secret_key_makes_the_link_of_an_event_told_again_anew(stores: Stores) -> None:
    link = a_link(await an_account(stores))
    await kept(stores, link)
    again = replace(link, token_hash=b"y" * 32)
    assert await kept(stores, again)
    assert await found(stores, again) == again
    assert await found(stores, link) is None


async def test_what_a_new_password_overtakes_is_good_for_nothing(stores: Stores) -> None:
    account, other = await an_account(stores), await an_account(stores)
    overtaken = [
        a_link(account, one) for one in (Purpose.VERIFY, Purpose.RESET, Purpose.CHANGE_ADDRESS)
    ]
    staying = [a_link(account, Purpose.UNDO_CHANGE), a_link(other)]
    for link in [*overtaken, *staying]:
        await kept(stores, link)
    async with stores.begin() as tx:
        tx.links.overtake(account.id, at=NOON)
    assert [await found(stores, one) for one in overtaken] == [None] * 3
    assert [await found(stores, one) for one in staying] == staying


async def test_undoing_a_change_outdates_the_undoing_of_later_ones(stores: Stores) -> None:
    account = await an_account(stores)
    first = a_link(account, Purpose.UNDO_CHANGE)
    later = replace(a_link(account, Purpose.UNDO_CHANGE), expires_at=NOON + DAY)
    for link in (first, later):
        await kept(stores, link)
    async with stores.begin() as tx:
        tx.links.outdate(first, at=NOON)
    assert await found(stores, later) is None
    assert await found(stores, first) == first


async def test_an_address_has_one_open_account_and_its_holder(stores: Stores) -> None:
    email = an_address()
    first = await an_account(stores, email)
    async with stores.begin() as tx:
        assert not await tx.accounts.open(Account.register(email, "another", at=NOON))
        holder = await tx.accounts.holder_of(email)
        assert holder is not None
        assert holder.id == first.id
        holder.close(at=NOON)
    async with stores.begin() as tx:
        assert await tx.accounts.holder_of(email) is None
        assert await tx.accounts.open(Account.register(email, "another", at=NOON))


async def test_what_an_account_was_opened_with_can_be_read_and_changed(stores: Stores) -> None:
    account = await an_account(stores)
    async with stores.begin() as tx:
        again = await tx.accounts.get_locked(account.id)
        assert (again.email, again.password_hash) == (account.email, "hash")
        again.verify_address(at=NOON)


async def test_erasing_leaves_no_link(stores: Stores) -> None:
    account = await an_account(stores)
    link = a_link(account)
    await kept(stores, link)
    async with stores.begin() as tx:
        await tx.traces.erase(account)
    assert await found(stores, link) is None
