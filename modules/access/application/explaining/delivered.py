"""The policy of a new installation, without an installation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from modules.access.application.administering.seeding import default_roles
from modules.access.application.decision.holders import EVERYWHERE, Folding, Sharing
from modules.access.application.decision.in_force import PolicyInForce
from modules.access.application.decision.loading import Compile
from modules.access.ports import StoredAssignment, StoredGrant, StoredRole
from modules.access.public import ADMINISTRATOR
from shared_kernel.application import Authorizer, Clock, PermissionCatalogue
from shared_kernel.application.delivered import Share
from shared_kernel.application.resources import ResourceCatalogue
from shared_kernel.domain import AccountId, new_id


@dataclass(frozen=True, slots=True)
class PolicyAsDelivered:
    """Compiles the roles that are seeded, as the stored ones are (port `DeliveredPolicy`)."""

    catalogue: PermissionCatalogue
    resources: ResourceCatalogue
    compile: Compile
    clock: Clock
    default_role: str

    @property
    def roles(self) -> Sequence[str]:
        """The roles that come with the system, the one that may do least first."""
        written = default_roles(self.catalogue)
        return sorted(written, key=lambda name: (name == ADMINISTRATOR, len(written[name]), name))

    def authorizer(self, held: Mapping[AccountId, str], shares: Iterable[Share]) -> Authorizer:
        """Return who decides while these accounts hold these roles, and these objects are shared.

        Raises KeyError where a role does not come with the system.
        """
        ids = {name: new_id() for name in self.roles}
        names = {id: name for name, id in ids.items()}
        folding, sharing = Folding(names, self.default_role), Sharing(names)
        folding.add(
            StoredAssignment(new_id(), one, ids[role], EVERYWHERE, None)
            for one, role in held.items()
        )
        sharing.add(
            StoredGrant(new_id(), "", one.object_id, one.permission, one.account_id, None, None)
            for one in shares
        )
        written = default_roles(self.catalogue)
        stored = [StoredRole(id, name, False, sorted(written[name])) for name, id in ids.items()]
        known = frozenset(one.name for one in self.catalogue.permissions)
        engine = self.compile(stored, [], self.resources.resources, known)
        return PolicyInForce(0, engine, folding.holders(), sharing.grants(), self.clock.now)
