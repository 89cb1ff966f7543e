"""What the system knows about a person, for that person to take along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared_kernel.application import AuditEntry, AuditTrail, Caller, Clock
from shared_kernel.application.personal_data import PersonalDataSources


@dataclass(frozen=True, slots=True)
class PersonalDataView:
    """Everything that is kept about somebody, by module and topic.

    Long lists hold their newest entries: 1,000 of the audit log, 10,000 of anything else.
    """

    exported_at: datetime
    data: Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class ExportPersonalData:
    """Asks every module what it knows about the caller."""

    sources: PersonalDataSources
    audit: AuditTrail
    clock: Clock

    async def __call__(self, caller: Caller) -> PersonalDataView:
        """Return it all. That it was asked for is logged first."""
        now = self.clock.now()
        await self.audit.record(
            AuditEntry(action="identity.data_exported", occurred_at=now, subject_id=caller.id)
        )
        return PersonalDataView(now, await self.sources.of(caller.id))
