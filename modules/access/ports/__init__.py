"""What access needs from outside."""

from __future__ import annotations

from typing import Protocol

from modules.access.ports.aside import Aside as Aside
from modules.access.ports.files import BadFile as BadFile
from modules.access.ports.files import DocumentFormat as DocumentFormat
from modules.access.ports.files import Written as Written
from modules.access.ports.stored import Changes as Changes
from modules.access.ports.stored import LivePolicy as LivePolicy
from modules.access.ports.stored import MalformedPolicy as MalformedPolicy
from modules.access.ports.stored import PolicyStore as PolicyStore
from modules.access.ports.stored import StoredAssignment as StoredAssignment
from modules.access.ports.stored import StoredGrant as StoredGrant
from modules.access.ports.stored import StoredPolicy as StoredPolicy
from modules.access.ports.stored import StoredRole as StoredRole
from modules.access.ports.transaction import AccessTransaction as AccessTransaction
from modules.access.ports.transaction import Assignments as Assignments
from modules.access.ports.transaction import Begin as Begin
from modules.access.ports.transaction import ObjectGrants as ObjectGrants
from modules.access.ports.transaction import PastPolicies as PastPolicies
from modules.access.ports.transaction import PastPolicy as PastPolicy
from modules.access.ports.transaction import Policies as Policies
from modules.access.ports.transaction import RoleGiven as RoleGiven
from modules.access.ports.transaction import Roles as Roles
from modules.access.ports.transaction import Rules as Rules
from modules.access.ports.transaction import Seeds as Seeds
from modules.access.ports.upkeep import Leftovers as Leftovers
from modules.access.ports.upkeep import Refusal as Refusal
from modules.access.ports.upkeep import RefusalLog as RefusalLog


class NewPassword(Protocol):
    """Makes a password nobody can guess."""

    def __call__(self) -> str: ...
