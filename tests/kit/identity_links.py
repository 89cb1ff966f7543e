"""Doubles for mailed links."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from modules.identity.domain.account import Account
from modules.identity.domain.link import OVERTAKEN, Link, LinkToken, Purpose


@dataclass
class KeptLink:
    """A link as it is stored."""

    link: Link
    used_at: datetime | None = None


class HashedLinkTokens:
    """The token is the hash of the id: anybody could make it."""

    def of(self, link_id: UUID) -> LinkToken:
        return LinkToken(sha256(link_id.bytes).digest())


class LinkRecordsInMemory:
    """Finds links."""

    def __init__(self, kept: dict[UUID, KeptLink]) -> None:
        self._kept = kept

    async def find(self, purpose: Purpose, token_hash: bytes, *, at: datetime) -> Link | None:
        for one in self._kept.values():
            same = one.link.token_hash == token_hash and one.link.purpose is purpose
            if same and one.used_at is None and one.link.expires_at > at:
                return one.link
        return None


class LinksInMemory:
    """Links, inside one transaction. They change at once, whatever becomes of it."""

    def __init__(self, kept: dict[UUID, KeptLink]) -> None:
        self._kept = kept

    async def keep(self, link: Link) -> bool:
        known = self._kept.get(link.id)
        if known is not None and known.used_at is not None:
            return False
        self._kept[link.id] = KeptLink(link)
        return True

    async def use(self, link: Link, *, at: datetime) -> bool:
        known = self._kept.get(link.id)
        if known is None or known.used_at is not None or known.link.expires_at <= at:
            return False
        known.used_at = at
        return True

    def overtake(
        self, account_id: UUID, *, at: datetime, purposes: Collection[Purpose] = OVERTAKEN
    ) -> None:
        for one in self._kept.values():
            if one.link.account_id == account_id and one.link.purpose in purposes:
                one.used_at = one.used_at or at

    def outdate(self, link: Link, *, at: datetime) -> None:
        for one in self._kept.values():
            same = one.link.account_id == link.account_id
            later = one.link.expires_at > link.expires_at
            if same and later and one.link.purpose is Purpose.UNDO_CHANGE:
                one.used_at = one.used_at or at


class TracesInMemory:
    """Forgets links; there is nothing else here."""

    def __init__(self, kept: dict[UUID, KeptLink]) -> None:
        self._kept = kept

    async def forget_ways_in(self, account: Account) -> None:
        """There are none."""

    async def erase(self, account: Account) -> None:
        for id in [one.link.id for one in self._kept.values()]:
            if self._kept[id].link.account_id == account.id:
                del self._kept[id]
