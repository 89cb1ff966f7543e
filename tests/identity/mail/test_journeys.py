"""Mails about accounts, from the request to the mailbox."""

from __future__ import annotations

from fastapi import FastAPI

from tests.kit.people import PASSWORD, People
from tests.kit.running import client_of
from tests.kit.smtp import Mailbox

REFRESH = "/v1/identity/refresh"


async def test_the_owner_is_told_that_the_account_was_closed(
    people: People, mailbox: Mailbox
) -> None:
    person = await people.register()
    answer = await person.http.request("DELETE", "/v1/identity/me", json={"password": PASSWORD})
    assert answer.status_code in {202, 204}, answer.text
    mail = await mailbox.next(person.email, subject="Your account was closed")
    assert mail.message["Auto-Submitted"] == "auto-generated"


async def test_the_owner_is_told_that_somebody_has_a_copy_of_a_session(
    app: FastAPI, people: People, mailbox: Mailbox
) -> None:
    person = await people.register()
    stolen = token = person.refresh_token
    async with client_of(app) as http:
        for _ in range(2):
            answer = await http.post(REFRESH, json={"refresh_token": token})
            token = answer.json()["refresh_token"]
        assert (await http.post(REFRESH, json={"refresh_token": stolen})).status_code == 401
    assert await mailbox.next(person.email, subject="A session was used from two places")
