"""Who is there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from shared_kernel.domain import AccountId


class Census(Protocol):
    """Knows everybody who has an account."""

    def accounts(self) -> AsyncIterator[Sequence[AccountId]]:
        """Yield the ids of the open accounts, service accounts among them, ordered, in slices."""
        ...
