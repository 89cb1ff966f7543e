"""What the caller may do, over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import MaxLen, MinLen

from shared_kernel.adapters.http import CurrentCaller, Router, signed_in, use
from shared_kernel.application import Authorizer, Command

router = Router(tags=["access"])

Decisions = Annotated[Authorizer, use(Authorizer)]


class Check(Command):
    """A permission to ask about."""

    permission: Annotated[str, MinLen(1), MaxLen(100)]


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the caller holds the permission."""

    allowed: bool


@router.post("/check")
@signed_in
async def check_permission(wanted: Check, caller: CurrentCaller, decisions: Decisions) -> Decision:
    """Say whether you hold a permission. A name that no module declares is held by nobody."""
    return Decision(decisions.permits(caller, wanted.permission))
