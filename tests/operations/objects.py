"""How to make operations, for tests that know nothing of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from modules.operations.adapters.sql import OperationsUnitOfWork
from modules.operations.domain import Operation
from shared_kernel.domain import AccountId
from shared_kernel.module import Services
from tests.kit.objects import Recipe


async def make_operation(services: Services, owner_id: AccountId, public: bool) -> UUID:
    """Make an operation of an account, that no machine does. None are public."""
    operation = Operation.start(
        "tests.nothing", {}, by=owner_id, asked={}, node="-", at=datetime.now(UTC)
    )
    async with services.get(OperationsUnitOfWork) as tx:
        tx.operations.add(operation)
    return operation.id


RECIPES: Final[Mapping[str, Recipe]] = {"operations.operations": make_operation}
