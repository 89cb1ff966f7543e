"""The log over HTTP: for those who may read it, newest first, by any of its facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI

from shared_kernel.application import AuditEntry, AuditTrail, Outcome
from shared_kernel.module import Services
from tests.kit.people import People

START = datetime(2025, 1, 1, tzinfo=UTC)


async def test_only_administrators_read_it_and_the_refusal_is_in_it(
    client: httpx2.AsyncClient, people: People
) -> None:
    assert (await client.get("/v1/audit/events")).status_code == 401
    curious, admin = await people.register(), await people.register("administrator")
    refused = await curious.http.get("/v1/audit/events")
    assert refused.status_code == 403
    answer = await admin.http.get("/v1/audit/events", params={"actor_id": str(curious.id)})
    assert answer.status_code == 200
    [denied] = [one for one in answer.json()["items"] if one["action"] == "access.denied"]
    assert denied["outcome"] == "refused"
    assert denied["detail"] == {
        "permission": "audit.events.read",
        "reason": "this needs the permission audit.events.read",
        "decision_id": refused.json()["decision_id"],
    }
    assert denied["request_id"] == refused.headers["x-request-id"]
    assert denied["address"]


async def test_pages_go_from_newest_to_oldest_within_a_span(app: FastAPI, people: People) -> None:
    services: Services = app.state.services
    subject = uuid4()
    for hour in range(7):
        entry = AuditEntry(
            action="test.happened",
            occurred_at=START + timedelta(hours=hour),
            outcome=Outcome.DONE,
            subject_id=subject,
        )
        await services.get(AuditTrail).record(entry)
    admin = await people.register("administrator")
    asked = {
        "subject_id": str(subject),
        "action": "test.happened",
        "outcome": "done",
        "occurred_at.gte": (START + timedelta(hours=1)).isoformat(),
        "occurred_at.lt": (START + timedelta(hours=6)).isoformat(),
        "limit": "2",
    }
    hours: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await admin.http.get(
            "/v1/audit/events", params=asked | ({"cursor": cursor} if cursor else {})
        )
        assert page.status_code == 200, page.text
        hours += [datetime.fromisoformat(one["occurred_at"]).hour for one in page.json()["items"]]
        cursor = page.json()["next_cursor"]
    assert hours == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"actor_id": "x"},
        {"action": "a b"},
        {"outcome": "maybe"},
        {"occurred_at.gte": "2026-01-01T00:00:00"},
        {"occurred_at.lt": "yesterday"},
        {"limit": "0"},
        {"cursor": "forged"},
    ],
)
async def test_wrong_filters_are_refused(people: People, wrong: dict[str, str]) -> None:
    admin = await people.register("administrator")
    answer = await admin.http.get("/v1/audit/events", params=wrong)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_filter_with_nul_in_it_is_refused(people: People) -> None:
    admin = await people.register("administrator")
    answer = await admin.http.get("/v1/audit/events", params={"action": "a\0b"})
    assert answer.status_code == 400
