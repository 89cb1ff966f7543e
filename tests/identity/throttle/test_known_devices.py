"""Devices their owners signed in from before, while strangers guess."""

from __future__ import annotations

from datetime import timedelta

from tests.identity.throttle.towns import (
    LOGIN,
    WRONG,
    Town,
)
from tests.kit.people import PASSWORD, People, Person


async def test_an_attacker_cannot_keep_the_owner_out_of_a_known_device(
    town: Town, person: Person
) -> None:
    signed_in = await town.sign_in(person.email, PASSWORD)
    token = signed_in.json()["device_token"]
    for _ in range(12):
        town.clock.move(timedelta(minutes=1))
        await town.fail(person.email, 2, peer="203.0.113.9")
    body = {"email": person.email, "password": PASSWORD}
    assert (await town.post(LOGIN, body)).status_code == 429

    again = await town.post(LOGIN, body | {"device_token": token})
    assert again.status_code == 200
    cookie = {"cookie": f"__Host-device={again.json()['device_token']}"}
    assert (await town.post(LOGIN, body, headers=cookie)).status_code == 200


async def test_a_browser_keeps_what_it_is_recognised_by_in_a_cookie(
    town: Town, person: Person
) -> None:
    body = {"email": person.email, "password": PASSWORD}
    page = {"sec-fetch-site": "same-origin"}
    answer = await town.post(f"{LOGIN}?mode=cookie", body, headers=page)
    [kept] = [one for one in answer.headers.get_list("set-cookie") if "device" in one]
    assert kept.startswith("__Host-device=app_dev_")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=strict"} < set(kept.split("; "))
    assert "app_dev_" not in answer.text


async def test_a_known_device_guesses_no_faster_and_no_other_account(
    town: Town, person: Person, people: People
) -> None:
    victim = await people.register()
    token = (await town.sign_in(person.email, PASSWORD)).json()["device_token"]
    body = {"email": person.email, "password": WRONG, "device_token": token}
    own = [(await town.post(LOGIN, body)).status_code for _ in range(7)]
    assert own == [401] * 5 + [429] * 2
    await town.fail(victim.email, 5)
    other = {"email": victim.email, "password": PASSWORD, "device_token": token}
    assert (await town.post(LOGIN, other)).status_code == 429
