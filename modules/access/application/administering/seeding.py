"""The roles every installation starts with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from modules.access.application.rulebook.rulebooks import document_of
from modules.access.domain import Role
from modules.access.ports import AccessTransaction, Begin, PastPolicy
from modules.access.public import ADMINISTRATOR, EDITOR, VIEWER
from shared_kernel.application import Clock, PermissionCatalogue


def default_roles(catalogue: PermissionCatalogue) -> Mapping[str, frozenset[str]]:
    """Return the roles every installation starts with, and what is written down for each."""
    built_in: dict[str, frozenset[str]] = {EDITOR: frozenset(), VIEWER: frozenset()}
    return built_in | dict(catalogue.roles) | {ADMINISTRATOR: frozenset()}


@dataclass(frozen=True, slots=True)
class SeedRoles:
    """Adds what is missing of the default roles, each grant once in the life of a database.

    What was seeded is remembered, so that a grant an administrator took away stays away, and the
    permissions of a module added later still reach the default roles. A role of the same name
    that an administrator made is left alone. What comes of it is kept as a version of the policy.
    """

    begin: Begin
    catalogue: PermissionCatalogue
    clock: Clock

    async def __call__(self) -> None:
        """Seed. Any number of processes may do so at once."""
        async with self.begin() as tx:
            if not await self._lacking(tx) and not await tx.past.is_empty():
                return
        async with self.begin() as tx:
            version = await tx.change_policy()
            lacking = await self._lacking(tx)
            for name, permissions in lacking.items():
                await self._seed(tx, name, permissions)
            if lacking or await tx.past.is_empty():
                await self._keep(tx, version)

    async def _lacking(self, tx: AccessTransaction) -> Mapping[str, frozenset[str]]:
        """Return what is still to be seeded; a role without grants of its own may be new, too."""
        seeded = await tx.seeds.all()
        lacking: dict[str, frozenset[str]] = {}
        for name, wanted in default_roles(self.catalogue).items():
            missing = frozenset(one for one in wanted if (name, one) not in seeded)
            if missing or await tx.roles.find(name) is None:
                lacking[name] = missing
        return lacking

    async def _keep(self, tx: AccessTransaction, version: int) -> None:
        past = PastPolicy(
            version=version,
            document=document_of((await tx.rules()).book),
            author_id=None,
            reason="the roles that come with the system",
            created_at=self.clock.now(),
        )
        await tx.past.keep(past)

    async def _seed(self, tx: AccessTransaction, name: str, permissions: frozenset[str]) -> None:
        role = await tx.roles.find(name)
        now = self.clock.now()
        if role is None:
            role = Role(name=name, built_in=True, changed_at=now)
            tx.roles.add(role)
        if role.built_in and permissions:
            role.grant(permissions, at=now)
        await tx.seeds.remember([(name, one) for one in permissions])
