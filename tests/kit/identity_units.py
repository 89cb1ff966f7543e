"""Units of work over PostgreSQL whose events and audit entries nobody reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from modules.identity.adapters.sql import IdentityUnitOfWork
from shared_kernel.adapters.outbox import SqlOutbox
from shared_kernel.adapters.sql import Addition, Database
from shared_kernel.application import AuditEntry, Origin
from tests.kit.identity import LiveSessionsInMemory


class UnwrittenAudit:
    """Takes entries and forgets them."""

    def addition(self, entries: Sequence[AuditEntry], origin: Origin) -> Addition:
        """Keep nothing."""
        return Addition()


def units_over(
    opened: Database, live: LiveSessionsInMemory | None = None
) -> Callable[[], IdentityUnitOfWork]:
    """Return what begins a transaction. `live` hears which sessions ended."""
    outbox, audit, heard = (
        SqlOutbox({}, lambda _: None),
        UnwrittenAudit(),
        live or LiveSessionsInMemory(),
    )
    return lambda: IdentityUnitOfWork(opened, outbox, audit, heard)
