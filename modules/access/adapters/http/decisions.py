"""Refusals over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from modules.access.application.explaining.deciding import DecisionService
from modules.access.application.queries import DecisionView
from modules.access.public import READ_DECISIONS
from shared_kernel.adapters.http import CurrentCaller, Router, requires, use

router = Router(tags=["access"])

Decisions = Annotated[DecisionService, use(DecisionService)]


@router.get("/decisions/{decision_id}")
@requires(READ_DECISIONS)
async def get_decision(
    decision_id: UUID, caller: CurrentCaller, decisions: Decisions
) -> DecisionView:
    """Show what decided a refusal, by the `decision_id` that its problem document told.

    Who was refused may not look it up without the permission: it tells of rules and of attributes
    that they need not know. Attributes of an object that you may not read yourself are left out.
    Refusals are kept for `ACCESS_DECISION_DAYS`.
    """
    return await decisions.refusal(caller, decision_id)
