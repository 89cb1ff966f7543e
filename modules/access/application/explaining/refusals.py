"""Why somebody was refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import cast
from uuid import UUID

from modules.access.ports import LivePolicy, Refusal, RefusalLog
from shared_kernel.application import AuditEntry, AuditTrail, Caller, Clock, Outcome
from shared_kernel.application.resources import RESOURCE
from shared_kernel.domain import Forbidden, PermissionDenied

TEXT_LENGTH = 500

Reasons = Callable[[Forbidden, Caller | None], Mapping[str, object]]
"""Finds out what decided a refusal, as JSON has it."""


@dataclass(frozen=True, slots=True)
class RecordRefusals:
    """Keeps every refusal, under the id its caller was told: in the audit log, and what decided it.

    Each is kept though the other fails; what fails is raised afterwards.
    """

    audit: AuditTrail
    kept: RefusalLog
    policy: LivePolicy
    clock: Clock
    reasons: Reasons

    async def record(self, refusal: Forbidden, caller: Caller | None) -> None:
        now = self.clock.now()
        try:
            await self.audit.record(_entry(refusal, caller, now))
        finally:
            await self.kept.keep(self._refusal(refusal, caller, now))

    def _refusal(self, refusal: Forbidden, caller: Caller | None, at: datetime) -> Refusal:
        permission = refusal.permission if isinstance(refusal, PermissionDenied) else None
        on = (refusal.on if isinstance(refusal, PermissionDenied) else None) or {}
        object_id = on.get(f"{RESOURCE}id")
        return Refusal(
            id=refusal.decision_id,
            occurred_at=at,
            caller_id=None if caller is None else caller.id,
            code=refusal.code,
            permission=permission,
            resource=permission.rpartition(".")[0] if permission and on else None,
            object_id=object_id if isinstance(object_id, UUID) else None,
            detail={"reason": str(refusal), **self._reasons(refusal, caller)},
            policy_version=self.policy.version,
        )

    def _reasons(self, refusal: Forbidden, caller: Caller | None) -> Mapping[str, object]:
        try:
            return told(self.reasons(refusal, caller))
        except Exception as error:  # noqa: BLE001 - it is kept that the reasons are unknown
            return {"unexplained": type(error).__name__}


def told(values: Mapping[str, object]) -> dict[str, object]:
    """Return values as JSON can hold them, and PostgreSQL."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        named = cast("Mapping[object, object]", value)
        return {_text(name): _plain(one) for name, one in named.items()}
    if isinstance(value, set | frozenset):
        return sorted(_text(one) for one in cast("Iterable[object]", value))
    if isinstance(value, list | tuple):
        return [_plain(one) for one in cast("Iterable[object]", value)]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | UUID) else _text(value)


def _text(value: object) -> str:
    clean = str(value).replace("\0", "").encode("utf-8", "replace").decode()
    return clean[:TEXT_LENGTH]


def _entry(refusal: Forbidden, caller: Caller | None, at: datetime) -> AuditEntry:
    detail = {"decision_id": str(refusal.decision_id), "reason": str(refusal)}
    if isinstance(refusal, PermissionDenied):
        detail["permission"] = refusal.permission
    return AuditEntry(
        action="access.denied",
        occurred_at=at,
        outcome=Outcome.REFUSED,
        actor_id=None if caller is None else caller.id,
        detail=detail,
    )
