"""Everybody who has an account, in slices."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from modules.identity.public import Census
from shared_kernel.module import Services
from tests.kit.people import People
from tests.kit.programs import a_program


@pytest.mark.usefixtures("clean")
async def test_open_accounts_and_service_accounts_are_counted_once_each(
    app: FastAPI, people: People
) -> None:
    administrator = await people.register(role="administrator")
    person, leaver = await people.register(), await people.register()
    program = await a_program(administrator, "nightly", role=None)
    deleted = await a_program(administrator, "forgotten", role=None)
    body = {"password": leaver.password}
    left = await leaver.http.request("DELETE", "/v1/identity/me", json=body)
    assert left.status_code == 204, left.text
    place = f"/v1/identity/service-accounts/{deleted.id}"
    tag = {"if-match": (await administrator.http.get(place)).headers["etag"]}
    gone = await administrator.http.delete(place, headers=tag)
    assert gone.status_code == 204, gone.text
    services: Services = app.state.services
    found = [str(one) async for part in services.get(Census).accounts() for one in part]
    assert found == sorted([str(administrator.id), str(person.id), program.id])
