"""Answers tell how many requests a client has left (draft-ietf-httpapi-ratelimit-headers)."""

from __future__ import annotations

import httpx2

from bootstrap.settings import PlatformSettings
from modules.identity.adapters.settings import IdentitySettings
from tests.kit.people import PASSWORD, People
from tests.kit.running import client_of, identity_settings, running

FORGOT, LOGIN, REFRESH, LOGOUT = (
    f"/v1/identity/{name}" for name in ("forgot-password", "login", "refresh", "logout")
)


def told(answer: httpx2.Response) -> tuple[str, str, int]:
    """Return the policy, its name in what is left, and how many are left; a minute at most."""
    name, left, seconds = answer.headers["ratelimit"].split(";")
    assert 0 < int(seconds.removeprefix("t=")) <= 60
    return answer.headers["ratelimit-policy"], name, int(left.removeprefix("r="))


async def test_what_is_left_is_told_until_nothing_is(
    settings: PlatformSettings, clean: None
) -> None:
    few = {IdentitySettings: identity_settings(attempts_per_client=3)}
    async with running(settings, replace=few) as app, client_of(app) as http:
        answers = [await http.post(FORGOT, json={"email": f"{n}@example.com"}) for n in range(4)]
    assert [one.status_code for one in answers] == [202, 202, 202, 429]
    policy = '"forgot.client";q=3;w=60'
    assert [told(one) for one in answers] == [
        (policy, '"forgot.client"', left) for left in (2, 1, 0, 0)
    ]


async def test_every_way_in_tells_it(people: People) -> None:
    person = await people.register()
    async with client_of(people.app) as http:
        body = {"email": person.email, "password": PASSWORD}
        signed_in = await http.post(LOGIN, json=body)
        refreshed = await http.post(REFRESH, json={"refresh_token": person.refresh_token})
    assert told(signed_in)[1] == '"sign_in.client"'
    assert told(refreshed)[1] == '"refresh.client"'


async def test_what_others_do_is_not_told(settings: PlatformSettings, clean: None) -> None:
    """How often mails were asked for to an address is nobody's business, nor how busy we are."""
    async with running(settings) as app, client_of(app) as http:
        answers = [await http.post(FORGOT, json={"email": "ada@example.com"}) for _ in range(2)]
    for answer in answers:
        assert "address" not in answer.headers["ratelimit"]
        assert "all" not in answer.headers["ratelimit"]


async def test_a_route_without_a_limit_tells_none_though_one_before_had_one(people: People) -> None:
    person = await people.register()
    await person.http.post(REFRESH, json={"refresh_token": "app_rt_none"})
    assert "ratelimit" not in (await person.http.post(LOGOUT)).headers
