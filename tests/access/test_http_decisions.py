"""Why somebody was refused, looked up by the id they were told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from modules.access.adapters.refusals import RefuseAllTheSame
from modules.access.application.administering.sweeping import ForgetWhatIsOver
from modules.access.application.explaining.refusals import RecordRefusals
from modules.access.ports import Refusal
from shared_kernel.application import Caller
from shared_kernel.domain import Forbidden
from shared_kernel.module import Services
from tests.catalog.shop import PRODUCTS, publish
from tests.kit.access import FakePolicy, FakeTrail, Noon
from tests.kit.cluster import TestDatabase
from tests.kit.people import People
from tests.kit.ruling import ROLES

pytestmark = pytest.mark.usefixtures("settled", "own_roles")

DECISIONS = "/v1/access/decisions"


async def test_the_entitled_look_up_why_somebody_was_refused(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    refused = await person.http.get(ROLES)
    decision_id = refused.json()["decision_id"]
    shown = await administrator.http.get(f"{DECISIONS}/{decision_id}")
    assert shown.status_code == 200, shown.text
    found = shown.json()
    assert (found["id"], found["caller_id"]) == (decision_id, str(person.id))
    assert (found["permission"], found["code"]) == ("access.roles.read", "permission_denied")
    assert found["policy_version"] > 0


async def test_a_refusal_on_an_object_tells_which_one(people: People) -> None:
    administrator = await people.register(role="administrator")
    owner, other = [await people.register(role="editor") for _ in range(2)]
    thing = (await publish(owner.http)).json()
    refused = await other.http.patch(
        f"{PRODUCTS}/{thing['id']}", json={"name": "Mine"}, headers={"if-match": '"v2"'}
    )
    assert refused.status_code == 403
    shown = await administrator.http.get(f"{DECISIONS}/{refused.json()['decision_id']}")
    found = shown.json()
    assert (found["resource"], found["object_id"]) == ("catalog.products", thing["id"])
    assert found["detail"]


async def test_who_was_refused_may_not_look_it_up(people: People) -> None:
    person = await people.register(role="editor")
    decision_id = (await person.http.get(ROLES)).json()["decision_id"]
    assert (await person.http.get(f"{DECISIONS}/{decision_id}")).status_code == 403


async def test_an_unknown_decision_is_not_found(people: People) -> None:
    administrator = await people.register(role="administrator")
    answer = await administrator.http.get(f"{DECISIONS}/{uuid4()}")
    assert (answer.status_code, answer.json()["code"]) == (404, "access.no_such_decision")


async def test_refusals_go_when_they_are_old(people: People, database: TestDatabase) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    old, new = [(await person.http.get(ROLES)).json()["decision_id"] for _ in range(2)]
    connection = await asyncpg.connect(database.owner_url)
    try:
        past = datetime.now(UTC) - timedelta(days=91)
        await connection.execute(
            "update access.decisions set occurred_at = $1 where id = $2", past, old
        )
    finally:
        await connection.close()
    services: Services = people.app.state.services
    assert (await services.get(ForgetWhatIsOver)())["refusals"] == 1
    answers = [await administrator.http.get(f"{DECISIONS}/{one}") for one in (old, new)]
    assert [one.status_code for one in answers] == [404, 200]


def no_reasons(refusal: Forbidden, caller: Caller | None) -> dict[str, object]:
    return {}


class FullLog:
    """Keeps nothing."""

    async def keep(self, refusal: Refusal) -> None:
        raise OSError("the disk is full")


@dataclass
class KeptLog:
    """Keeps them in a list."""

    refusals: list[Refusal] = field(default_factory=list[Refusal])

    async def keep(self, refusal: Refusal) -> None:
        self.refusals.append(refusal)


class BrokenTrail(FakeTrail):
    """Records nothing."""

    async def record(self, entry: object) -> None:
        raise OSError("the disk is full")


@pytest.mark.parametrize("trail", [FakeTrail(), BrokenTrail()])
async def test_a_refusal_that_cannot_be_kept_is_one_all_the_same(
    trail: FakeTrail, caplog: pytest.LogCaptureFixture
) -> None:
    record = RecordRefusals(trail, FullLog(), FakePolicy(), Noon(), no_reasons)
    refusal = Forbidden("no")
    await RefuseAllTheSame(record).record(refusal, None)
    assert str(refusal.decision_id) in caplog.text


async def test_what_decided_is_kept_though_the_audit_log_fails() -> None:
    kept = KeptLog()
    record = RecordRefusals(BrokenTrail(), kept, FakePolicy(), Noon(), no_reasons)
    with pytest.raises(OSError, match="full"):
        await record.record(Forbidden("no"), None)
    assert [one.detail for one in kept.refusals] == [{"reason": "no"}]


async def test_reasons_that_cannot_be_found_keep_nobody_from_being_refused() -> None:
    def unreasonable(*_: object) -> dict[str, object]:
        raise ZeroDivisionError

    kept = KeptLog()
    record = RecordRefusals(FakeTrail(), kept, FakePolicy(), Noon(), unreasonable)
    await record.record(Forbidden("no"), None)
    (refusal,) = kept.refusals
    assert refusal.detail == {"reason": "no", "unexplained": "ZeroDivisionError"}
