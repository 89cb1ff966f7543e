"""The policy as it is delivered: what everybody may do before anybody has changed a word of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from shared_kernel.application import Authorizer
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """That an account was given one right on one object."""

    account_id: AccountId
    permission: str
    object_id: UUID


class DeliveredPolicy(Protocol):
    """Decides as a new installation does. The module that knows roles provides it."""

    @property
    def roles(self) -> Sequence[str]:
        """The roles that come with the system, the one that may do least first."""
        ...

    def authorizer(self, held: Mapping[AccountId, str], shares: Iterable[Share]) -> Authorizer:
        """Return who decides while these accounts hold these roles, and these objects are shared.

        It needs no database.
        """
        ...
