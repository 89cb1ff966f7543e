"""Forgotten, changed and stolen passwords."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.identity.accounts.desk import (
    CHANGED,
    CONFIRM,
    OTHER_PASSWORD,
    RESET,
    VERIFY,
    Desk,
    assert_link_refused,
    assert_unauthenticated,
    new_address,
)
from tests.kit.people import PASSWORD


async def test_a_forgotten_password_is_replaced_by_mail_and_every_session_ends(desk: Desk) -> None:
    email = await desk.settled()
    here, there = await desk.signed_in(email), await desk.signed_in(email)
    token = await desk.forgotten(email)
    answer = await desk.post_link("/reset-password", token, password=OTHER_PASSWORD)
    assert (answer.status_code, answer.content) == (204, b"")  # nobody is signed in by it

    for session in (here, there):
        assert_unauthenticated(await desk.me(session))
    assert_unauthenticated(await desk.login(email))
    await desk.signed_in(email, OTHER_PASSWORD)
    assert (await desk.mail(email, CHANGED)).subject == CHANGED


async def test_forgetting_says_the_same_for_every_address(desk: Desk) -> None:
    known, unverified, unknown = await desk.settled(), new_address(), new_address()
    await desk.register(unverified)
    answers = [
        await desk.post("/forgot-password", email=one) for one in (known, unverified, unknown)
    ]
    assert {one.status_code for one in answers} == {202}
    assert len({one.content for one in answers}) == 1
    assert len({frozenset(one.headers) for one in answers}) == 1
    assert await desk.mailbox.nothing_for(unknown)


async def test_of_twenty_uses_of_one_reset_link_one_succeeds(desk: Desk) -> None:
    email = await desk.settled()
    token = await desk.forgotten(email)
    passwords = [f"{number} {OTHER_PASSWORD}" for number in range(20)]
    answers = await asyncio.gather(
        *(desk.post_link("/reset-password", token, password=one) for one in passwords)
    )
    assert sorted(one.status_code for one in answers) == [204] + [422] * 19
    [winner] = [one for one, answer in zip(passwords, answers, strict=True) if answer.is_success]
    await desk.signed_in(email, winner)
    assert_link_refused(await desk.post_link("/reset-password", token, password=PASSWORD))


async def test_a_refused_password_does_not_use_the_link_up(desk: Desk) -> None:
    token = await desk.forgotten(await desk.settled())
    weak = await desk.post_link("/reset-password", token, password="too short")
    assert weak.status_code == 422
    assert weak.json()["code"].startswith("identity.password_too_")
    good = await desk.post_link("/reset-password", token, password=OTHER_PASSWORD)
    assert good.status_code == 204


async def test_an_expired_link_is_refused(desk: Desk) -> None:
    token = await desk.forgotten(await desk.settled())
    await desk.rows("update identity.links set expires_at = now() - interval '1 second'")
    assert_link_refused(await desk.post_link("/reset-password", token, password=OTHER_PASSWORD))


async def test_links_last_as_long_as_they_should(desk: Desk) -> None:
    email = await desk.settled()
    await desk.forgotten(email)
    rows = await desk.rows(
        "select purpose, expires_at - (select max(occurred_at) from audit.events"
        " where subject_id = links.id or subject_id = links.account_id and"
        " action = 'identity.AccountRegistered') as lasts from identity.links"
    )
    lasts = {row["purpose"]: row["lasts"] for row in rows}
    for purpose, wanted in {"verify": timedelta(hours=24), "reset": timedelta(hours=1)}.items():
        assert abs(lasts[purpose] - wanted) < timedelta(seconds=5)


async def test_a_link_is_good_for_its_own_purpose_alone(desk: Desk) -> None:
    email = new_address()
    await desk.register(email)
    verify = (await desk.mail(email, VERIFY)).token
    assert_link_refused(await desk.post_link("/reset-password", verify, password=OTHER_PASSWORD))
    reset = await desk.forgotten(email)
    for path in ("/verify", "/confirm-address", "/undo-address-change"):
        assert_link_refused(await desk.post_link(path, reset))
    assert (await desk.post_link("/verify", verify)).status_code == 204


async def test_tokens_of_other_kinds_and_mistyped_ones_are_refused(desk: Desk) -> None:
    email = await desk.settled()
    signed = (await desk.login(email)).json()
    token = await desk.forgotten(email)
    swapped = token[:-1] + ("A" if token[-1] != "A" else "B")
    odd = ["", "app_link_", "\x00", "é" * 60, token.upper(), f" {token}", swapped, "x" * 4000]
    for text in [*odd, signed["refresh_token"], signed["access_token"], signed["device_token"]]:
        answer = await desk.post_link("/reset-password", text, password=OTHER_PASSWORD)
        assert answer.status_code in {400, 422}, (text, answer.text)
    as_refresh = await desk.post("/refresh", refresh_token=token)
    assert as_refresh.status_code == 401
    assert_unauthenticated(await desk.me(token))
    await desk.signed_in(email)


async def test_links_die_with_a_change_of_password(desk: Desk) -> None:
    email = await desk.settled()
    early, spare = await desk.forgotten(email), await desk.forgotten(email)
    access = await desk.signed_in(email)
    changed = await desk.post(
        "/me/password", token=access, current_password=PASSWORD, password=OTHER_PASSWORD
    )
    assert changed.status_code == 204
    for token in (early, spare):
        assert_link_refused(await desk.post_link("/reset-password", token, password=PASSWORD))


async def test_verifying_by_a_reset_link_is_enough(desk: Desk) -> None:
    email = new_address()
    await desk.register(email)
    token = await desk.forgotten(email)
    await desk.post_link("/reset-password", token, password=OTHER_PASSWORD)
    me = await desk.me(await desk.signed_in(email, OTHER_PASSWORD))
    assert me.json()["email_verified"] is True


async def test_changing_the_password_ends_the_other_sessions(desk: Desk) -> None:
    email = await desk.settled()
    here, there = await desk.signed_in(email), await desk.signed_in(email)
    changed = await desk.post(
        "/me/password", token=here, current_password=PASSWORD, password=OTHER_PASSWORD
    )
    assert (changed.status_code, changed.content) == (204, b"")
    assert (await desk.me(here)).status_code == 200
    assert_unauthenticated(await desk.me(there))
    assert_unauthenticated(await desk.login(email))
    await desk.signed_in(email, OTHER_PASSWORD)
    assert (await desk.mail(email, CHANGED)).subject == CHANGED


async def test_a_stolen_access_token_changes_no_password(desk: Desk) -> None:
    email = await desk.settled()
    stolen = await desk.signed_in(email)
    for current in ("", "x", OTHER_PASSWORD, None):
        body = {"password": OTHER_PASSWORD}
        if current is not None:
            body["current_password"] = current
        answer = await desk.post("/me/password", token=stolen, **body)
        assert answer.status_code in {403, 422}, answer.text
    assert await desk.audited("identity.confirmation_failed") >= 2
    patched = await desk.http.patch(
        "/v1/identity/me",
        json={"password": OTHER_PASSWORD},
        headers={"authorization": f"Bearer {stolen}", "if-match": '"v1"'},
    )
    assert patched.status_code == 422
    await desk.signed_in(email)


async def test_a_pending_change_of_address_dies_with_a_reset(desk: Desk) -> None:
    """Unexpired e-mail change: a thief's link must not outlive the owner's recovery."""
    email, thiefs = await desk.settled(), new_address()
    access = await desk.signed_in(email)
    assert (await desk.post("/me/email", token=access, email=thiefs)).status_code == 202
    waiting = (await desk.mail(thiefs, CONFIRM)).token
    token = await desk.forgotten(email)
    await desk.post_link("/reset-password", token, password=OTHER_PASSWORD)
    assert_link_refused(await desk.post_link("/confirm-address", waiting))


async def test_a_request_from_before_the_last_change_of_password_makes_no_link(desk: Desk) -> None:
    email = await desk.settled()
    await desk.rows(
        "update identity.accounts set password_changed_at = now() + interval '1 minute'"
    )
    await desk.post("/forgot-password", email=email)
    assert await desk.mailbox.nothing_for(email)


async def test_a_suspended_account_gets_no_link_and_looks_like_none(desk: Desk) -> None:
    email = await desk.settled()
    token = await desk.forgotten(email)
    await desk.rows("update identity.accounts set status = 'suspended'")
    assert_link_refused(await desk.post_link("/reset-password", token, password=OTHER_PASSWORD))
    await desk.post("/forgot-password", email=email)
    assert await desk.mailbox.nothing_for(email)
    assert_unauthenticated(await desk.login(email))


async def test_the_link_in_the_mail_leads_to_the_configured_site(desk: Desk) -> None:
    email = await desk.settled()
    await desk.http.post(
        "/v1/identity/forgot-password",
        json={"email": email},
        headers={"x-forwarded-host": "evil.example"},
    )
    mail = await desk.mail(email, RESET)
    assert "evil" not in mail.text
    assert "#token=" in mail.link
