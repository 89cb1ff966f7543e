"""All roles and policies together, inside one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Generic, TypeVar, TypeVarTuple, cast
from uuid import UUID

from sqlalchemy import Column, Select

from modules.access.adapters.sql.statements.rules import (
    POLICY_ENTRIES,
    ROLE_ENTRIES,
    policy_entry,
    role_entry,
)
from modules.access.adapters.sql.tables import policies, roles
from modules.access.domain import Policy, Role, Rulebook
from modules.access.ports import Rules
from shared_kernel.adapters.sql import SqlUnitOfWork
from shared_kernel.domain import Aggregate

E = TypeVar("E")
Ts = TypeVarTuple("Ts")


class SqlRules:
    """Reads them as they are stored, what the transaction has changed so far included.

    All of them the first time; then only what the transaction was handed or has made, as nothing
    else can have changed: of ten thousand policies that is mostly one.
    """

    def __init__(self, uow: SqlUnitOfWork) -> None:
        self._uow = uow
        self._roles = _Entries(uow, Role, ROLE_ENTRIES, roles.c.id, role_entry)
        self._policies = _Entries(uow, Policy, POLICY_ENTRIES, policies.c.id, policy_entry)

    async def __call__(self) -> Rules:
        await self._uow.flush()
        named, said = await self._roles(), await self._policies()
        ids = {("Role", name): id for id, (name, _) in named.items()}
        ids |= {("Policy", name): id for id, (name, _) in said.items()}
        book = Rulebook(roles=dict(named.values()), policies=dict(said.values()))
        return Rules(book=book, ids=ids)


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
        self._known: dict[UUID, tuple[str, E]] | None = None

    async def __call__(self) -> dict[UUID, tuple[str, E]]:
        if self._known is None:
            self._known = await self._read(self._statement)
        elif touched := {one.id for one in self._uow.seen if isinstance(one, self._kind)}:
            self._known = await self._renewed(self._known, touched)
        return self._known

    async def _renewed(
        self, known: dict[UUID, tuple[str, E]], touched: Collection[UUID]
    ) -> dict[UUID, tuple[str, E]]:
        kept = {id: one for id, one in known.items() if id not in touched}
        return kept | await self._read(self._statement.where(self._id.in_(touched)))

    async def _read(self, statement: Select[Any]) -> dict[UUID, tuple[str, E]]:
        rows = await self._uow.session.execute(statement)
        return {id: (name, one) for id, name, one in (self._entry(*row) for row in rows)}
