"""Holds what is written against what the modules declare."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from modules.access.application.rulebook.documents import parse, written
from modules.access.application.rulebook.vocabulary import attributes_of
from modules.access.domain import PolicyEntry, Rulebook, UnknownPermission
from shared_kernel.application import PermissionCatalogue
from shared_kernel.application.conditions import Kind
from shared_kernel.application.resources import Resource, ResourceCatalogue
from shared_kernel.domain import Invalid

Document = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something stored that no module declares any more: it never counts. `at` is its place."""

    at: str
    message: str


@dataclass(frozen=True, slots=True)
class Wording:
    """Which permissions there are, and which attributes conditions on them may read."""

    catalogue: PermissionCatalogue
    resources: ResourceCatalogue

    @property
    def permissions(self) -> frozenset[str]:
        """The name of every permission there is."""
        return frozenset(one.name for one in self.catalogue.permissions)

    def resource_of(self, permission: str) -> Resource | None:
        """Return the resource on whose single objects this is an action, if it is one."""
        resource = self.resources.resources.get(permission.rpartition(".")[0])
        if resource is None or permission not in {one.name for one in resource.actions}:
            return None
        return resource

    def require_declared(self, permissions: Collection[str], at: str = "/permissions") -> None:
        """Raise UnknownPermission when a permission is not declared by any module."""
        if not self.permissions.issuperset(permissions):
            raise UnknownPermission("no module declares this permission", field=at)

    def condition(self, when: object, permissions: Collection[str], at: str = "/when") -> Document:
        """Return the condition as it is kept, if it can be asked about all these permissions.

        Raises what reading a condition raises.
        """
        return written(parse(when, self._attributes(permissions), at))

    def require_written(self, before: Rulebook, after: Rulebook) -> Rulebook:
        """Return what shall be, with its conditions as they are kept.

        What it names beyond what is there already has to be declared: a module may have gone, and
        what was laid down about it stays until somebody removes it. Raises UnknownPermission, and
        what reading a condition raises.
        """
        for name, role in after.roles.items():
            was = before.roles.get(name)
            added = role.permissions - (was.permissions if was else frozenset())
            self.require_declared(added, f"/roles/{name}/permissions")
        policies = {
            name: self._checked(before.policies.get(name), one, f"/policies/{name}")
            for name, one in after.policies.items()
        }
        return Rulebook(roles=after.roles, policies=policies)

    def faults(self, book: Rulebook) -> Iterator[Fault]:
        """Yield what of a stored rulebook no module declares any more."""
        for name, role in book.roles.items():
            for one in sorted(role.permissions - self.permissions):
                yield Fault(at=f"/roles/{name}/permissions", message=f"nobody declares {one}")
        for name, policy in book.policies.items():
            for one in sorted(policy.permissions - self.permissions):
                yield Fault(at=f"/policies/{name}/permissions", message=f"nobody declares {one}")
            try:
                self.condition(policy.when, policy.permissions, f"/policies/{name}/when")
            except Invalid as error:
                yield Fault(at=error.field or f"/policies/{name}/when", message=str(error))

    def _checked(self, was: PolicyEntry | None, policy: PolicyEntry, at: str) -> PolicyEntry:
        if policy == was:
            return policy
        added = policy.permissions - (was.permissions if was else frozenset())
        self.require_declared(added, f"{at}/permissions")
        when = self.condition(policy.when, policy.permissions, f"{at}/when")
        return replace(policy, when=when)

    def _attributes(self, permissions: Collection[str]) -> Mapping[str, Kind]:
        """Return what all of these permissions have in common."""
        each = [attributes_of(self.resource_of(one)) for one in sorted(permissions)]
        common = set[tuple[str, Kind]](each[0].items()) if each else set[tuple[str, Kind]]()
        return dict(common.intersection(*(one.items() for one in each)))
