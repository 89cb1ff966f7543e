"""All roles and policies together, inside one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, TypeVarTuple, cast
from uuid import UUID

from sqlalchemy import Column, Select, String, literal_column, select

from modules.access.adapters.sql.statements.rules import (
    POLICY_ENTRIES,
    ROLE_ENTRIES,
    policy_entry,
    role_entry,
)
from modules.access.adapters.sql.store import RULES
from modules.access.adapters.sql.tables import changes, policies, roles
from modules.access.domain import Policy, PolicyEntry, Role, RoleEntry, Rulebook
from modules.access.ports import Rules
from shared_kernel.adapters.sql import SqlUnitOfWork
from shared_kernel.domain import Aggregate

E = TypeVar("E")
Ts = TypeVarTuple("Ts")

Entries = Mapping[UUID, tuple[str, E]]
"""What is laid down, and its name, by id."""

# Every transaction that changes a role or a policy writes this row anew, by a trigger; who wrote
# it, and where it lies, differ after each.
STAMP = select(literal_column("changes.xmin::text || changes.ctid::text", String)).where(
    changes.c.subject_id == RULES
)


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that was read, as it stood under a stamp."""

    stamp: str | None
    roles: Entries[RoleEntry]
    policies: Entries[PolicyEntry]
    rules: Rules


class LastReading:
    """What some transaction of this process read last.

    Reading ten thousand policies takes 300 ms; as long as the stamp is the same, so are they. One
    transaction reads, the others wait for it.
    """

    def __init__(self) -> None:
        self._reading: Reading | None = None
        self._free = asyncio.Lock()

    async def under(self, stamp: str | None, read: Callable[[], Awaitable[Reading]]) -> Reading:
        """Return what was read under this stamp, and read it if need be."""
        async with self._free:
            last = self._reading
            if last is None or stamp is None or last.stamp != stamp:
                last = self._reading = await read()
            return last


class SqlRules:
    """Reads them as they are stored, what the transaction has changed so far included.

    All of them the first time, unless they are known from a transaction before; then only what the
    transaction was handed or has made, as nothing else can have changed: of ten thousand policies
    that is mostly one.
    """

    def __init__(self, uow: SqlUnitOfWork, last: LastReading) -> None:
        self._uow, self._last = uow, last
        self._roles = _Entries(uow, Role, ROLE_ENTRIES, roles.c.id, role_entry)
        self._policies = _Entries(uow, Policy, POLICY_ENTRIES, policies.c.id, policy_entry)
        self._known: Reading | None = None

    async def __call__(self) -> Rules:
        await self._uow.flush()
        if self._known is None:
            self._known = await self._first()
        else:
            self._known = await self._again(self._known)
        return self._known.rules

    async def _first(self) -> Reading:
        """Ask for the stamp before anything else: what is read after it is no older."""
        stamp = await self._uow.session.scalar(STAMP)

        async def read() -> Reading:
            return _reading(stamp, await self._roles.all(), await self._policies.all())

        return await self._last.under(stamp, read)

    async def _again(self, known: Reading) -> Reading:
        named = await self._roles.renewed(known.roles)
        said = await self._policies.renewed(known.policies)
        if named is known.roles and said is known.policies:
            return known
        return _reading(None, named, said)


def _reading(stamp: str | None, named: Entries[RoleEntry], said: Entries[PolicyEntry]) -> Reading:
    ids = {("Role", name): id for id, (name, _) in named.items()}
    ids |= {("Policy", name): id for id, (name, _) in said.items()}
    book = Rulebook(roles=dict(named.values()), policies=dict(said.values()))
    return Reading(stamp, named, said, Rules(book=book, ids=ids))


class _Entries(Generic[E]):
    """Those of one kind, by id."""

    def __init__(
        self,
        uow: SqlUnitOfWork,
        kind: type[Aggregate],
        statement: Select[*Ts],
        id: Column[UUID],
        entry: Callable[[*Ts], tuple[UUID, str, E]],
    ) -> None:
        self._uow, self._kind, self._id = uow, kind, id
        self._statement = cast("Select[Any]", statement)
        self._entry: Callable[..., tuple[UUID, str, E]] = entry

    async def all(self) -> Entries[E]:
        return await self._read(self._statement)

    async def renewed(self, known: Entries[E]) -> Entries[E]:
        """Return the same with those anew that the transaction may have changed."""
        touched: Collection[UUID] = {
            one.id for one in self._uow.seen if isinstance(one, self._kind)
        }
        if not touched:
            return known
        kept = {id: one for id, one in known.items() if id not in touched}
        return kept | await self._read(self._statement.where(self._id.in_(touched)))

    async def _read(self, statement: Select[Any]) -> dict[UUID, tuple[str, E]]:
        rows = await self._uow.session.execute(statement)
        return {id: (name, one) for id, name, one in (self._entry(*row) for row in rows)}
