"""Why somebody was refused."""

from __future__ import annotations

from dataclasses import dataclass

from shared_kernel.application import AuditEntry, AuditTrail, Caller, Clock, Outcome
from shared_kernel.domain import Forbidden, PermissionDenied


@dataclass(frozen=True, slots=True)
class RecordRefusals:
    """Keeps an audit entry of every refusal, under the id its caller was told."""

    audit: AuditTrail
    clock: Clock

    async def record(self, refusal: Forbidden, caller: Caller | None) -> None:
        detail = {"decision_id": str(refusal.decision_id), "reason": str(refusal)}
        if isinstance(refusal, PermissionDenied):
            detail["permission"] = refusal.permission
        await self.audit.record(
            AuditEntry(
                action="access.denied",
                occurred_at=self.clock.now(),
                outcome=Outcome.REFUSED,
                actor_id=None if caller is None else caller.id,
                detail=detail,
            )
        )
