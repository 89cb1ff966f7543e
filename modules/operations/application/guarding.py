"""Who may see and end an operation: who started it, and whoever is given the right."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from modules.operations.domain import NoSuchOperation, State
from modules.operations.public import (
    OPERATIONS_CANCEL,
    OPERATIONS_MANAGE,
    OPERATIONS_READ,
    OPERATIONS_SHARE,
)
from shared_kernel.application import Authorizer
from shared_kernel.application.conditions import Facts, Kind
from shared_kernel.application.resources import Guard, Resource, Rule, owned

ACTIONS = (OPERATIONS_READ, OPERATIONS_CANCEL, OPERATIONS_SHARE)

OPERATIONS = Resource(
    name="operations.operations",
    attributes={
        "account_id": Kind.ID,
        "kind": Kind.TEXT,
        "state": Kind.TEXT,
        "created_at": Kind.TIME,
    },
    read=OPERATIONS_READ,
    share=OPERATIONS_SHARE,
    actions=ACTIONS,
    rules=(
        Rule(actions=ACTIONS, when=owned("account_id")),
        Rule(actions=[OPERATIONS_READ], holding=OPERATIONS_READ),
        Rule(actions=ACTIONS, holding=OPERATIONS_MANAGE),
    ),
)


class AnyOperation(Protocol):
    """An operation as it is kept, or as it is shown."""

    @property
    def id(self) -> UUID: ...

    @property
    def account_id(self) -> UUID: ...

    @property
    def kind(self) -> str: ...

    @property
    def state(self) -> State: ...

    @property
    def created_at(self) -> datetime: ...


OperationGuard = Guard[AnyOperation]


def guard_of_operations(authorizer: Authorizer) -> OperationGuard:
    """Return who asks the policy about operations."""
    return Guard(OPERATIONS, facts_of_operation, _missing, authorizer)


def facts_of_operation(operation: AnyOperation) -> Facts:
    """Return what conditions may read of an operation, by path."""
    return {
        "resource.id": operation.id,
        "resource.account_id": operation.account_id,
        "resource.kind": operation.kind,
        "resource.state": operation.state.value,
        "resource.created_at": operation.created_at,
    }


def _missing() -> NoSuchOperation:
    return NoSuchOperation("there is no such operation")
