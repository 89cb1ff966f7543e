"""Those who decide, each in a process of its own."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any
from uuid import UUID

import psutil
from casbin import Enforcer
from casbin.model import Model

from benchmarks.decisions.scenes import PERMISSIONS, PLACES, Question, Scene, account, resources
from benchmarks.decisions.scenes import thing as facts_of
from modules.access.adapters.casbin import compile_policy
from modules.access.application.decision.holders import Folding, Grants
from modules.access.application.decision.in_force import PolicyInForce
from shared_kernel.application import Caller

Ask = Callable[[], bool]
Prepare = Callable[[Question], Ask]
"""Turns a question into a call; what a request knows already is made before the clock runs."""

MODEL = """
[request_definition]
r = sub, obj, status

[policy_definition]
p = sub, obj, status

[role_definition]
g = _, _

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = r.obj == p.obj && r.status == p.status && g(r.sub, p.sub)
"""


def ours(scene: Scene) -> Prepare:
    """Return the compiled policy."""
    engine = compile_policy(scene.roles, scene.policies, resources(), frozenset(PERMISSIONS))
    folding = Folding({one.id: one.name for one in scene.roles}, "nothing")
    for part in scene.given():
        folding.add(part)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    policy = PolicyInForce(1, engine, folding.holders(), Grants(), lambda: now)

    def prepare(asked: Question) -> Ask:
        caller = Caller(account(asked.account), UUID(int=1))
        facts = facts_of(asked.status, f"place{asked.account % PLACES}")
        return lambda: policy.allows(caller, asked.permission, facts)

    return prepare


def casbin(scene: Scene) -> Prepare:
    """Return Casbin's own enforcer, with a link for each account."""
    model: Any = Model()
    model.load_model_from_text(MODEL)
    model["p"]["p"].policy = [[f"role{x.role}", x.permission, x.status] for x in scene.lines]
    model["g"]["g"].policy = [
        [str(one.account_id), f"role{one.role_id.int - 1}"]
        for part in scene.given()
        for one in part
    ]
    enforcer: Any = Enforcer(model)
    enforcer.build_role_links()

    def prepare(asked: Question) -> Ask:
        wanted = (str(account(asked.account)), asked.permission, asked.status)
        return lambda: enforcer.enforce(*wanted) is True

    return prepare


def cedar(scene: Scene) -> Prepare:
    """Return Cedar, which is told of the account's roles and of the thing with each question."""
    cedarpy: Any = import_module("cedarpy")
    rules = cedarpy.PolicySet.from_str("\n".join(_in_cedar(scene)))

    def prepare(asked: Question) -> Ask:
        principal = f'User::"{account(asked.account)}"'
        request: dict[str, object] = {
            "principal": principal,
            "action": f'Action::"{asked.permission}"',
            "resource": 'Thing::"1"',
            "context": {},
        }
        entities: list[dict[str, object]] = [
            {
                "uid": {"type": "User", "id": str(account(asked.account))},
                "attrs": {},
                "parents": [{"type": "Role", "id": f"role{asked.account % 20}"}],
            },
            {
                "uid": {"type": "Thing", "id": "1"},
                "attrs": {"status": asked.status},
                "parents": [],
            },
        ]
        return lambda: bool(cedarpy.is_authorized(request, rules, entities).allowed)

    return prepare


def _in_cedar(scene: Scene) -> Sequence[str]:
    return [
        f'permit(principal in Role::"role{x.role}", action == Action::"{x.permission}", resource)'
        f' when {{ resource.status == "{x.status}" }};'
        for x in scene.lines
    ]


CONTENDERS: dict[str, Callable[[Scene], Prepare]] = {
    "ours": ours,
    "casbin": casbin,
    "cedar": cedar,
}


def serve(pipe: Connection, name: str, scene: Scene) -> None:
    """Build, tell seconds and MiB, and answer bursts of questions until told None.

    A burst is (seed, most questions, most seconds); the answer is the microseconds of each
    question and how many were answered with yes.
    """
    process = psutil.Process()
    gc.collect()
    before, began = process.memory_info().rss, time.perf_counter()
    prepare = CONTENDERS[name](scene)
    took = time.perf_counter() - began
    gc.collect()
    gc.freeze()  # as the servers do once they have started
    gc.set_threshold(50_000, 20, 100)
    pipe.send((took, (process.memory_info().rss - before) / 2**20))
    while (burst := pipe.recv()) is not None:
        pipe.send(_answer(prepare, scene, *burst))


def _answer(
    prepare: Prepare, scene: Scene, seed: int, most: int, seconds: float
) -> tuple[list[float], int]:
    times, allowed, clock = list[float](), 0, time.perf_counter
    end = clock() + seconds
    for asked in scene.questions(most, seed):
        ask = prepare(asked)
        began = clock()
        answer = ask()
        ended = clock()
        times.append((ended - began) * 1e6)
        allowed += answer
        if ended > end:
            break
    return times, allowed
