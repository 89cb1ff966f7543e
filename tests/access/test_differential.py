"""The compiled policy beside Casbin's own enforcer.

Part of the comparison; `python -m benchmarks.differential` makes the whole of it.
"""

from __future__ import annotations

import pytest

from benchmarks.differential.comparison import compare
from modules.access.application.decision import in_force
from modules.access.application.decision.holders import Ending, Held


def test_every_answer_is_the_one_that_casbin_gives() -> None:
    counts, told = compare(range(60))
    assert told == []
    assert counts.asked == 6_000
    assert counts.allowed > 1_000
    assert counts.enforced > 5_000


def everybody_reaches(key: object, rule: object) -> bool:
    return True


def never_ends(self: Ending, now: float) -> Held:
    return self.lasting


@pytest.mark.parametrize(
    ("owner", "name", "broken"),
    [(in_force, "reaches", everybody_reaches), (Ending, "at", never_ends)],
    ids=["a key brings along everything", "nothing that ends is ever held"],
)
def test_the_comparison_would_find_a_fault(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, broken: object
) -> None:
    monkeypatch.setattr(owner, name, broken)
    assert compare(range(12))[1] != []
