"""Other people's rights: what is taken to be true of them while nobody of them asks."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from typing import Annotated

from annotated_types import MaxLen

from modules.access.application.administering.assignments import Moment
from modules.access.application.decision.in_force import PolicyInForce
from shared_kernel.application import Caller, Command, origin
from shared_kernel.domain import AccountId, Invalid, new_id


class NoAddress(Invalid):
    """This is no IP address."""


class Assume(Command):
    """How somebody is taken to ask: just signed in, with a password, from nowhere in particular.

    With a `second_factor` as well, without a `verified` address of their own, from an `address`
    of the network, or at another `time`, where that is said.
    """

    second_factor: bool = False
    verified: bool = True
    address: Annotated[str, MaxLen(45)] | None = None
    time: Moment | None = None

    def caller(self, account_id: AccountId, at: datetime) -> Caller:
        """Return the account as a caller who has just signed in."""
        asking = Caller(
            account_id,
            new_id(),
            authenticated_at=self.time or at,
            methods=frozenset({"pwd"}),
            verified=self.verified,
        )
        return asking.with_second_factor() if self.second_factor else asking

    def policy(self, policy: PolicyInForce) -> PolicyInForce:
        """Return the policy as it decides at the time assumed."""
        moment = self.time
        return policy if moment is None else replace(policy, now=lambda: moment)

    @contextmanager
    def from_there(self) -> Generator[None]:
        """Decide as if asked from the address assumed. Raises NoAddress."""
        address = None if self.address is None else _usual(self.address)
        before = origin.set(replace(origin.get(), address=address))
        try:
            yield
        finally:
            origin.reset(before)


def _usual(address: str) -> str:
    try:
        return str(ip_address(address))
    except ValueError:
        raise NoAddress("this is no IP address", field="/assuming/address") from None
