"""The policy by which this process decides."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from modules.access.application.decision.in_force import PolicyInForce


class CurrentPolicy(Protocol):
    """Knows the policy in force."""

    @property
    def policy(self) -> PolicyInForce:
        """The policy that decides now. Raises Unavailable before there is one."""
        ...

    def answering(self, what: str) -> AbstractContextManager[None]:
        """Raise Unavailable where an answer ends in a defect, and not in an error of its own."""
        ...
