"""Which objects a change gives or takes, as conditions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from shared_kernel.application.conditions import (
    FALSE,
    TRUE,
    All,
    Compare,
    Condition,
    Not,
    every,
    negated,
    some,
)


@dataclass(frozen=True, slots=True)
class Delta:
    """Which objects are gained and which are lost by somebody."""

    gained: Condition
    lost: Condition

    @classmethod
    def between(cls, before: Condition, after: Condition) -> Delta:
        """Compare what was allowed with what will be."""
        if before == after:
            return cls(FALSE, FALSE)
        return cls(every([after, negated(before)]), every([before, negated(after)]))

    @property
    def is_nothing(self) -> bool:
        """Whether there cannot be any."""
        return self.gained == FALSE and self.lost == FALSE

    def near(self, nobody: UUID) -> Iterator[Condition]:
        """Yield which objects may be gained or lost by some account that is not `nobody`."""
        for one in (self.gained, self.lost):
            if any(_is_about(part, nobody) for part in comparisons(one)):
                yield _for_anybody(one, nobody, wanted=True)

    def attributes(self, nobody: UUID) -> Iterator[str]:
        """Yield the attributes that are compared with the id of who asks."""
        for one in (self.gained, self.lost):
            yield from (part.path for part in comparisons(one) if _is_about(part, nobody))


def comparisons(condition: Condition) -> Iterator[Compare]:
    """Yield every comparison of a condition."""
    if isinstance(condition, Compare):
        yield condition
    elif isinstance(condition, Not):
        yield from comparisons(condition.part)
    else:
        for part in condition.parts:
            yield from comparisons(part)


def _is_about(one: Compare, id: UUID) -> bool:
    return one.right == id or (isinstance(one.right, tuple) and id in one.right)


def _for_anybody(condition: Condition, nobody: UUID, *, wanted: bool) -> Condition:
    """Return what is met by all objects that meet the condition with some other id, and more."""
    if isinstance(condition, Compare):
        if not _is_about(condition, nobody):
            return condition
        return TRUE if wanted else FALSE
    if isinstance(condition, Not):
        return negated(_for_anybody(condition.part, nobody, wanted=not wanted))
    parts = [_for_anybody(part, nobody, wanted=wanted) for part in condition.parts]
    return every(parts) if isinstance(condition, All) else some(parts)
