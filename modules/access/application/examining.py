"""Whether what is stored is still what the modules declare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modules.access.application.queries import AccessQueries
from modules.access.application.rulebook.wording import Wording
from shared_kernel.application.examination import Finding

SHOWN = 5
NAME = "access policy"


@dataclass(frozen=True, slots=True)
class ExamineRulebook:
    """Looks for permissions and attributes that roles and policies name and nobody declares."""

    queries: AccessQueries
    wording: Wording

    async def __call__(self) -> Sequence[Finding]:
        """Return one finding; what is named in vain counts for nothing."""
        book = await self.queries.rulebook()
        faults = [f"{one.at}: {one.message}" for one in self.wording.faults(book)]
        if not faults:
            return [Finding(NAME, True, "all that roles and policies name is declared")]
        more = f", and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
        fix = "remove it (`app policy check` lists it all), or bring the module back"
        return [Finding(NAME, False, "; ".join(faults[:SHOWN]) + more, fix)]
