"""Why somebody was refused, to be kept with the refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import cast

from modules.access.application.decision.current import CurrentPolicy
from modules.access.application.explaining.explanations import Explanation, explanation
from shared_kernel.application import Caller
from shared_kernel.application.conditions import Facts
from shared_kernel.domain import Forbidden, PermissionDenied


@dataclass(frozen=True, slots=True)
class ReasonsOfRefusal:
    """Explains a refusal by the policy in force."""

    current: CurrentPolicy

    def __call__(self, refusal: Forbidden, caller: Caller | None) -> Mapping[str, object]:
        """Return the explanation as a plain document; nothing where no permission was lacking."""
        if not isinstance(refusal, PermissionDenied):
            return {}
        facts = cast("Facts | None", refusal.on)
        explained = explanation(self.current.policy, caller, refusal.permission, facts)
        return {"explanation": document_of(explained)}


def document_of(explained: Explanation) -> Mapping[str, object]:
    """Return an explanation as a plain document."""
    return asdict(explained)
