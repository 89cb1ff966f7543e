"""What the audit log tells of a change of roles and policies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from modules.access.domain import Difference, PolicyEntry, RoleEntry, Rulebook
from shared_kernel.application import AuditEntry

Detail = Mapping[str, str]

Event = tuple[str, str]
"""`Role` or `Policy`, and what became of it."""

Ids = Mapping[tuple[str, str], UUID]
"""The ids of roles and policies, by `Role` or `Policy` and name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noting:
    """A change of the rulebook: `version` is the one it made, `ids` those of before and after."""

    before: Rulebook
    after: Rulebook
    ids: Ids
    version: int
    reason: str | None

    def entries(self, changed: Difference, at: datetime) -> Iterator[AuditEntry]:
        """Yield an entry for each role and each policy that was made, changed or deleted."""
        for name in changed.roles:
            was, now = self.before.roles.get(name), self.after.roles.get(name)
            yield self._entry(_verb("Role", was, now), name, _of_role(name, now or was), at)
        for name in changed.policies:
            old, new = self.before.policies.get(name), self.after.policies.get(name)
            yield self._entry(_verb("Policy", old, new), name, _of_policy(name, new or old), at)

    def _entry(self, what: Event, name: str, detail: Detail, at: datetime) -> AuditEntry:
        kind, verb = what
        why = {} if self.reason is None else {"reason": self.reason}
        return AuditEntry(
            action=f"access.{kind}{verb}",
            occurred_at=at,
            subject_id=self.ids[kind, name],
            detail={**detail, "version": str(self.version), **why},
        )


def _verb(kind: str, was: object, now: object) -> Event:
    return kind, "Created" if was is None else "Deleted" if now is None else "Changed"


def _of_role(name: str, role: RoleEntry | None) -> Detail:
    entry = role or RoleEntry()
    return {
        "role": name,
        "permissions": " ".join(sorted(entry.permissions)),
        "inherits": " ".join(sorted(entry.inherits)),
        "requires_second_factor": str(entry.requires_second_factor).lower(),
    }


def _of_policy(name: str, policy: PolicyEntry | None) -> Detail:
    if policy is None:
        return {"policy": name}
    return {
        "policy": name,
        "effect": policy.effect.value,
        "for": "anyone" if policy.anyone else " ".join(sorted(policy.roles)),
        "permissions": " ".join(sorted(policy.permissions)),
        "when": json.dumps(policy.when, sort_keys=True, default=dict),
        "enabled": str(policy.enabled).lower(),
    }
