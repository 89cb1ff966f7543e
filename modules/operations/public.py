"""What other modules may know of operations: what may be allowed, and what happened.

`subject_id` of an event is the operation it tells of.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from shared_kernel.domain import DomainEvent, Permission

OPERATIONS_READ = Permission("operations.operations.read", "See operations and their results.")
OPERATIONS_CANCEL = Permission(
    "operations.operations.cancel", "Cancel an operation; who started it may."
)
OPERATIONS_SHARE = Permission(
    "operations.operations.share", "Give others rights on an operation; who started it may."
)
OPERATIONS_MANAGE = Permission(
    "operations.operations.manage", "See every operation, and act on those of others."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class OperationStarted(DomainEvent):
    """Somebody asked for work that takes long."""

    work: str
    account_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class OperationCancelled(DomainEvent):
    """Somebody asked for an operation to be ended."""
