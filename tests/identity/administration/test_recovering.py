"""Administrators have owners prove themselves anew, and choose nothing for them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.identity.administration.clerks import ME, USERS, logged, login
from tests.identity.second_factors.phones import CONFIRM, TOTP, code_at
from tests.kit.people import PASSWORD, People
from tests.kit.running import client_of
from tests.kit.smtp import Mailbox

ASK_ANEW = "/v1/identity/request-verify-token"
REGISTER = "/v1/identity/register"
pytestmark = pytest.mark.usefixtures("own_roles")


async def test_a_reset_is_mailed_and_the_owner_alone_chooses(
    people: People, mailbox: Mailbox
) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    place = f"{USERS}/{person.id}/reset-password"
    chosen = await administrator.http.post(place, json={"password": "of an administrator"})
    assert chosen.status_code == 422
    assert (await administrator.http.post(place, json={})).status_code == 202
    mail = await mailbox.next(person.email, subject="Choose a new password")
    assert (await person.http.get(ME)).status_code == 200
    assert (await login(client_of(people.app), person)).status_code == 200
    body = {"token": mail.token, "password": "quartz bramble ferry tundra"}
    async with client_of(people.app) as http:
        reset = await http.post("/v1/identity/reset-password", json=body)
        assert reset.status_code in {200, 204}, reset.text


async def test_with_a_reset_sessions_end_and_the_password_is_forgotten_if_asked(
    people: People, mailbox: Mailbox
) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    body = {"end_sessions": True, "forget_password": True}
    place = f"{USERS}/{person.id}/reset-password"
    assert (await administrator.http.post(place, json=body)).status_code == 202
    assert (await person.http.get(ME)).status_code == 401
    assert (await login(client_of(people.app), person)).status_code == 401
    assert await mailbox.next(person.email, subject="Choose a new password")
    (entry,) = await logged(administrator, person, "password_reset_sent")
    assert entry["detail"] == {"end_sessions": "true", "forget_password": "true"}


async def test_an_address_is_verified_anew(people: People, mailbox: Mailbox) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    await person.http.post(ASK_ANEW, json={"email": person.email})
    first = await mailbox.next(person.email, subject="Confirm your address")
    async with client_of(people.app) as http:
        await http.post("/v1/identity/verify", json={"token": first.token})
        place = f"{USERS}/{person.id}"
        assert (await administrator.http.get(place)).json()["email_verified"] is True
        demanded = await administrator.http.post(f"{place}/require-verification")
        assert demanded.status_code == 202
        assert (await administrator.http.get(place)).json()["email_verified"] is False
        assert (await person.http.get(ME)).status_code == 401
        assert (await login(http, person)).status_code == 401
        second = await mailbox.next(person.email, subject="Confirm your address")
        assert second.token != first.token
        await http.post("/v1/identity/verify", json={"token": second.token})
        assert (await administrator.http.get(place)).json()["email_verified"] is True
    assert len(await logged(administrator, person, "verification_required")) == 1


async def test_to_verify_anew_takes_no_protection_away(people: People, mailbox: Mailbox) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    await person.http.post(ASK_ANEW, json={"email": person.email})
    first = await mailbox.next(person.email, subject="Confirm your address")
    await person.http.post("/v1/identity/verify", json={"token": first.token})
    secret, now = (await person.http.post(TOTP)).json()["secret"], datetime.now(UTC)
    await person.http.post(CONFIRM, json={"code": code_at(secret, now)})
    place = f"{USERS}/{person.id}"
    assert (await administrator.http.post(f"{place}/require-verification")).status_code == 202
    async with client_of(people.app) as http:
        assert (await login(http, person)).status_code == 401
        await http.post(REGISTER, json={"email": person.email, "password": PASSWORD})
        second = await mailbox.next(person.email, subject="Confirm your address")
        await http.post("/v1/identity/verify", json={"token": second.token})
        assert (await login(http, person)).status_code == 202, "the password and the app are theirs"
    assert (await administrator.http.get(place)).json()["second_factors"] == ["otp"]
