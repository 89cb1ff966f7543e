"""Which role inherits from which."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from modules.access.domain.roles import AdministratorIsFixed, InheritanceCycle, Role
from modules.access.public import ADMINISTRATOR


class Hierarchy:
    """All the roles there are, and what each holds by itself and by inheritance."""

    def __init__(self, roles: Iterable[Role]) -> None:
        self._roles = {one.id: one for one in roles}

    def with_ancestors(self, role: Role) -> Collection[Role]:
        """Return the role and every role it inherits from, near or far."""
        return list(self._upwards(role, set()))

    def held(self, role: Role, catalogue: Collection[str]) -> frozenset[str]:
        """Return what the role allows, inherited permissions included."""
        return frozenset().union(*(one.held(catalogue) for one in self.with_ancestors(role)))

    def heirs(self, role: Role) -> Collection[Role]:
        """Return the roles that name this one as their parent."""
        return [one for one in self._roles.values() if role.id in one.parent_ids]

    def require_sound(self, role: Role) -> None:
        """Raise unless the role inherits from others that may be inherited from.

        Raises InheritanceCycle, and AdministratorIsFixed where one inherits from the administrator:
        its rights are given by assignment alone, so that all who hold them can be listed.
        """
        for parent in self._parents(role):
            if parent.name == ADMINISTRATOR:
                raise AdministratorIsFixed(
                    "nobody inherits from the administrator", field="/inherits"
                )
            if role in self.with_ancestors(parent):
                raise InheritanceCycle(
                    f"{parent.name} inherits from {role.name} already", field="/inherits"
                )

    def _upwards(self, role: Role, seen: set[UUID]) -> Iterator[Role]:
        if role.id in seen:
            return
        seen.add(role.id)
        yield role
        for parent in self._parents(role):
            yield from self._upwards(parent, seen)

    def _parents(self, role: Role) -> Iterator[Role]:
        return (self._roles[one] for one in sorted(role.parent_ids) if one in self._roles)
