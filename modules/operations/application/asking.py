"""Who asked for an operation, kept as JSON so that another process can act for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared_kernel.application import Caller, Means, Origin
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked, and in which request."""

    caller: Caller
    origin: Origin


def asked_by(caller: Caller, origin: Origin) -> Mapping[str, object]:
    """Return who asked, as plain JSON."""
    proved = caller.authenticated_at
    return {
        "id": str(caller.id),
        "session_id": str(caller.session_id),
        "authenticated_at": proved and proved.isoformat(),
        "methods": sorted(caller.methods),
        "impersonator_id": caller.impersonator_id and str(caller.impersonator_id),
        "scope": None if caller.scope is None else sorted(caller.scope),
        "means": caller.means.value,
        "verified": caller.verified,
        "request_id": origin.request_id,
        "trace_id": origin.trace_id,
        "address": origin.address,
    }


def asked_in(kept: Mapping[str, Any]) -> Asked:
    """Return who asked, from what was kept of them."""
    proved, impersonator, scope = kept["authenticated_at"], kept["impersonator_id"], kept["scope"]
    caller = Caller(
        id=AccountId(UUID(kept["id"])),
        session_id=UUID(kept["session_id"]),
        authenticated_at=proved and datetime.fromisoformat(proved),
        methods=frozenset(kept["methods"]),
        impersonator_id=impersonator and AccountId(UUID(impersonator)),
        scope=None if scope is None else frozenset(scope),
        means=Means(kept["means"]),
        verified=kept["verified"],
    )
    came_from = Origin(
        request_id=kept["request_id"], trace_id=kept["trace_id"], address=kept["address"]
    )
    return Asked(caller, came_from.by(caller.id, caller.impersonator_id))
