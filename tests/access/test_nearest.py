"""What is said to be nearest to being allowed is enough, over random policies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from benchmarks.differential.comparison import in_force
from benchmarks.differential.worlds import ADDRESS, NAMES, World, caller_of, world
from modules.access.application.decision.in_force import ID, PolicyInForce
from modules.access.application.explaining.explanations import explanation
from modules.access.application.explaining.hearing import Question
from modules.access.application.explaining.nearest import Lack, Need, Step, nearest
from modules.access.application.explaining.repairs import Change, after
from modules.access.domain import Effect
from modules.access.ports import StoredAssignment, StoredGrant, StoredRole
from shared_kernel.application import Caller, Origin, origin
from shared_kernel.application.conditions import Facts
from shared_kernel.application.resources import NOTHING, RESOURCE
from shared_kernel.domain import AccountId, new_id

WORLDS = range(40)
QUESTIONS = 60
GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, and where it is asked."""

    here: World
    policy: PolicyInForce
    caller: Caller | None
    permission: str
    facts: Facts


def questions() -> Iterator[Asked]:
    """Yield random questions in random worlds."""
    origin.set(Origin(request_id="-", address=ADDRESS))
    for seed in WORLDS:
        here = world(seed)
        policy = in_force(here)
        for _ in range(QUESTIONS):
            caller, permission = caller_of(here), here.random.choice(NAMES)
            thing = here.random.choice(here.objects)
            facts = thing if permission in policy.engine.actions else NOTHING
            yield Asked(here, policy, caller, permission, facts)


@dataclass(slots=True)
class Tally:
    """How many ways of each kind were gone."""

    gone: dict[str, int] = field(default_factory=dict[str, int])
    wrong: list[str] = field(default_factory=list[str])

    def note(self, way: Sequence[Step], *, helped: bool, asked: Asked) -> None:
        """Note that a way was gone."""
        for step in way:
            kind = step.kind.value if isinstance(step, Need) else "condition"
            self.gone[kind] = self.gone.get(kind, 0) + 1
        if not helped:
            self.wrong.append(f"{way}: {asked.caller} {asked.permission} {asked.facts}")


def test_an_explanation_says_what_is_decided_and_by_what() -> None:
    decided = dict.fromkeys(["allowed", "denied", "not allowed"], 0)
    for asked in questions():
        said = explanation(asked.policy, asked.caller, asked.permission, asked.facts)
        assert said.allowed is asked.policy.allows(asked.caller, asked.permission, asked.facts)
        for party in said.parties:
            by = party.decided_by
            if party.allowed:
                assert by is not None
                assert by.effect is Effect.ALLOW
                decided["allowed"] += 1
            elif by is not None:
                assert by.effect is Effect.DENY
                decided["denied"] += 1
            else:
                decided["not allowed"] += 1
            assert bool(party.nearest) <= (not party.allowed)
    assert all(count > 50 for count in decided.values()), decided


def test_without_an_object_it_says_what_is_permitted() -> None:
    for asked in questions():
        if asked.caller is not None:
            said = explanation(asked.policy, asked.caller, asked.permission, None)
            assert said.allowed is asked.policy.permits(asked.caller, asked.permission), asked


def test_what_is_nearest_is_enough() -> None:
    tally = Tally()
    for asked in questions():
        if asked.caller is None or asked.caller.impersonator_id is not None:
            continue
        if asked.policy.allows(asked.caller, asked.permission, asked.facts):
            continue
        (asking,) = asked.policy.asking(asked.caller)
        for way in nearest(Question(asked.policy, asking, asked.permission, asked.facts)):
            if all(_can_be_done(one) for one in way):
                tally.note(way, helped=_helps(asked, asked.caller, way), asked=asked)
    assert not tally.wrong, "\n".join(tally.wrong[:5])
    assert set(tally.gone) == {*(one.value for one in Lack), "condition"}
    assert min(tally.gone.values()) > 20, tally.gone


def _can_be_done(step: Step) -> bool:
    """Say whether a test can bring this about: time and callers are what they are."""
    return isinstance(step, Need) or step.compare.path.startswith(RESOURCE)


def _helps(asked: Asked, caller: Caller, way: Sequence[Step]) -> bool:
    """Do what is said, and ask again."""
    changes = [one for one in way if isinstance(one, Change)]
    here = asked.here
    for need in (one for one in way if isinstance(one, Need)):
        here, caller = _done(here, caller, need, asked.facts)
    (asking,) = asked.policy.asking(asked.caller)
    known = after(changes, Question(asked.policy, asking, asked.permission, asked.facts).known)
    facts = {path: value for path, value in known.items() if path.startswith(RESOURCE)}
    return in_force(here).allows(caller, asked.permission, facts)


def _done(here: World, caller: Caller, need: Need, facts: Facts) -> tuple[World, Caller]:
    match need.kind:
        case Lack.SECOND_FACTOR:
            return here, caller.with_second_factor()
        case Lack.KEY:
            return here, replace(caller, scope=(caller.scope or frozenset()) | {need.name})
        case Lack.POLICY:
            kept = [one for one in here.policies if one.name != need.name]
            return replace(here, policies=kept), caller
        case Lack.GRANT:
            shared = _grant(need.name, facts, caller.id)
            return replace(here, grants=[*here.grants, shared]), caller
        case Lack.ROLE:
            return _with_role(here, caller.id, need.name), caller
        case Lack.PERMISSION:
            role = StoredRole(new_id(), GIVEN, False, [need.name])
            return _with_role(replace(here, roles=[*here.roles, role]), caller.id, GIVEN), caller


def _grant(permission: str, facts: Facts, account: AccountId) -> StoredGrant:
    object_id = facts[ID]
    assert isinstance(object_id, UUID)
    return StoredGrant(
        new_id(), permission.rpartition(".")[0], object_id, permission, account, None, None
    )


def _with_role(here: World, account: AccountId, name: str) -> World:
    role = next(one.id for one in here.roles if one.name == name)
    given = StoredAssignment(new_id(), account, role, "", None)
    return replace(here, assignments=[*here.assignments, given])
