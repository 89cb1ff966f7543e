"""What a change would give and take, as it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AccountsView:
    """How many accounts, and the ids of the first hundred."""

    count: int
    account_ids: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class ObjectsView:
    """How many objects, and the ids of up to ten that the asker may read.

    capped  there are more than that: not all were counted
    """

    count: int
    capped: bool
    examples: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class PermissionEffect:
    """Who would hold a permission, whatever it is used on, and who would not any more."""

    permission: str
    gained: AccountsView
    lost: AccountsView


@dataclass(frozen=True, slots=True)
class ObjectEffect:
    """On how many objects each of these accounts could do something, or could not any more.

    roles, scopes  what the accounts hold: roles that count everywhere, and scopes of others
    strangers      it is about whoever has not signed in
    """

    permission: str
    resource: str
    roles: Sequence[str]
    scopes: Sequence[str]
    strangers: bool
    accounts: AccountsView
    gained: ObjectsView
    lost: ObjectsView


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a change would give and take.

    policy_version  what it was compared with
    complete        everything was counted; `left_out` says what was not
    """

    policy_version: int
    permissions: Sequence[PermissionEffect]
    objects: Sequence[ObjectEffect]
    complete: bool
    left_out: Sequence[str]
