"""What API keys expect of their stores, in memory and in PostgreSQL."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import uuid4

import pytest
import pytest_asyncio

from modules.identity.adapters.sql import (
    SqlKeyQueries,
    SqlSecretRecords,
    SqlSecretUses,
)
from modules.identity.application.api_keys import ApiKeyQueries
from modules.identity.application.service_accounts import ServiceAccountQueries
from modules.identity.domain.account import Account, EmailAddress
from modules.identity.domain.api_key import ApiKey, ApiKeyUnknown
from modules.identity.domain.api_secret import ApiSecret, RevokeReason, SecretKind
from modules.identity.domain.service_account import (
    ServiceAccount,
    ServiceAccountNameTaken,
    ServiceAccountUnknown,
)
from modules.identity.ports.api_keys import (
    KeyTransaction,
    SecretRecords,
)
from shared_kernel.adapters.sql import Database
from shared_kernel.application import Caller
from shared_kernel.domain import AccountId, new_id
from tests.kit.identity import NOON
from tests.kit.identity_api_keys import (
    EVERYTHING,
    CountedSecrets,
    KeysInMemory,
)
from tests.kit.identity_units import units_over

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
SECRETS = CountedSecrets()
PERSONAL, SERVICE = SecretKind.PERSONAL, SecretKind.SERVICE


class Begin(Protocol):
    def __call__(self) -> AbstractAsyncContextManager[KeyTransaction]: ...


class Queries(ApiKeyQueries, ServiceAccountQueries, Protocol):
    """Both kinds of reads."""


@dataclass
class Stores:
    """One implementation of the ports."""

    begin: Begin
    queries: Queries
    records: SecretRecords


def stored_in(opened: Database) -> Stores:
    return Stores(
        units_over(opened),
        SqlKeyQueries(opened),
        SqlSecretRecords(opened),
    )


@pytest_asyncio.fixture(params=["memory", "PostgreSQL"])
async def stores(request: pytest.FixtureRequest, opened: Database) -> Stores:
    if request.param == "memory":
        memory = KeysInMemory()
        return Stores(memory.begin, memory, memory)
    return stored_in(opened)


async def an_account(stores: Stores) -> AccountId:
    text = f"{uuid4().hex}@example.com"
    account = Account.register(EmailAddress(written=text, normalized=text), "hash", at=NOON)
    async with stores.begin() as tx:
        tx.accounts.add(account)
    return account.account_id


async def a_key(stores: Stores, account_id: AccountId, *, later: timedelta = SECOND) -> ApiSecret:
    secret = SECRETS.draw(PERSONAL)
    key = ApiKey.make(
        account_id,
        secret,
        name="backup",
        scope=["b", "a"],
        methods=["pwd"],
        at=NOON + later,
        expires_at=NOON + 90 * DAY,
    )
    async with stores.begin() as tx:
        tx.api_keys.add(key)
    return secret


async def a_service(stores: Stores, name: str = "importer") -> tuple[AccountId, ApiSecret]:
    secret = SECRETS.draw(SERVICE)
    made = ServiceAccount.create(name=name, description="d", by=AccountId(new_id()), at=NOON)
    made.add_secret(secret, at=NOON, expires_at=NOON + DAY)
    async with stores.begin() as tx:
        tx.service_accounts.add(made)
    return made.account_id, secret


async def test_a_key_is_known_by_its_id_with_all_that_decides_about_it(stores: Stores) -> None:
    owner = await an_account(stores)
    secret = await a_key(stores, owner)
    known = await stores.records.find(PERSONAL, secret.id)
    assert known is not None
    assert known.opens_to(secret, at=NOON + SECOND)
    assert (known.account_id, known.expires_at) == (owner, NOON + 90 * DAY)
    assert (list(known.scope or ()), list(known.methods)) == (["a", "b"], ["pwd"])
    assert await stores.records.find(SERVICE, secret.id) is None
    assert await stores.records.find(PERSONAL, new_id()) is None


async def test_a_key_of_a_closed_account_is_known_as_such(stores: Stores) -> None:
    owner = await an_account(stores)
    secret = await a_key(stores, owner)
    async with stores.begin() as tx:
        (await tx.accounts.get_locked(owner)).close(at=NOON)
    known = await stores.records.find(PERSONAL, secret.id)
    assert known is not None
    assert not known.owner_may_act


async def test_rotation_and_revocation_are_known(stores: Stores) -> None:
    secret = await a_key(stores, await an_account(stores))
    newer = SECRETS.redraw(PERSONAL, secret.id)
    async with stores.begin() as tx:
        key = await tx.api_keys.get_locked(secret.id)
        key.rotate(newer, methods=["pwd"], overlap=DAY, at=NOON, expires_at=NOON + 90 * DAY)
    known = await stores.records.find(PERSONAL, secret.id)
    assert known is not None
    assert known.opens_to(newer, at=NOON)
    assert known.opens_to(secret, at=NOON)
    async with stores.begin() as tx:
        (await tx.api_keys.get_locked(secret.id)).revoke(RevokeReason.LEAKED, at=NOON)
    known = await stores.records.find(PERSONAL, secret.id)
    assert known is not None
    assert known.revoked_at == NOON


async def test_owners_are_shown_their_keys_newest_first_and_no_revoked_ones(
    stores: Stores,
) -> None:
    owner, other = await an_account(stores), await an_account(stores)
    older = await a_key(stores, owner)
    newer = await a_key(stores, owner, later=2 * SECOND)
    gone, foreign = await a_key(stores, owner), await a_key(stores, other)
    async with stores.begin() as tx:
        (await tx.api_keys.get_locked(gone.id)).revoke(RevokeReason.BY_OWNER, at=NOON)
        assert await tx.api_keys.count_of(other) == 1
    async with stores.begin() as tx:
        assert await tx.api_keys.count_of(owner) == 2
        mine = await tx.api_keys.of_account(owner)
        assert {one.id for one in mine} == {older.id, newer.id}, "neither revoked nor foreign ones"
        with pytest.raises(ApiKeyUnknown):
            await tx.api_keys.get_locked(new_id())
    caller = Caller(owner, new_id())
    assert [one.id for one in await stores.queries.api_keys(caller)] == [newer.id, older.id]
    shown = await stores.queries.api_key(caller, older.id)
    assert (shown.name, list(shown.scope), shown.version) == ("backup", ["a", "b"], 1)
    for hidden in (gone, foreign):
        with pytest.raises(ApiKeyUnknown):
            await stores.queries.api_key(caller, hidden.id)


async def test_a_secret_is_known_with_the_state_of_its_service_account(stores: Stores) -> None:
    id, secret = await a_service(stores)
    known = await stores.records.find(SERVICE, secret.id)
    assert known is not None
    assert known.opens_to(secret, at=NOON)
    assert (known.account_id, known.scope) == (id, None)
    for disabled, may_act in ((True, False), (False, True)):
        async with stores.begin() as tx:
            found = await tx.service_accounts.get_locked(id)
            found.change(name="importer", description="", disabled=disabled, at=NOON)
        known = await stores.records.find(SERVICE, secret.id)
        assert known is not None
        assert known.owner_may_act is may_act
    async with stores.begin() as tx:
        found = await tx.service_accounts.get_locked(id)
        found.revoke(found.secret(secret.id), RevokeReason.BY_OWNER, at=NOON)
    known = await stores.records.find(SERVICE, secret.id)
    assert known is not None
    assert known.revoked_at == NOON


async def test_service_accounts_are_shown_until_they_are_deleted(stores: Stores) -> None:
    id, secret = await a_service(stores, "b")
    other, _ = await a_service(stores, "a")
    page = await stores.queries.service_accounts(EVERYTHING)
    assert [one.id for one in page.items] == [other, id]
    shown = await stores.queries.service_account(id)
    assert ([one.id for one in shown.secrets], shown.disabled) == ([secret.id], False)
    assert await stores.queries.is_service_account(id)
    with pytest.raises(ServiceAccountNameTaken):
        await a_service(stores, "b")
    async with stores.begin() as tx:
        (await tx.service_accounts.get_locked(id)).delete(at=NOON)
    assert not await stores.queries.is_service_account(id)
    with pytest.raises(ServiceAccountUnknown):
        await stores.queries.service_account(id)
    async with stores.begin() as tx:
        with pytest.raises(ServiceAccountUnknown):
            await tx.service_accounts.get_locked(id)
    async with stores.begin() as tx:
        found = await tx.service_accounts.of_secret(secret.id)
        assert found is not None
        assert found.id == id
        assert await tx.service_accounts.of_secret(new_id()) is None
    await a_service(stores, "b")


async def test_uses_are_written_off_the_path_at_most_once_a_minute(opened: Database) -> None:
    stores = stored_in(opened)
    key = await a_key(stores, await an_account(stores))
    _, secret = await a_service(stores)
    both = ((PERSONAL, key.id), (SERVICE, secret.id))

    async def last_uses() -> set[object]:
        found = [await stores.records.find(kind, id) for kind, id in both]
        return {one and one.last_used_at for one in found}

    writing = SqlSecretUses(opened)
    await writing.write(dict.fromkeys(both, NOON))
    await writing.write(dict.fromkeys(both, NOON + 59 * SECOND))
    assert await last_uses() == {NOON}
    await writing.write(dict.fromkeys(both, NOON + 60 * SECOND))
    assert await last_uses() == {NOON + 60 * SECOND}
    await writing.write(dict.fromkeys(both, NOON))
    await writing.write({(PERSONAL, new_id()): NOON})
    assert await last_uses() == {NOON + 60 * SECOND}
