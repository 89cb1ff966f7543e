"""What somebody may do, and why, over HTTP."""

from __future__ import annotations

from typing import Annotated

from modules.access.application.explaining.deciding import Answers, DecisionService
from modules.access.application.explaining.explanations import Explanation
from modules.access.application.explaining.questions import Check, Explain
from modules.access.application.simulation.changes import Simulate
from modules.access.application.simulation.simulating import SimulateChange
from modules.access.application.simulation.views import Simulation
from modules.access.public import READ_POLICIES
from shared_kernel.adapters.http import CurrentCaller, Router, requires, signed_in, use

router = Router(tags=["access"])

Decisions = Annotated[DecisionService, use(DecisionService)]
Changes = Annotated[SimulateChange, use(SimulateChange)]


@router.post("/check")
@signed_in
async def check(wanted: Check, caller: CurrentCaller, decisions: Decisions) -> Answers:
    """Say what you may do: up to 100 answers, in the order of the questions.

    Without a resource a question is about what you may do whatever you do it to. A permission, a
    resource or an object that does not exist is not allowed. Who holds `access.decisions.read` may
    ask about another account; objects they may not read themselves do not exist for them.
    """
    return await decisions.check(caller, wanted)


@router.post("/explain")
@signed_in
async def explain(wanted: Explain, caller: CurrentCaller, decisions: Decisions) -> Explanation:
    """Say why something is allowed or not, and how little would have to be different.

    Tells the rule that decided, by which roles it applies, every rule that speaks of the
    permission with the attributes it read, and for a refusal what is nearest to being allowed. The
    resource is an object you may read (404 otherwise), or described by `attributes` it would have.
    What policies say is told to who holds `access.policies.read` or `access.decisions.read`, to
    others their names alone. Who holds `access.decisions.read` may ask about another account.
    """
    return await decisions.explain(caller, wanted)


@router.post("/simulate")
@requires(READ_POLICIES)
async def simulate(wanted: Simulate, caller: CurrentCaller, changes: Changes) -> Simulation:
    """Say what a change would give and take, from whom, on real data, without making it.

    `permissions`: who would hold a permission, or no more, whatever it is used on. `objects`: on
    how many objects which accounts could do something, or no more; up to 10,000 are counted, and
    ten of those you may read are named. Needs `access.assignments.read` as well.
    """
    return await changes(caller, wanted)
