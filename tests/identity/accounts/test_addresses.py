"""Changing one's address, taking it back, and saying who one is."""

from __future__ import annotations

from typing import Any

import httpx2

from tests.identity.accounts.desk import (
    CONFIRM,
    IDENTITY,
    MOVED,
    OTHER_PASSWORD,
    TAKEN,
    Desk,
    assert_link_refused,
    assert_unauthenticated,
    new_address,
)


async def test_an_address_changes_once_the_new_one_is_confirmed_and_the_old_one_is_told(
    desk: Desk,
) -> None:
    old, new = await desk.settled(), new_address()
    access = await desk.signed_in(old)
    asked = await desk.post("/me/email", token=access, email=new)
    assert (asked.status_code, asked.json()) == (202, {"status": "accepted"})
    confirm = await desk.mail(new, CONFIRM)
    assert (await desk.me(access)).json()["email"] == old

    await desk.follow("/confirm-address", confirm)
    me = (await desk.me(access)).json()
    assert (me["email"], me["email_verified"]) == (new, True)
    assert_unauthenticated(await desk.login(old))
    await desk.signed_in(new)
    assert (await desk.mail(old, MOVED)).token.startswith("app_link_")


async def test_asking_for_an_address_that_has_an_account_tells_its_owner_alone(desk: Desk) -> None:
    mine, theirs = await desk.settled(), await desk.settled()
    access = await desk.signed_in(mine)
    answers = [
        await desk.post("/me/email", token=access, email=one) for one in (theirs, new_address())
    ]
    assert answers[0].content == answers[1].content
    assert "app_link_" not in (await desk.mail(theirs, TAKEN)).text
    assert (await desk.me(access)).json()["email"] == mine


async def test_an_address_somebody_else_took_meanwhile_is_refused_like_any_bad_link(
    desk: Desk,
) -> None:
    wanted = new_address()
    access = await desk.signed_in(await desk.settled())
    await desk.post("/me/email", token=access, email=wanted)
    token = (await desk.mail(wanted, CONFIRM)).token
    await desk.settled(wanted)
    assert_link_refused(await desk.post_link("/confirm-address", token))
    await desk.signed_in(wanted)


async def test_two_who_confirm_the_same_address_do_not_both_get_it(desk: Desk) -> None:
    wanted = new_address()
    tokens: list[str] = []
    for _ in range(2):
        access = await desk.signed_in(await desk.settled())
        await desk.post("/me/email", token=access, email=wanted)
        tokens.append((await desk.mail(wanted, CONFIRM)).token)
    codes = [(await desk.post_link("/confirm-address", one)).status_code for one in tokens]
    assert codes == [204, 422]


async def test_whoever_lost_their_address_takes_the_account_back(desk: Desk) -> None:
    old, thiefs = await desk.settled(), new_address()
    access = await desk.signed_in(old)
    await desk.post("/me/email", token=access, email=thiefs)
    await desk.follow("/confirm-address", await desk.mail(thiefs, CONFIRM))
    undo = await desk.mail(old, MOVED)
    # The thief changes the address again, and registers the former one to stand in the way.
    await desk.post("/me/email", token=access, email=(third := new_address()))
    await desk.follow("/confirm-address", await desk.mail(third, CONFIRM))
    thiefs_undo = await desk.mail(thiefs, MOVED)
    await desk.register(old, OTHER_PASSWORD)

    await desk.follow("/undo-address-change", undo)
    assert_unauthenticated(await desk.me(access))
    assert_unauthenticated(await desk.login(old))
    assert_unauthenticated(await desk.login(third))
    assert_link_refused(await desk.post_link("/undo-address-change", thiefs_undo.token))
    token = await desk.forgotten(old)
    await desk.post_link("/reset-password", token, password=OTHER_PASSWORD)
    await desk.signed_in(old, OTHER_PASSWORD)


async def test_changing_the_address_asks_for_a_recent_sign_in(desk: Desk) -> None:
    access = await desk.signed_in(await desk.settled())
    await desk.rows("update identity.sessions set authenticated_at = now() - interval '11 minutes'")
    # What an access token says is decided when it is made: a cookie is looked up each time.
    assert (await desk.post("/me/email", email=new_address())).status_code == 401
    assert (await desk.post("/me/email", token=access, email="no address")).status_code == 422


async def test_a_profile_is_changed_where_something_was_sent(desk: Desk) -> None:
    access = await desk.signed_in(await desk.settled())
    shown = await desk.me(access)
    tag = shown.headers["etag"]
    assert (shown.json()["display_name"], shown.json()["locale"]) == (None, None)

    changed = await _patch(desk, access, tag, {"display_name": " Ada  Lovelace ", "locale": "de"})
    assert changed.status_code == 200, changed.text
    assert changed.json()["display_name"] == "Ada  Lovelace"
    renamed = await _patch(desk, access, changed.headers["etag"], {"display_name": None})
    assert (renamed.json()["display_name"], renamed.json()["locale"]) == (None, "de")
    assert (await _patch(desk, access, tag, {"locale": "en"})).status_code == 412
    assert (await _patch(desk, access, None, {"locale": "en"})).status_code == 428


async def test_a_profile_takes_nothing_that_is_not_its_own(desk: Desk) -> None:
    access = await desk.signed_in(await desk.settled())
    tag = (await desk.me(access)).headers["etag"]
    odd: list[dict[str, Any]] = [
        {"email": new_address()},
        {"email_verified": True},
        {"status": "active"},
        {"id": "x"},
        {"display_name": "x" * 101},
        {"display_name": "two\nlines"},
        {"display_name": "\x1b[31m"},
        {"display_name": "  "},
        {"display_name": 7},
        {"locale": "deutsch bitte"},
        {"locale": "../en"},
        {"locale": "x" * 36},
    ]
    for body in odd:
        answer = await _patch(desk, access, tag, body)
        assert answer.status_code in {400, 422}, (body, answer.text)


async def test_mails_come_in_the_language_of_the_profile(desk: Desk) -> None:
    email = await desk.settled()
    access = await desk.signed_in(email)
    await _patch(desk, access, (await desk.me(access)).headers["etag"], {"locale": "de-AT"})
    await desk.post("/forgot-password", email=email)
    mail = await desk.mailbox.next(email)
    assert mail.message["Content-Language"] == "de"


async def _patch(desk: Desk, access: str, tag: str | None, body: dict[str, Any]) -> httpx2.Response:
    headers = {"authorization": f"Bearer {access}"}
    if tag is not None:
        headers["if-match"] = tag
    return await desk.http.patch(f"{IDENTITY}/me", json=body, headers=headers)
