"""What conditions are told about who asks, when and from where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from typing import Final, NamedTuple

from modules.access.application.decision.holders import Held
from modules.access.application.decision.plans import Plan
from modules.access.application.rulebook.vocabulary import GENERAL
from shared_kernel.application import SECOND_FACTOR, Caller, origin
from shared_kernel.application.conditions import Value
from shared_kernel.domain import AccountId


class Asking(NamedTuple):
    """One of those who have to be allowed: the caller, or who acts as the caller.

    `caller` is None for a stranger, who holds nothing.
    """

    caller: Caller | None
    id: AccountId | None
    proved: bool
    held: Held
    plan: Plan

    @property
    def key(self) -> frozenset[str] | None:
        """The permissions that an API key is limited to, where the caller has one."""
        return None if self.caller is None else self.caller.scope


Now = Callable[[], datetime]
Reader = Callable[[Asking, Now], Value]


def facts_about(asking: Asking, now: Now, paths: Iterable[str] = GENERAL) -> dict[str, Value]:
    """Return these attributes of the caller and of the environment. A stranger has none."""
    return {path: _READERS[path](asking, now) for path in paths}


def _of_caller(read: Callable[[Asking, Caller, Now], Value]) -> Reader:
    def fact(asking: Asking, now: Now) -> Value:
        return None if asking.caller is None else read(asking, asking.caller, now)

    return fact


def _age(_: Asking, caller: Caller, now: Now) -> int | None:
    proved = caller.authenticated_at
    return None if proved is None else int((now() - proved).total_seconds())


def _methods(asking: Asking, caller: Caller, _: Now) -> frozenset[str]:
    return caller.methods if asking.proved else caller.methods - {SECOND_FACTOR}


def _address(_: Asking, __: Now) -> str | None:
    """Return the client's address in its usual form; one of IPv4 that came as IPv6, as such."""
    try:
        found = ip_address(origin.get().address or "")
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)


_READERS: Final[Mapping[str, Reader]] = {
    "caller.id": lambda asking, _: asking.id,
    "caller.roles": _of_caller(lambda asking, _, __: asking.plan.counting),
    "caller.verified": _of_caller(lambda _, caller, __: caller.verified),
    "caller.second_factor": _of_caller(lambda asking, _, __: asking.proved),
    "caller.authentication_age": _of_caller(_age),
    "caller.methods": _of_caller(_methods),
    "caller.means": _of_caller(lambda _, caller, __: caller.means.value),
    "caller.impersonated": _of_caller(lambda _, caller, __: caller.impersonator_id is not None),
    "environment.time": lambda _, now: now(),
    "environment.hour": lambda _, now: now().hour,
    "environment.weekday": lambda _, now: now().isoweekday(),
    "environment.address": _address,
}
