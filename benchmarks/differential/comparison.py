"""Asks both the same questions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.differential.oracle import Oracle
from benchmarks.differential.worlds import ADDRESS, NAMES, NOW, World, caller_of, world
from modules.access.adapters.casbin import compile_policy
from modules.access.application.decision.holders import Folding, Sharing
from modules.access.application.decision.in_force import PolicyInForce
from modules.access.application.explaining.explaining import explain
from shared_kernel.application import Caller, Origin, origin
from shared_kernel.application.conditions import Facts, meets, paths
from shared_kernel.application.resources import NOTHING, RESOURCE

QUESTIONS_A_WORLD = 100


@dataclass(slots=True)
class Counts:
    """What came of it. `asked` are the questions, `enforced` how often Casbin decided."""

    worlds: int = 0
    asked: int = 0
    enforced: int = 0
    allowed: int = 0
    differences: int = 0


def compare(seeds: range, *, questions: int = QUESTIONS_A_WORLD) -> tuple[Counts, list[str]]:
    """Return the counts, and each difference in words."""
    origin.set(Origin(request_id="-", address=ADDRESS))
    counts, told = Counts(), list[str]()
    for seed in seeds:
        here = world(seed)
        oracle, ours = Oracle(here), in_force(here)
        for _ in range(questions):
            told += [f"seed {seed}: {one}" for one in _differences(here, oracle, ours, counts)]
        counts.worlds += 1
        counts.enforced += oracle.asked
    counts.differences = len(told)
    return counts, told


def in_force(here: World) -> PolicyInForce:
    """Return the compiled policy of a world."""
    names = {one.id: one.name for one in here.roles}
    folding, sharing = Folding(names, here.roles[0].name), Sharing(names)
    folding.add(here.assignments)
    sharing.add(here.grants)
    engine = compile_policy(here.roles, here.policies, here.resources, frozenset(NAMES))
    return PolicyInForce(1, engine, folding.holders(), sharing.grants(), lambda: NOW)


def _differences(here: World, oracle: Oracle, ours: PolicyInForce, counts: Counts) -> Iterator[str]:
    """Ask one question in every way there is."""
    caller, permission = caller_of(here), here.random.choice(NAMES)
    thing = here.random.choice(here.objects)
    facts = thing if permission in ours.engine.actions else NOTHING
    expected = oracle.allows(caller, permission, facts)
    counts.asked += 1
    counts.allowed += expected
    answers = dict(_answers(ours, caller, permission, facts))
    for way, answer in answers.items():
        if answer is not expected:
            yield f"{way} says {answer}: {caller} {permission} {facts}"


def _answers(
    ours: PolicyInForce, caller: Caller | None, permission: str, facts: Facts
) -> Iterator[tuple[str, bool]]:
    yield "allows", ours.allows(caller, permission, facts)
    some = {path: value for path, value in facts.items() if len(path) % 2}
    for known in (NOTHING, some):
        condition = ours.condition(caller, permission, known)
        if not all(path.startswith(RESOURCE) for path in paths(condition)):
            raise AssertionError(f"{condition} does not read the resource alone")
        yield f"the condition beyond {len(known)}", meets(condition, facts)
    yield "explain", all(one.allowed for one in explain(ours, caller, permission, facts))
    if caller is not None and permission not in ours.engine.actions:
        yield "permits", ours.permits(caller, permission)
    if caller is not None and ours.allows(caller, permission, facts):
        yield "could_permit", ours.could_permit(caller, permission)
