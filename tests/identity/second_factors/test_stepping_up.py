"""Proving once more who one is."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx2
import pytest

from tests.identity.second_factors.phones import (
    CODES,
    CONFIRM,
    FINISH,
    LOGIN,
    ME,
    REFRESH,
    STEP_UP,
    TOTP,
    Town,
    assert_refused,
    bearer,
    claims_of,
    code_at,
)
from tests.kit.people import PASSWORD
from tests.kit.running import client_of

MINUTE = timedelta(minutes=1)
SENSITIVE = [("POST", TOTP), ("POST", CONFIRM), ("DELETE", TOTP), ("POST", CODES)]


def assert_asks(answer: httpx2.Response, **said: str) -> None:
    """Check the challenge of RFC 9470."""
    assert_refused(answer, 401, "insufficient_authentication")
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith('Bearer error="insufficient_user_authentication"')
    for name, value in said.items():
        assert f'{name}="{value}"' in challenge


@pytest.mark.parametrize(("method", "path"), SENSITIVE)
async def test_what_is_sensitive_wants_a_proof_of_the_last_ten_minutes(
    town: Town, method: str, path: str
) -> None:
    person = await town.people.register()
    fresh = (await person.http.post(REFRESH, json={"refresh_token": person.refresh_token})).json()
    town.clock.move(10 * MINUTE + timedelta(seconds=1))
    stale = (await person.http.post(REFRESH, json={"refresh_token": fresh["refresh_token"]})).json()
    answer = await person.http.request(method, path, headers=bearer(stale))
    assert_asks(answer, max_age="600")


async def test_a_password_makes_the_session_fresh_and_its_old_tokens_no_fresher(
    town: Town,
) -> None:
    person = await town.people.register()
    town.clock.move(9 * MINUTE)
    stale = (await person.http.post(REFRESH, json={"refresh_token": person.refresh_token})).json()
    town.clock.move(2 * MINUTE)
    answer = await person.http.post(STEP_UP, json={"password": PASSWORD}, headers=bearer(stale))
    assert answer.status_code == 200, answer.text
    assert "no-store" in answer.headers["cache-control"]
    renewed = answer.json()
    assert claims_of(renewed)["sid"] == claims_of(stale)["sid"], "the same session goes on"
    assert claims_of(renewed)["auth_time"] - claims_of(stale)["auth_time"] == 660
    assert (await person.http.get(ME, headers=bearer(stale))).status_code == 200
    assert_asks(await person.http.post(TOTP, headers=bearer(stale)), max_age="600")
    assert (await person.http.post(TOTP, headers=bearer(renewed))).status_code == 200


async def test_the_refresh_token_from_before_is_dead(town: Town) -> None:
    person = await town.people.register()
    renewed = (await person.http.post(STEP_UP, json={"password": PASSWORD})).json()
    async with client_of(town.app) as http:
        early = await http.post(REFRESH, json={"refresh_token": person.refresh_token})
        assert_refused(early, 401, "identity.refresh_token_refused")
        assert (await http.get(ME, headers=bearer(renewed))).status_code == 200, "an honest tab"
        following = await http.post(REFRESH, json={"refresh_token": renewed["refresh_token"]})
        assert following.status_code == 200
        town.clock.move(timedelta(seconds=11))
        late = await http.post(REFRESH, json={"refresh_token": person.refresh_token})
        assert_refused(late, 401, "identity.refresh_token_refused")
        ended = await http.get(ME, headers=bearer(following.json()))
        assert_refused(ended, 401, "identity.session_over")


async def test_the_cookie_from_before_is_dead(town: Town) -> None:
    person = await town.people.register()
    body = {"email": person.email, "password": PASSWORD}
    async with client_of(town.app, headers={"sec-fetch-site": "same-origin"}) as http:

        async def asked(method: str, path: str, cookie: str, **more: object) -> httpx2.Response:
            return await http.request(
                method, path, headers={"cookie": f"__Host-session={cookie}"}, json=more or None
            )

        old = _cookie(await http.post(LOGIN, params={"mode": "cookie"}, json=body))
        http.cookies.clear()
        town.clock.move(timedelta(days=2))
        renewed = await asked("POST", STEP_UP, old, password=PASSWORD)
        new = _cookie(renewed)
        http.cookies.clear()
        assert renewed.json() == {"status": "signed_in", "expires_in": 28 * 86_400}
        assert_refused(await asked("GET", ME, old), 401, "identity.session_over")
        assert (await asked("GET", ME, new)).status_code == 200
        assert (await asked("POST", TOTP, new)).status_code == 200


def _cookie(answer: httpx2.Response) -> str:
    kept = next(
        one for one in answer.headers.get_list("set-cookie") if one.startswith("__Host-session=")
    )
    return kept.partition("=")[2].partition(";")[0]


async def test_where_there_is_a_second_factor_the_password_is_not_enough(town: Town) -> None:
    holder = await town.holder()
    refused = await holder.http.post(STEP_UP, json={"password": PASSWORD})
    assert_asks(refused, acr_values="mfa")
    wrong = await holder.http.post(STEP_UP, json={"password": PASSWORD + "!"})
    assert_refused(wrong, 403, "identity.wrong_password")
    renewed = await holder.http.post(STEP_UP, json={"code": town.code(holder)})
    assert renewed.status_code == 200
    assert claims_of(renewed.json())["amr"] == ["mfa", "otp", "pwd"]
    again = await holder.http.post(STEP_UP, json={"code": town.code(holder)})
    assert_refused(again, 403, "identity.wrong_code")
    by_paper = await holder.http.post(STEP_UP, json={"code": holder.recovery_codes[0]})
    assert by_paper.status_code == 200


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", TOTP), ("POST", CODES), ("POST", TOTP), ("POST", CONFIRM)]
)
async def test_a_session_from_before_the_second_factor_cannot_change_it(
    town: Town, method: str, path: str
) -> None:
    holder = await town.holder()
    body = {"code": town.code(holder)} if path == CONFIRM else None
    assert_asks(await holder.http.request(method, path, json=body), acr_values="mfa")
    assert (await holder.http.get(ME)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", ME, {"password": PASSWORD}),
        ("POST", f"{ME}/erase", {"password": PASSWORD}),
        ("POST", f"{ME}/password", {"current_password": PASSWORD, "password": "slate moss anvil"}),
    ],
)
async def test_a_password_alone_neither_ends_nor_changes_a_protected_account(
    town: Town, method: str, path: str, body: dict[str, str]
) -> None:
    holder = await town.holder()
    assert_asks(await holder.http.request(method, path, json=body), acr_values="mfa")
    assert (await holder.http.get(ME)).status_code == 200
    renewed = await holder.http.post(STEP_UP, json={"code": town.code(holder)})
    answer = await holder.http.request(method, path, json=body, headers=bearer(renewed.json()))
    assert answer.status_code == 204, answer.text


async def test_without_password_and_second_factor_nothing_but_a_new_sign_in_helps(
    town: Town,
) -> None:
    person = await town.people.register()
    gone = "update identity.accounts set password_hash = null where id = $1"
    await town.rows(gone, person.id)
    by_password = await person.http.post(STEP_UP, json={"password": PASSWORD})
    assert_refused(by_password, 403, "identity.wrong_password")
    by_code = await person.http.post(STEP_UP, json={"code": "123456"})
    assert_refused(by_code, 403, "identity.wrong_code")


async def test_whoever_has_a_factor_needs_no_password(town: Town) -> None:
    person = await town.people.register()
    gone = "update identity.accounts set password_hash = null where id = $1"
    await town.rows(gone, person.id)
    secret = (await person.http.post(TOTP)).json()["secret"]
    await person.http.post(CONFIRM, json={"code": code_at(secret, town.clock.now())})
    town.wait()
    renewed = await person.http.post(STEP_UP, json={"code": code_at(secret, town.clock.now())})
    assert renewed.status_code == 200


async def test_failures_are_counted_and_audited(town: Town) -> None:
    holder = await town.holder()
    await holder.http.post(STEP_UP, json={"code": "000000"})
    await holder.http.post(STEP_UP, json={"password": "wrong"})
    await holder.http.post(STEP_UP, json={"code": town.code(holder)})
    assert (await town.actions(holder))[-3:] == [
        "identity.reauthentication_failed",
        "identity.reauthentication_failed",
        "identity.reauthenticated",
    ]
    (row,) = await town.rows(
        "select authenticated_at from identity.sessions where account_id = $1", holder.person.id
    )
    proved: datetime = row[0]
    assert proved == town.clock.now()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"password": PASSWORD, "code": "123456"},
        {"password": None},
        {"code": 123456},
        {"code": "12345"},
        {"code": "1" * 33},
        {"code": "123456", "session_id": "x"},
        [],
    ],
)
async def test_a_proof_is_one_thing_and_well_formed(town: Town, body: object) -> None:
    person = await town.people.register()
    answer = await person.http.post(STEP_UP, json=body)
    assert_refused(answer, 422, "invalid")
    assert PASSWORD not in answer.text


async def test_a_token_of_one_kind_is_of_no_use_for_another(town: Town) -> None:
    holder = await town.holder()
    tokens = await town.sign_in(holder)
    waiting = (await town.first_step(holder))["pending_token"]
    code = town.code(holder)
    async with client_of(town.app) as http:
        as_bearer = await http.get(ME, headers={"authorization": f"Bearer {waiting}"})
        assert as_bearer.status_code == 401
        as_refresh = await http.post(REFRESH, json={"refresh_token": waiting})
        assert_refused(as_refresh, 401, "identity.refresh_token_refused")
        as_cookie = await http.get(ME, headers={"cookie": f"__Host-session={waiting}"})
        assert as_cookie.status_code == 401
        for other in (tokens["refresh_token"], tokens["access_token"][:200], waiting[:-1], "x"):
            answer = await http.post(FINISH, json={"pending_token": other, "code": code})
            assert_refused(answer, 401, "identity.pending_sign_in_refused")
