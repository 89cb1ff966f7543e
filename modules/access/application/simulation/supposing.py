"""The policy as it is, and as it would be."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Protocol, TypeVar
from uuid import UUID

from modules.access.application.administering.grants import ShareObject
from modules.access.application.decision.current import CurrentPolicy
from modules.access.application.decision.holders import Folding, Grants, Holders, Sharing
from modules.access.application.decision.in_force import PolicyInForce
from modules.access.application.decision.plans import PolicyEngine
from modules.access.application.rulebook.reading import read_rulebook
from modules.access.application.rulebook.rulebooks import compiled, document_of
from modules.access.application.rulebook.wording import Wording
from modules.access.application.simulation.changes import Simulate, patched
from modules.access.domain import (
    NotAnAction,
    OneGrantee,
    Rulebook,
    UnknownResource,
    UnknownRole,
)
from modules.access.ports import (
    Aside,
    Begin,
    PolicyStore,
    StoredAssignment,
    StoredGrant,
    StoredPolicy,
    StoredRole,
)
from shared_kernel.domain import Invalid, new_id

R = TypeVar("R")

NAMED = re.compile(r"/[a-z0-9][a-z0-9_-]{0,79}")


class Compiler(Protocol):
    """Compiles roles and policies."""

    def compiled(
        self, roles: Sequence[StoredRole], policies: Sequence[StoredPolicy]
    ) -> PolicyEngine:
        """Return the engine of these. Raises MalformedPolicy."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """The policy before and after."""

    before: PolicyInForce
    after: PolicyInForce


@dataclass(frozen=True, slots=True)
class Suppose:
    """Makes the policy that would be in force after a change, and again the one that is.

    Both are compiled anew, aside: the one in use decides for others meanwhile.
    """

    current: CurrentPolicy
    begin: Begin
    store: PolicyStore
    compiler: Compiler
    wording: Wording
    aside: Aside

    async def __call__(self, wanted: Simulate) -> Change:
        """Return both.

        Raises what reading and checking a rulebook raises; UnknownRole, UnknownResource,
        UnknownPermission, NotAnAction, OneGrantee.
        """
        async with self.begin() as tx:
            book = (await tx.rules()).book
        future = self._patched(book, wanted)
        self._require_sound(future, wanted)
        current = self.current.policy
        engines = await self.aside(lambda: [self._compiled(one) for one in (book, future)])
        names = {one.id: one.name for one in await self.store.roles()}
        ids = {name: id for id, name in names.items()}
        ids |= {name: new_id() for name in future.roles if name not in ids}
        before = replace(current, engine=engines[0])
        given = _Given(self.store, {id: name for name, id in ids.items()}, ids)
        after = replace(
            current,
            engine=engines[1],
            holders=await given.holders(current.holders, wanted),
            grants=await given.grants(current.grants, wanted),
        )
        return Change(before, after)

    def _compiled(self, book: Rulebook) -> PolicyEngine:
        return compiled(self.compiler.compiled, book)

    def _patched(self, book: Rulebook, wanted: Simulate) -> Rulebook:
        if wanted.policy is None:
            return book
        try:
            future = read_rulebook(patched(document_of(book), wanted.policy))
            checked = self.wording.require_written(book, future)
            checked.require_sound()
        except Invalid as error:
            error.field = "/policy" + _sayable(error.field or "")
            raise
        return checked

    def _require_sound(self, book: Rulebook, wanted: Simulate) -> None:
        shares = (*wanted.share, *wanted.unshare)
        roles = {one.role for one in (*wanted.assign, *wanted.withdraw)}
        if not book.roles.keys() >= roles | {one.role for one in shares if one.role is not None}:
            raise UnknownRole("there is no such role")
        for share in shares:
            if share.resource not in self.wording.resources.resources:
                raise UnknownResource("no module declares this resource", field="/share")
            found = self.wording.resource_of(share.permission)
            if found is None or found.name != share.resource:
                raise NotAnAction("this is no action on these objects", field="/share")
            if (share.account_id is None) is (share.role is None):
                raise OneGrantee("name an account or a role", field="/share")


@dataclass(frozen=True, slots=True)
class _Given:
    """What is given to single accounts and roles, after the change."""

    store: PolicyStore
    names: Mapping[UUID, str]
    ids: Mapping[str, UUID]

    async def holders(self, now: Holders, wanted: Simulate) -> Holders:
        accounts = {one.account_id for one in (*wanted.assign, *wanted.withdraw)}
        if not accounts:
            return now
        rows = {_key(row): row for row in await _all(self.store.assignments(accounts))}
        for one in wanted.withdraw:
            rows.pop((one.account_id, self.ids[one.role], one.scope), None)
        for one in wanted.assign:
            row = StoredAssignment(
                new_id(), one.account_id, self.ids[one.role], one.scope, one.expires_at
            )
            rows[_key(row)] = row
        folding = Folding(self.names, now.default.roles[0])
        folding.add(rows.values())
        return now.with_those_of(accounts, folding.holders())

    async def grants(self, now: Grants, wanted: Simulate) -> Grants:
        touched = [self._shared(one) for one in (*wanted.share, *wanted.unshare)]
        if not touched:
            return now
        accounts = {one.account_id for one in touched if one.account_id is not None}
        roles = {one.role_id for one in touched if one.role_id is not None}
        rows = {_about(row): row for row in await _all(self.store.grants(accounts | roles))}
        for one in wanted.unshare:
            rows.pop(_about(self._shared(one)), None)
        for one in wanted.share:
            rows[_about(self._shared(one))] = self._shared(one)
        sharing = Sharing(self.names)
        sharing.add(rows.values())
        named = [self.names[one] for one in roles]
        return now.with_those_of(accounts, named, sharing.grants())

    def _shared(self, one: ShareObject) -> StoredGrant:
        role_id = None if one.role is None else self.ids[one.role]
        return StoredGrant(
            new_id(),
            one.resource,
            one.object_id,
            one.permission,
            one.account_id,
            role_id,
            one.expires_at,
        )


def _sayable(pointer: str) -> str:
    """Return the pointer as far as it is made of proper names: nothing else is sent back."""
    return "".join(takewhile(NAMED.fullmatch, re.findall(r"/[^/]*", pointer)))


async def _all(slices: AsyncIterator[Sequence[R]]) -> Sequence[R]:
    return [row async for part in slices for row in part]


def _key(row: StoredAssignment) -> tuple[UUID, UUID, str]:
    return row[1], row[2], row[3]


def _about(row: StoredGrant) -> tuple[UUID, str, UUID | None, UUID | None]:
    return row[2], row[3], row[4], row[5]
