"""Administrators suspend, restore, change and close accounts."""

from __future__ import annotations

import asyncio

import pytest

from bootstrap.settings import PlatformSettings
from modules.identity.adapters.settings import IdentitySettings
from tests.identity.administration.clerks import ME, READ, REFRESH, USERS, WHY, logged, login
from tests.kit.people import People
from tests.kit.running import client_of, identity_settings, running
from tests.kit.smtp import Mailbox

pytestmark = pytest.mark.usefixtures("own_roles")


async def test_a_profile_is_changed_from_the_version_that_was_read(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    place = f"{USERS}/{person.id}"
    tag = {"if-match": (await administrator.http.get(place)).headers["etag"]}
    body = {"display_name": "Ada", "locale": "de"}
    assert (await administrator.http.patch(place, json=body)).status_code == 428
    changed = await administrator.http.patch(place, json=body, headers=tag)
    assert (changed.json()["display_name"], changed.json()["locale"]) == ("Ada", "de")
    assert (await administrator.http.patch(place, json=body, headers=tag)).status_code == 412
    for privileged in ("status", "email", "password", "email_verified"):  # R13
        odd = await administrator.http.patch(place, json={privileged: "x"}, headers=tag)
        assert odd.status_code == 422, privileged
    assert [one["actor_id"] for one in await logged(administrator, person, "user_changed")] == [
        str(administrator.id)
    ]


async def test_a_suspended_user_is_out_everywhere_and_at_once(
    people: People, settings: PlatformSettings, mailbox: Mailbox
) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    key = await person.http.post("/v1/identity/me/api-keys", json={"name": "key", "scope": [READ]})
    answer = await administrator.http.post(f"{USERS}/{person.id}/suspend", json=WHY)
    assert answer.status_code == 200, answer.text
    refused = await person.http.get(ME)
    assert (refused.status_code, refused.json()["code"]) == (401, "identity.session_over")
    async with client_of(people.app) as http:
        token = {"refresh_token": person.refresh_token}
        assert (await http.post(REFRESH, json=token)).status_code == 401
        assert (await login(http, person)).status_code == 401
        bearer = {"authorization": f"Bearer {key.json()['key']}"}
        assert (await http.get(USERS, headers=bearer)).status_code == 401
    again = await administrator.http.post(f"{USERS}/{person.id}/suspend", json=WHY)
    assert (again.status_code, again.json()["code"]) == (409, "identity.already_suspended")
    (entry,) = await logged(administrator, person, "user_suspended")
    assert (entry["actor_id"], entry["detail"]) == (str(administrator.id), WHY)
    assert await mailbox.next(person.email, subject="Your account was suspended")

    restored = await administrator.http.post(f"{USERS}/{person.id}/restore", json=WHY)
    assert restored.json()["status"] == "active"
    assert (await login(client_of(people.app), person)).status_code == 200
    assert (await person.http.get(ME)).status_code == 401, "what ended stays ended"


async def test_another_process_refuses_a_suspended_user_within_two_seconds(
    people: People, settings: PlatformSettings, mailbox: Mailbox
) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    parts = {IdentitySettings: identity_settings(**mailbox.settings)}
    async with running(settings, replace=parts) as other, client_of(other) as http:
        http.headers["authorization"] = person.http.headers["authorization"]
        assert (await http.get(ME)).status_code == 200
        await administrator.http.post(f"{USERS}/{person.id}/suspend", json=WHY)
        async with asyncio.timeout(2):
            while (await http.get(ME)).status_code == 200:  # noqa: ASYNC110 - as clients see it
                await asyncio.sleep(0.05)


async def test_nobody_slips_in_while_they_are_suspended(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    async with client_of(people.app) as http:
        attempts = [login(http, person) for _ in range(8)]
        suspended = administrator.http.post(f"{USERS}/{person.id}/suspend", json=WHY)
        *answers, done = await asyncio.gather(*attempts[:4], *attempts[4:], suspended)
        assert done.status_code == 200
        for answer in answers:
            if answer.status_code == 200:
                bearer = {"authorization": f"Bearer {answer.json()['access_token']}"}
                assert (await http.get(ME, headers=bearer)).status_code == 401
        live = await administrator.http.get(f"{USERS}/{person.id}/sessions")
        assert live.json()["items"] == []


async def test_nobody_suspends_or_closes_themselves(people: People) -> None:
    administrator = await people.register(role="administrator")
    place = f"{USERS}/{administrator.id}"
    tag = {"if-match": (await administrator.http.get(place)).headers["etag"]}
    for answer in (
        await administrator.http.post(f"{place}/suspend", json=WHY),
        await administrator.http.delete(place, headers=tag),
        await administrator.http.post(f"{place}/impersonate", json=WHY),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "identity.not_upon_yourself")
    assert (await administrator.http.get(ME)).status_code == 200


async def test_of_administrators_who_suspend_each_other_one_remains(people: People) -> None:
    pair = [await people.register(role="administrator") for _ in range(2)]
    for _ in range(3):
        answers = await asyncio.gather(
            pair[0].http.post(f"{USERS}/{pair[1].id}/suspend", json=WHY),
            pair[1].http.post(f"{USERS}/{pair[0].id}/suspend", json=WHY),
        )
        statuses = [one.status_code for one in answers]
        assert statuses.count(200) == 1, [one.text for one in answers]
        winner, loser = pair if statuses[0] == 200 else pair[::-1]
        assert (await winner.http.get(ME)).status_code == 200
        restored = await winner.http.post(f"{USERS}/{loser.id}/restore", json=WHY)
        assert restored.status_code == 200
        token = (await login(client_of(people.app), loser)).json()["access_token"]
        loser.http.headers["authorization"] = f"Bearer {token}"


async def test_a_closed_account_stays_closed(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    place = f"{USERS}/{person.id}"
    assert (await administrator.http.delete(place)).status_code == 428
    tag = {"if-match": (await administrator.http.get(place)).headers["etag"]}
    assert (await administrator.http.delete(place, headers=tag)).status_code == 204
    assert (await person.http.get(ME)).status_code == 401
    shown = await administrator.http.get(place)
    assert (shown.json()["status"], shown.json()["ways_in"]) == ("closed", [])
    newest = {"if-match": shown.headers["etag"]}
    for answer in (
        await administrator.http.post(f"{place}/restore", json=WHY),
        await administrator.http.post(f"{place}/suspend", json=WHY),
        await administrator.http.post(f"{place}/reset-password", json={}),
        await administrator.http.post(f"{place}/require-verification"),
        await administrator.http.patch(place, json={"locale": "de"}, headers=newest),
        await administrator.http.delete(place, headers=newest),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "identity.account_is_closed")
    assert len(await logged(administrator, person, "user_closed")) == 1


@pytest.mark.parametrize("reason", ["", " ", "two\nlines", "x" * 501, None, 7])
async def test_a_reason_is_one_line(people: People, reason: object) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    body = {"reason": reason}
    answer = await administrator.http.post(f"{USERS}/{person.id}/suspend", json=body)
    assert answer.status_code == 422
