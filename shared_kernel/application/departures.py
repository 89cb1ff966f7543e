"""Who may leave. Here the port makes no circle: identity asks, and access asks identity."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from shared_kernel.domain import AccountId


class Departures(Protocol):
    """Knows whom the system cannot do without. Provided by who knows what accounts may do."""

    def allowed(self, account_id: AccountId) -> AbstractAsyncContextManager[None]:
        """Stay open while an account is closed or suspended: nobody else who matters leaves then.

        Raises a Conflict where nobody would be left to administer.
        """
        ...
