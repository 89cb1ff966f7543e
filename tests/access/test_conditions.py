"""Conditions worked out: as far as anything is known, and never to another answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from benchmarks.differential.worlds import condition
from modules.access.application.decision.compiled import compiled
from modules.access.application.rulebook.documents import parse, written
from modules.access.application.rulebook.vocabulary import attributes_of
from shared_kernel.application.conditions import (
    FALSE,
    TRUE,
    All,
    Compare,
    Facts,
    Op,
    Some,
    Value,
    every,
    implies,
    meets,
    reduced,
)
from shared_kernel.application.conditions import some as some_of
from tests.access.shop import THINGS

KNOWN = attributes_of(THINGS)
ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")

# How long it takes says something of the machine alone.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

VALUES: Mapping[str, some.SearchStrategy[Value]] = {
    "resource.id": some.sampled_from([ID, UUID(int=1)]),
    "resource.owner_id": some.sampled_from([None, ID, UUID(int=1)]),
    "resource.status": some.sampled_from([None, "draft", "open", "gone"]),
    "resource.tags": some.sampled_from([None, frozenset[str](), frozenset({"red", "a, b"})]),
    "resource.weight": some.sampled_from([None, 0, 1, Decimal("2.5"), 300]),
    "resource.made_at": some.sampled_from([None, datetime(2026, 3, 2, 14, 30, tzinfo=UTC)]),
    "resource.place": some.sampled_from([None, "north", "south", "*"]),
    "caller.id": some.sampled_from([None, ID]),
    "caller.roles": some.sampled_from([None, frozenset[str](), frozenset({"clerk", "draft"})]),
    "caller.verified": some.sampled_from([None, True, False]),
    "caller.second_factor": some.sampled_from([None, True, False]),
    "caller.authentication_age": some.sampled_from([None, 0, 300]),
    "caller.methods": some.sampled_from([None, frozenset({"pwd", "mfa"})]),
    "caller.means": some.sampled_from([None, "token", "key"]),
    "caller.impersonated": some.sampled_from([None, True, False]),
    "environment.time": some.just(datetime(2026, 3, 2, 14, 30, tzinfo=UTC)),
    "environment.hour": some.just(14),
    "environment.weekday": some.just(1),
    "environment.address": some.sampled_from([None, "192.0.2.7", "::ffff:192.0.2.7"]),
}


def test_every_attribute_is_tried() -> None:
    assert VALUES.keys() == KNOWN.keys()


@PATIENT
@given(
    some.integers(0, 2**32),
    some.fixed_dictionaries(dict(VALUES)),
    some.sets(some.sampled_from(sorted(VALUES))),
)
def test_working_out_what_is_known_first_changes_no_answer(
    seed: int, facts: Facts, known: set[str]
) -> None:
    document = condition(Random(seed), KNOWN, [ID, UUID(int=1)])  # noqa: S311 - no secret
    found = parse(document, KNOWN)
    expected = meets(found, facts)
    assert meets(reduced(found, {one: facts[one] for one in known}), facts) is expected
    assert reduced(found, facts) == (TRUE if expected else FALSE)
    assert compiled(found)(facts) is expected
    assert parse(json.loads(json.dumps(written(found))), KNOWN) == found


@PATIENT
@given(some.integers(0, 2**32), some.fixed_dictionaries(dict(VALUES)))
def test_what_is_said_to_follow_follows(seed: int, facts: Facts) -> None:
    dice = Random(seed)  # noqa: S311 - no secret
    ids = [ID, UUID(int=1)]
    one, two, three = (parse(condition(dice, KNOWN, ids), KNOWN) for _ in range(3))
    pairs = [(one, two), (every([one, two]), one), (one, some_of([two, one]))]
    pairs.append((every([two, some_of([one, three])]), some_of([three, one])))
    for left, right in pairs:
        assert not (implies(left, right) and meets(left, facts) and not meets(right, facts))
    assert all(implies(left, right) for left, right in pairs[1:])
    assert implies(FALSE, one)
    assert implies(one, TRUE)


def test_many_values_of_one_attribute_become_one_comparison() -> None:
    path = "resource.status"
    single = [Compare(path, Op.EQ, f"s{number}") for number in range(20)]
    alone, other = Compare(path, Op.NE, "s3"), Compare("resource.place", Op.EQ, "north")
    found = some_of([alone, *single, other, *single])
    assert found == Some((alone, Compare(path, Op.IN, tuple(f"s{n}" for n in range(20))), other))
    assert some_of(single[:8]) == Some(tuple(single[:8])), "each of a few may have an index"
    assert every(single) == All(tuple(single))
