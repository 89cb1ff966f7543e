"""Registering, verifying, and what others can make of it."""

from __future__ import annotations

import asyncio

from tests.identity.accounts.desk import (
    OTHER_PASSWORD,
    RESET,
    TAKEN,
    VERIFY,
    Desk,
    assert_link_refused,
    assert_unauthenticated,
    bearer,
    new_address,
)
from tests.kit.people import PASSWORD


async def test_whoever_registers_signs_in_once_they_opened_the_link_in_the_mail(
    desk: Desk,
) -> None:
    email = new_address()
    await desk.register(email)
    mail = await desk.mail(email, VERIFY)
    assert_unauthenticated(await desk.login(email))

    await desk.follow("/verify", mail)
    me = (await desk.me(await desk.signed_in(email))).json()
    assert (me["email"], me["email_verified"]) == (email, True)


async def test_a_link_verifies_once(desk: Desk) -> None:
    email = new_address()
    await desk.register(email)
    token = (await desk.mail(email, VERIFY)).token
    used = await asyncio.gather(
        *(desk.http.post("/v1/identity/verify", json={"token": token}) for _ in range(20))
    )
    assert sorted(one.status_code for one in used) == [204] + [422] * 19
    assert await desk.audited("identity.AddressVerified") >= 1


async def test_signing_in_unverified_looks_like_a_wrong_password(desk: Desk) -> None:
    email = new_address()
    await desk.register(email)
    unverified, wrong, unknown = [
        await desk.login(email),
        await desk.login(email, OTHER_PASSWORD),
        await desk.login(new_address()),
    ]
    ignored = {"instance", "request_id", "trace_id"}
    told = [
        {key: value for key, value in one.json().items() if key not in ignored}
        for one in (unverified, wrong, unknown)
    ]
    assert told[0] == told[1] == told[2]


async def test_registering_tells_nobody_which_addresses_have_accounts(desk: Desk) -> None:
    """A stranger registers two addresses and tries to sign in: nothing tells them apart."""
    taken, free = await desk.settled(), new_address()
    for email in (taken, free):
        await desk.register(email, OTHER_PASSWORD)
        assert_unauthenticated(await desk.login(email, OTHER_PASSWORD))


async def test_the_owner_hears_when_somebody_registers_their_address_again(desk: Desk) -> None:
    email = await desk.settled()
    await desk.register(email.upper(), OTHER_PASSWORD)
    assert "app_link_" not in (await desk.mail(email, TAKEN)).text
    assert_unauthenticated(await desk.login(email, OTHER_PASSWORD))
    await desk.signed_in(email)


async def test_an_account_made_ahead_in_somebodys_name_opens_nothing(desk: Desk) -> None:
    """Classic pre-hijacking: the attacker registers first, the owner later verifies."""
    email, attackers = new_address(), OTHER_PASSWORD
    await desk.register(email, attackers)
    early = (await desk.mail(email, VERIFY)).token
    await desk.register(email, PASSWORD)
    late = await desk.mail(email, RESET)

    assert_link_refused(await desk.http.post("/v1/identity/verify", json={"token": early}))
    await desk.follow("/reset-password", late, password="zwölf graue Steine am Ufer")
    assert_unauthenticated(await desk.login(email, attackers))
    await desk.signed_in(email, "zwölf graue Steine am Ufer")


async def test_asking_again_after_a_contest_leads_to_choosing_a_password_too(desk: Desk) -> None:
    email = new_address()
    await desk.register(email, OTHER_PASSWORD)
    await desk.register(email, PASSWORD)
    await desk.mail(email, RESET)
    await desk.post("/request-verify-token", email=email)
    assert (await desk.mail(email, RESET)).token


async def test_sessions_from_before_the_verification_end_but_for_the_owners(lenient: Desk) -> None:
    email = new_address()
    await lenient.register(email)
    strangers, owners = await lenient.signed_in(email), await lenient.signed_in(email)
    mail = await lenient.mail(email, VERIFY)
    verified = await lenient.http.post(
        "/v1/identity/verify", json={"token": mail.token}, headers=bearer(owners)
    )
    assert verified.status_code == 204
    assert_unauthenticated(await lenient.me(strangers))
    assert (await lenient.me(owners)).json()["email_verified"] is True


async def test_what_was_planted_before_the_verification_is_gone(lenient: Desk) -> None:
    """The attacker registers, signs in and makes a key; the owner recovers the account by mail."""
    email = new_address()
    await lenient.register(email)
    access = await lenient.signed_in(email)
    made = await lenient.post(
        "/me/api-keys", token=access, name="planted", scope=["catalog.products.write"]
    )
    key = made.json()
    assert made.status_code == 201, made.text
    assert key
    token = await lenient.forgotten(email)
    reset = await lenient.post_link("/reset-password", token, password=OTHER_PASSWORD)
    assert reset.status_code == 204, reset.text
    assert_unauthenticated(await lenient.me(access))
    [row] = await lenient.rows("select count(*) from identity.api_keys where name = 'planted'")
    assert row[0] == 0


async def test_the_link_can_be_sent_again_and_nothing_is_sent_to_others(desk: Desk) -> None:
    email, unknown = new_address(), new_address()
    await desk.register(email)
    first = await desk.mail(email, VERIFY)
    answers = [await desk.post("/request-verify-token", email=one) for one in (email, unknown)]
    assert answers[0].content == answers[1].content
    again = await desk.mail(email, VERIFY)
    assert again.token != first.token
    await desk.follow("/verify", again)
    await desk.post("/request-verify-token", email=email)
    assert await desk.mailbox.nothing_for(email)
    assert await desk.mailbox.nothing_for(unknown, during=0.1)


async def test_twenty_registrations_at_once_make_one_account(desk: Desk) -> None:
    email = new_address()
    forms = [email, email.upper(), email.title(), email.replace("example", "EXAMPLE")] * 5
    answers = await asyncio.gather(
        *(desk.post("/register", email=one, password=PASSWORD) for one in forms)
    )
    assert {one.status_code for one in answers} == {202}
    [row] = await desk.rows(
        "select count(*) from identity.accounts where email_normalized = $1", email
    )
    assert row[0] == 1


async def test_the_secret_of_a_link_is_stored_nowhere(desk: Desk) -> None:
    email = new_address()
    await desk.register(email)
    token = (await desk.mail(email, VERIFY)).token
    kept = [
        str(await desk.rows(f"select * from {table}"))
        for table in ("identity.links", "platform.outbox", "audit.events")
    ]
    assert token not in "".join(kept)
    assert token.removeprefix("app_link_")[:20] not in "".join(kept)
