"""The services of access over doubles of their ports."""

from __future__ import annotations

from dataclasses import dataclass, field

from modules.access.adapters.threads import InThread
from modules.access.application.administering.assignments import (
    AssignmentService,
    DirectAssignments,
    Register,
)
from modules.access.application.administering.policies import PolicyService
from modules.access.application.administering.roles import RoleService
from modules.access.application.administering.seeding import SeedRoles
from modules.access.application.administering.versions import RulebookService, Writing
from modules.access.application.rulebook.changing import ChangePolicy
from modules.access.application.rulebook.revising import Revise
from modules.access.application.rulebook.rights import OwnRights
from modules.access.application.rulebook.wording import Wording
from modules.access.public import VIEWER, WRITE_POLICIES, WRITE_ROLES
from shared_kernel.application import Caller, PermissionCatalogue
from shared_kernel.application.resources import ResourceCatalogue
from shared_kernel.domain import AccountId, new_id
from tests.kit.access import (
    FakeAccounts,
    FakeAuthorizer,
    FakeGiving,
    FakePolicy,
    FakeTrail,
    Noon,
)
from tests.kit.access_transaction import FakeAccess


@dataclass
class AccessOffice:
    """The services of access over doubles."""

    catalogue: PermissionCatalogue
    access: FakeAccess = field(default_factory=FakeAccess)
    policy: FakePolicy = field(default_factory=FakePolicy)
    authorizer: FakeAuthorizer = field(default_factory=FakeAuthorizer)
    trail: FakeTrail = field(default_factory=FakeTrail)
    accounts: FakeAccounts = field(default_factory=FakeAccounts)

    def caller_with(self, *permissions: str) -> Caller:
        """Return somebody who may change roles and policies, and holds these permissions."""
        caller = Caller(AccountId(new_id()), new_id())
        held = (*permissions, WRITE_ROLES.name, WRITE_POLICIES.name)
        self.authorizer.held.update((caller.id, one) for one in held)
        return caller

    async def seed(self) -> None:
        await SeedRoles(self.access.begin, self.catalogue, Noon())()

    @property
    def change(self) -> ChangePolicy:
        return ChangePolicy(self.access.begin, self.policy)

    @property
    def rights(self) -> OwnRights:
        return OwnRights(self.authorizer, FakeGiving(), self.catalogue)

    @property
    def wording(self) -> Wording:
        return Wording(self.catalogue, ResourceCatalogue(resources={}, objects={}))

    @property
    def revise(self) -> Revise:
        return Revise(self.access.begin, self.policy, self.rights, Noon(), InThread())

    @property
    def roles(self) -> RoleService:
        return RoleService(self.revise, self.wording, Noon(), VIEWER)

    @property
    def policies(self) -> PolicyService:
        return PolicyService(self.revise, self.wording, Noon())

    @property
    def rulebooks(self) -> RulebookService:
        return RulebookService(self.revise, Writing(self.wording, Noon(), VIEWER))

    @property
    def assignments(self) -> AssignmentService:
        return AssignmentService(
            self.change, self.rights, Register(Noon(), self.accounts), self.accounts
        )

    @property
    def direct(self) -> DirectAssignments:
        return DirectAssignments(self.change, Register(Noon(), self.accounts))
