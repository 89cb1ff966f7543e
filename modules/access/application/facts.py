"""What conditions are told about who asks, when and from where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from typing import Final

from modules.access.application.holders import Held
from modules.access.application.plans import Plan
from modules.access.application.vocabulary import GENERAL
from shared_kernel.application import SECOND_FACTOR, Caller, origin
from shared_kernel.application.conditions import Value
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True)
class Asking:
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


Moment = tuple[Asking, datetime]


def facts_about(asking: Asking, at: datetime, paths: Iterable[str] = GENERAL) -> dict[str, Value]:
    """Return these attributes of the caller and of the environment. A stranger has none."""
    moment = asking, at
    return {path: _READERS[path](moment) for path in paths}


def _of_caller(read: Callable[[Asking, Caller, datetime], Value]) -> Callable[[Moment], Value]:
    def fact(moment: Moment) -> Value:
        asking, at = moment
        return None if asking.caller is None else read(asking, asking.caller, at)

    return fact


def _age(_: Asking, caller: Caller, at: datetime) -> int | None:
    proved = caller.authenticated_at
    return None if proved is None else int((at - proved).total_seconds())


def _methods(asking: Asking, caller: Caller, _: datetime) -> frozenset[str]:
    return caller.methods if asking.proved else caller.methods - {SECOND_FACTOR}


def _address(_: Moment) -> str | None:
    """Return the client's address in its usual form; one of IPv4 that came as IPv6, as such."""
    try:
        found = ip_address(origin.get().address or "")
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)


_READERS: Final[Mapping[str, Callable[[Moment], Value]]] = {
    "caller.id": lambda moment: moment[0].id,
    "caller.roles": _of_caller(lambda asking, _, __: asking.plan.counting),
    "caller.verified": _of_caller(lambda _, caller, __: caller.verified),
    "caller.second_factor": _of_caller(lambda asking, _, __: asking.proved),
    "caller.authentication_age": _of_caller(_age),
    "caller.methods": _of_caller(_methods),
    "caller.means": _of_caller(lambda _, caller, __: caller.means.value),
    "caller.impersonated": _of_caller(lambda _, caller, __: caller.impersonator_id is not None),
    "environment.time": lambda moment: moment[1],
    "environment.hour": lambda moment: moment[1].hour,
    "environment.weekday": lambda moment: moment[1].isoweekday(),
    "environment.address": _address,
}
