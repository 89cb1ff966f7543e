"""Whoever has one factor and lacks the other."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from bootstrap.settings import PlatformSettings
from modules.identity.domain.mail import Template
from modules.identity.domain.pending_sign_in import MOST_ATTEMPTS
from shared_kernel.application import Clock
from tests.identity.second_factors.phones import (
    CONFIRM,
    FINISH,
    LOGIN,
    ME,
    STEP_UP,
    TOTP,
    Holder,
    Town,
    assert_refused,
    bearer,
    code_at,
)
from tests.kit.cluster import TestDatabase
from tests.kit.people import PASSWORD
from tests.kit.running import SECRET, client_of, running, settings_for

AT_ONCE = 20


async def sessions_of(town: Town, holder: Holder) -> int:
    counted = "select count(*) from identity.sessions where account_id = $1"
    found: int = (await town.rows(counted, holder.person.id))[0][0]
    return found


async def test_a_waiting_sign_in_takes_five_attempts_and_then_not_even_the_right_code(
    town: Town,
) -> None:
    holder = await town.holder()
    token = (await town.first_step(holder))["pending_token"]
    for _ in range(MOST_ATTEMPTS):
        assert_refused(await town.finish(token, "000000"), 403, "identity.wrong_code")
    late = await town.finish(token, town.code(holder))
    assert_refused(late, 401, "identity.pending_sign_in_refused")
    await town.post.next(Template.SECOND_FACTOR_FAILED, holder.person.email)
    other = await town.first_step(holder)
    assert (await town.finish(other["pending_token"], town.code(holder))).status_code == 200


async def test_a_thousand_guesses_at_once_are_five(town: Town) -> None:
    holder = await town.holder()
    token = (await town.first_step(holder))["pending_token"]
    guesses = [town.finish(token, f"{number:06}") for number in range(AT_ONCE)]
    answers = Counter(one.json().get("code") for one in await asyncio.gather(*guesses))
    assert answers["identity.wrong_code"] <= MOST_ATTEMPTS
    assert answers["identity.pending_sign_in_refused"] >= AT_ONCE - MOST_ATTEMPTS


async def test_of_many_who_finish_one_sign_in_at_once_one_gets_in(town: Town) -> None:
    holder = await town.holder()
    token, code = (await town.first_step(holder))["pending_token"], town.code(holder)
    before = await sessions_of(town, holder)
    answers = await asyncio.gather(*[town.finish(token, code) for _ in range(AT_ONCE)])
    assert sorted(one.status_code for one in answers)[:2] == [200, 401]
    assert {one.status_code for one in answers} == {200, 401}
    assert await sessions_of(town, holder) == before + 1


@pytest.mark.parametrize("kind", ["app", "paper"])
async def test_of_many_who_show_one_code_at_once_one_gets_in(town: Town, kind: str) -> None:
    holder = await town.holder()
    waiting = [(await town.first_step(holder))["pending_token"] for _ in range(AT_ONCE)]
    code = town.code(holder) if kind == "app" else holder.recovery_codes[0]
    before = await sessions_of(town, holder)
    answers = await asyncio.gather(*[town.finish(token, code) for token in waiting])
    assert Counter(one.status_code for one in answers) == {200: 1, 403: AT_ONCE - 1}
    assert await sessions_of(town, holder) == before + 1


async def test_a_code_that_was_seen_is_worth_nothing(town: Town) -> None:
    holder = await town.holder()
    seen = town.code(holder)
    first = (await town.first_step(holder))["pending_token"]
    assert (await town.finish(first, seen)).status_code == 200
    again = await town.finish(first, town.code(holder, steps=1))
    assert_refused(again, 401, "identity.pending_sign_in_refused")
    second = (await town.first_step(holder))["pending_token"]
    assert_refused(await town.finish(second, seen), 403, "identity.wrong_code")
    older = town.code(holder, steps=-1)
    assert_refused(await town.finish(second, older), 403, "identity.wrong_code")
    assert_refused(await holder.http.post(STEP_UP, json={"code": seen}), 403, "identity.wrong_code")


async def test_the_code_that_confirmed_an_app_signs_nobody_in(town: Town) -> None:
    person = await town.people.register()
    secret = (await person.http.post(TOTP)).json()["secret"]
    code = code_at(secret, town.clock.now())
    shown = await person.http.post(CONFIRM, json={"code": code})
    holder = Holder(person, secret, shown.json()["recovery_codes"])
    token = (await town.first_step(holder))["pending_token"]
    assert_refused(await town.finish(token, code), 403, "identity.wrong_code")


async def test_the_codes_of_one_account_open_no_other(town: Town) -> None:
    mine, theirs = await town.holder(), await town.holder()
    token = (await town.first_step(theirs))["pending_token"]
    for code in (town.code(mine), mine.recovery_codes[0]):
        assert_refused(await town.finish(token, code), 403, "identity.wrong_code")
    assert (await town.finish(token, theirs.recovery_codes[0])).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        "update identity.accounts set password_hash = 'another' where id = $1",
        "update identity.accounts set status = 'suspended' where id = $1",
        "update identity.accounts set status = 'closed', closed_at = now() where id = $1",
    ],
)
async def test_what_happens_to_the_account_ends_its_waiting_sign_ins(
    town: Town, change: str
) -> None:
    holder = await town.holder()
    token = (await town.first_step(holder))["pending_token"]
    await town.rows(change, holder.person.id)
    refused = await town.finish(token, town.code(holder))
    assert_refused(refused, 401, "identity.pending_sign_in_refused")


async def test_neither_token_nor_seed_nor_codes_are_in_the_database(town: Town) -> None:
    holder = await town.holder()
    waiting = await town.first_step(holder)
    tables = ("authenticators", "recovery_codes", "pending_sign_ins")
    kept = [str(await town.rows(f"select * from identity.{table}")) for table in tables]
    events = str(await town.rows("select * from audit.events"))
    sent = str(await town.rows("select * from platform.outbox"))
    secrets = [waiting["pending_token"], holder.secret, *holder.recovery_codes]
    for text in (*kept, events, sent):
        assert not [one for one in secrets if one in text]
        assert not [one for one in holder.recovery_codes if one.replace("-", "") in text]


async def test_seeds_open_after_the_secret_key_changed_and_are_sealed_anew(
    town: Town, database: TestDatabase, settings: PlatformSettings
) -> None:
    holder = await town.holder()
    sealed = "select sealed_seed from identity.authenticators where account_id = $1"
    before = (await town.rows(sealed, holder.person.id))[0][0]
    new = "rotated-for-tests-" + "fedcba9876543210" * 2
    both = settings_for(database, secret_keys=f"{new},{SECRET}")
    async with running(both, replace={Clock: town.clock}) as app:
        there = Town(app, town.clock, database, town.post)
        await there.sign_in(holder)
        assert (await town.rows(sealed, holder.person.id))[0][0] != before
        resealed = (await town.rows(sealed, holder.person.id))[0][0]
        await there.sign_in(holder)
        assert (await town.rows(sealed, holder.person.id))[0][0] == resealed, "sealed already"


async def test_a_seed_moved_to_another_account_opens_nothing(town: Town) -> None:
    mine, theirs = await town.holder(), await town.holder()
    await town.rows(
        "update identity.authenticators set sealed_seed = "
        "(select sealed_seed from identity.authenticators where account_id = $1)"
        " where account_id = $2",
        mine.person.id,
        theirs.person.id,
    )
    token = (await town.first_step(theirs))["pending_token"]
    answer = await town.finish(token, town.code(mine))
    assert answer.status_code == 503


async def test_a_closed_account_leaves_no_second_factor_behind(town: Town) -> None:
    holder = await town.holder()
    tokens = await town.sign_in(holder)
    await town.first_step(holder)
    body = {"password": PASSWORD}
    closed = await holder.http.request("DELETE", ME, json=body, headers=bearer(tokens))
    assert closed.status_code == 204, closed.text
    async with asyncio.timeout(10):
        while await _left(town, holder):  # noqa: ASYNC110 - another connection writes
            await asyncio.sleep(0.05)


async def _left(town: Town, holder: Holder) -> int:
    tables = ("authenticators", "recovery_codes", "pending_sign_ins")
    counts = " + ".join(
        f"(select count(*) from identity.{one} where account_id = $1)" for one in tables
    )
    found: int = (await town.rows(f"select {counts}", holder.person.id))[0][0]
    return found


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"pending_token": "app_mfa_x"},
        {"code": "123456"},
        {"pending_token": "", "code": "123456"},
        {"pending_token": "x" * 201, "code": "123456"},
        {"pending_token": "x", "code": 123456},
        {"pending_token": "x", "code": "123456", "account_id": "x"},
        {"pending_token": ["x"], "code": "123456"},
    ],
)
async def test_a_second_step_is_well_formed(town: Town, body: object) -> None:
    async with client_of(town.app) as http:
        assert_refused(await http.post(FINISH, json=body), 422, "invalid")


async def test_whether_there_is_a_second_factor_is_told_to_nobody_without_the_password(
    town: Town,
) -> None:
    holder, plain = await town.holder(), await town.people.register()
    async with client_of(town.app) as http:
        answers = [
            await http.post(LOGIN, json={"email": email, "password": "a wrong password, really"})
            for email in (holder.person.email, plain.email, "nobody@example.com")
        ]
    told = [(one.status_code, one.json()["code"], one.json()["detail"]) for one in answers]
    assert told == [told[0]] * 3
    assert told[0][:2] == (401, "identity.sign_in_refused")
