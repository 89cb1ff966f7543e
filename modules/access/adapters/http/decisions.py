"""Refusals over HTTP."""

from __future__ import annotations

from uuid import UUID

from modules.access.adapters.http.types import Queries
from modules.access.application.queries import DecisionView
from modules.access.public import READ_DECISIONS
from shared_kernel.adapters.http import Router, requires

router = Router(tags=["access"])


@router.get("/decisions/{decision_id}")
@requires(READ_DECISIONS)
async def get_decision(decision_id: UUID, queries: Queries) -> DecisionView:
    """Show what decided a refusal, by the `decision_id` that its problem document told.

    Who was refused may not look it up without the permission: it tells of rules and of attributes
    that they need not know. Refusals are kept for `ACCESS_DECISION_DAYS`.
    """
    return await queries.decision(decision_id)
