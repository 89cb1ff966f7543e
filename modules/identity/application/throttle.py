"""Counts attempts, and sends away whoever makes too many."""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from modules.identity.domain.throttle import (
    Claim,
    Flow,
    ThrottleTerms,
    TooManyAttempts,
    claims_of,
    client_of,
)
from modules.identity.ports.throttle import Attempt
from shared_kernel.application import (
    Allowance,
    AuditEntry,
    AuditTrail,
    Clock,
    Counter,
    Outcome,
    RateLimiter,
    Spent,
    origin,
    spent,
)
from shared_kernel.domain import Limit, Unavailable

Settle = Callable[[Sequence[Counter]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Throttling:
    """Counts each attempt before it is verified: a thousand at once get no more than one by one.

    Of many refusals only the first is audited, so that whoever floods us does not flood the log.
    """

    limiter: RateLimiter
    clock: Clock
    audit: AuditTrail
    terms: ThrottleTerms

    @asynccontextmanager
    async def attempt(
        self, flow: Flow, who: str | None = None, *, device: UUID | None = None
    ) -> AsyncGenerator[Attempt]:
        """Count an attempt, and let the block verify it."""
        client = client_of(origin.get().address)
        claims = claims_of(flow, self.terms, client, who=who, device=device)
        failures = await self._count(claims)
        forgiven = _forgiven(claims)
        forgiving = self.limiter.forgetting(forgiven) if forgiven else None
        attempt = Attempt(failures=failures, forgiving=forgiving)
        try:
            yield attempt
        except Unavailable:
            await _settle(claims, self.limiter.give_back)
            raise
        if attempt.succeeded and not attempt.forgiven:
            await _settle(claims, self.limiter.forget)

    async def _count(self, claims: Sequence[Claim]) -> int:
        """Return how many failures there were. Raises TooManyAttempts."""
        counters = [Counter(one.limit, one.key) for one in claims]
        allowances = await self.limiter.take(counters, at=self.clock.now())
        counted = list(zip(claims, allowances, strict=False))  # it ends with a refusal
        last, allowance = counted[-1]
        if not allowance.allowed:
            await _settle(claims[: len(counted) - 1], self.limiter.give_back)
            await self._refuse(last.limit, allowance)
        # Of what is told the client's own limit alone: others' say what others do.
        spent.set(Spent(claims[0].limit, allowances[0]))
        return max((one.taken - 1 for claim, one in counted if claim.forgiven), default=0)

    async def _refuse(self, limit: Limit, allowance: Allowance) -> None:
        if allowance.first_refusal:
            await self.audit.record(
                AuditEntry(
                    action="identity.attempts_limited",
                    occurred_at=self.clock.now(),
                    outcome=Outcome.REFUSED,
                    detail={"limit": limit.name},
                )
            )
        seconds = max(1, math.ceil(allowance.wait.total_seconds()))
        raise TooManyAttempts(
            "too many attempts; wait and try again", retry_after=seconds, limit=limit
        )


async def _settle(claims: Iterable[Claim], settle: Settle) -> None:
    """Take failures back that were none. Should that fail, they are forgotten with time."""
    with contextlib.suppress(Unavailable):
        if forgiven := _forgiven(claims):
            await settle(forgiven)


def _forgiven(claims: Iterable[Claim]) -> Sequence[Counter]:
    return [Counter(one.limit, one.key) for one in claims if one.forgiven]
