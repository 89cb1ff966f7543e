"""What mailed links need from outside."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol
from uuid import UUID

from modules.identity.domain.account import Account
from modules.identity.domain.link import OVERTAKEN, Link, LinkToken, Purpose
from modules.identity.ports.api_keys import ApiKeys
from modules.identity.ports.federation import Identities
from modules.identity.ports.second_factor import SecondFactorTransaction


class LinkTokens(Protocol):
    """Makes the tokens of links."""

    def of(self, link_id: UUID) -> LinkToken:
        """Return the token of a link: always the same, so that a mail sent twice says the same.

        Derived, not drawn, and of use to nobody without the secret key.
        """
        ...


class LinkRecords(Protocol):
    """Finds links outside any transaction. Every one has an end: what it says may be over soon."""

    async def find(self, purpose: Purpose, token_hash: bytes, *, at: datetime) -> Link | None:
        """Return a link that can still be used; one read by an index."""
        ...


class Links(Protocol):
    """The links, inside one transaction. Lock the account first: that is everybody's order."""

    async def keep(self, link: Link) -> bool:
        """Keep a link. Say no, and change nothing, when it was kept and used before."""
        ...

    async def use(self, link: Link, *, at: datetime) -> bool:
        """Use a link up. Of many who try at once, one hears yes."""
        ...

    def overtake(
        self, account_id: UUID, *, at: datetime, purposes: Collection[Purpose] = OVERTAKEN
    ) -> None:
        """Make links of an account worthless: those that a new password or address overtakes.

        At the very end, as with `outdate`.
        """
        ...

    def outdate(self, link: Link, *, at: datetime) -> None:
        """Make the links worthless that undo later changes than this one does.

        Otherwise whoever changed the address twice could take it back from its owner again.
        """
        ...


class Traces(Protocol):
    """Everything identity knows of a person, inside one transaction. What it does, it does at once:
    change aggregates afterwards."""

    async def erase(self, account: Account) -> None:
        """Delete or empty what tells who the owner of a closed account was, but the account."""
        ...

    async def forget_ways_in(self, account: Account) -> None:
        """Delete what opens an account beside its password, and what protects it: keys, passkeys,
        authenticator apps, identities."""
        ...


class LinkTransaction(SecondFactorTransaction, Protocol):
    """A transaction that also knows links, and all that opens an account."""

    @property
    def traces(self) -> Traces: ...

    @property
    def links(self) -> Links: ...

    @property
    def api_keys(self) -> ApiKeys: ...

    @property
    def identities(self) -> Identities: ...


BeginLink = Callable[[], AbstractAsyncContextManager[LinkTransaction]]
