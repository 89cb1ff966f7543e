"""What an administrator allows and forbids beside the roles, under conditions."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from shared_kernel.domain import Aggregate, Conflict, Invalid, NotFound

POLICY_NAME = r"^[a-z][a-z0-9-]{1,79}$"

ALWAYS: Mapping[str, object] = MappingProxyType({"all": []})
"""The document of the condition that always holds."""


class NoSuchPolicy(NotFound):
    """No policy has this name or id."""


class NoSuchVersion(NotFound):
    """Roles and policies never had this version."""


class NoSuchDecision(NotFound):
    """No refusal has this id, or it is too old to be kept."""


class BadPolicyName(Invalid):
    """A policy's name is 2 to 80 lower-case letters, digits and hyphens, a letter first."""


class PolicyNameTaken(Conflict):
    """Another policy has this name."""


class PolicyForNobody(Invalid):
    """A policy names the roles it is for, or says that it is for anyone; one of the two."""


class PolicyForNothing(Invalid):
    """A policy names at least one permission."""


class WouldLockYouOut(Conflict):
    """The author could not take the change back: `force` makes it all the same."""


class RulebookBroken(Conflict):
    """Something stored cannot be understood. Nothing else is changed before that is repaired."""


class Effect(StrEnum):
    """What a policy does where it applies. A deny wins over every allow."""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(eq=False, kw_only=True)
class PolicyRole:
    """One role a policy is for."""

    role_id: UUID


@dataclass(eq=False, kw_only=True)
class PolicyPermission:
    """One permission a policy is about."""

    permission: str


@dataclass(eq=False, kw_only=True)
class Policy(Aggregate):
    """That permissions are allowed, or denied, to roles or to anyone, under a condition.

    `anyone` are all, strangers among them. `when` is the condition's document.
    """

    name: str
    description: str = ""
    effect: Effect
    anyone: bool = False
    enabled: bool = True
    when: Mapping[str, object] = field(default_factory=lambda: ALWAYS)
    changed_at: datetime
    roles: list[PolicyRole] = field(default_factory=list[PolicyRole])
    about: list[PolicyPermission] = field(default_factory=list[PolicyPermission])

    @classmethod
    def named(cls, name: str, effect: Effect, *, at: datetime) -> Policy:
        """Return a policy that is for nobody yet. Raises BadPolicyName."""
        if not re.fullmatch(POLICY_NAME, name):
            raise BadPolicyName(
                "use 2 to 80 lower-case letters, digits and hyphens, a letter first", field="/name"
            )
        return cls(name=name, effect=effect, changed_at=at)

    @property
    def permissions(self) -> frozenset[str]:
        """What it allows or denies."""
        return frozenset(one.permission for one in self.about)

    @property
    def role_ids(self) -> frozenset[UUID]:
        """The roles it is for; none when it is for anyone."""
        return frozenset(one.role_id for one in self.roles)

    def be_for(self, roles: Collection[UUID], *, anyone: bool) -> None:
        """Apply to these roles, or to anyone, one of the two. Raises PolicyForNobody."""
        if anyone is bool(roles):
            raise PolicyForNobody("name roles, or say anyone", field="/roles")
        kept = [one for one in self.roles if one.role_id in roles]
        added = sorted(frozenset(roles) - self.role_ids)
        self.roles = [*kept, *(PolicyRole(role_id=one) for one in added)]
        self.anyone = anyone

    def be_about(self, permissions: Collection[str]) -> None:
        """Allow or deny these permissions and no others. Raises PolicyForNothing."""
        if not permissions:
            raise PolicyForNothing("name at least one permission", field="/permissions")
        kept = [one for one in self.about if one.permission in permissions]
        added = sorted(frozenset(permissions) - self.permissions)
        self.about = [*kept, *(PolicyPermission(permission=one) for one in added)]
