"""Refusals are refused, whatever becomes of their record."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from shared_kernel.application import Caller, Refusals
from shared_kernel.domain import Forbidden

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RefuseAllTheSame:
    """Logs that a refusal could not be kept, instead of answering with something else."""

    kept: Refusals

    async def record(self, refusal: Forbidden, caller: Caller | None) -> None:
        try:
            await self.kept.record(refusal, caller)
        except Exception:  # the answer stays a refusal
            log.exception("the refusal %s could not be kept", refusal.decision_id)
