"""Passkeys as thieves would use them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from modules.identity.domain.mail import Template
from tests.identity.passkeys.keyrings import (
    IDENTITY,
    MINE,
    SECOND,
    STEP_UP,
    Json,
    Village,
)
from tests.identity.second_factors.phones import assert_refused
from tests.kit.passkey import (
    BACKED_UP,
    ELIGIBLE,
    PRESENT,
    VERIFIED,
    SoftwarePasskey,
    b64,
    raw,
)
from tests.kit.running import client_of

BOTH = PRESENT | VERIFIED
REFUSED = (401, "identity.sign_in_refused")

WRONG: list[Json] = [
    {"origin": "http://localhost:8001"},
    {"origin": "https://localhost:8000"},
    {"origin": "http://localhost:8000.evil.example"},
    {"origin": "http://evil.localhost:8000"},
    {"origin": "null"},
    {"rp_id": "evil.example"},
    {"flags": PRESENT},
    {"flags": VERIFIED},
    {"flags": BOTH | ELIGIBLE},
    {"flags": BOTH | BACKED_UP},
    {"said": {"type": "webauthn.create"}},
    {"said": {"type": "payment.get"}},
    {"said": {"crossOrigin": True}},
    {"said": {"topOrigin": "https://evil.example"}},
    {"said": {"origin": ["http://localhost:8000"]}},
    {"said": {"challenge": b64(bytes(32))}},
    {"said": {"challenge": 7}},
    {"user_handle": bytes(32)},
    {"user_handle": None},
    {"key": ec.generate_private_key(ec.SECP256R1())},
    {"credential_id": bytes(32)},
]


def _named(wrong: Json) -> str:
    """Name a case alike in every worker: keys are drawn, and bytes are unreadable."""
    [(key, value)] = wrong.items()
    return f"{key} {value}" if isinstance(value, str | int | dict) else key


@pytest.mark.parametrize("wrong", WRONG, ids=_named)
async def test_whatever_is_wrong_is_one_refusal(village: Village, wrong: Json) -> None:
    holder = await village.holder()
    for name, value in wrong.items():
        setattr(holder.passkey, name, value)
    before = await village.audited("passkey_refused")
    answer = await village.sign_in(holder.passkey)
    assert_refused(answer, *REFUSED)
    assert answer.json()["detail"] == "the passkey was not accepted"
    assert await village.audited("passkey_refused") == before + 1


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
async def test_no_bit_may_change(village: Village, part: str) -> None:
    holder = await village.holder()
    shown = holder.passkey.get(await village.options())
    changed = bytearray(raw(shown["response"][part]))
    changed[-2] ^= 1
    shown["response"][part] = b64(bytes(changed))
    assert_refused(await village.show(shown), *REFUSED)


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
@pytest.mark.parametrize("junk", ["A", "AAAA", "e30", "W10", "bnVsbA", "_" * 1000])
async def test_junk_is_refused_like_everything_else(village: Village, part: str, junk: str) -> None:
    holder = await village.holder()
    shown = holder.passkey.get(await village.options())
    shown["response"][part] = junk
    assert_refused(await village.show(shown), *REFUSED)


async def test_an_answer_is_good_once(village: Village) -> None:
    holder = await village.holder(step=0)
    shown = holder.passkey.get(await village.options())
    answers = await asyncio.gather(*(village.show(shown) for _ in range(8)))
    assert sorted(one.status_code for one in answers) == [200] + [401] * 7
    assert_refused(await village.show(shown), *REFUSED)


async def test_a_wrong_answer_uses_the_challenge_up(village: Village) -> None:
    holder = await village.holder()
    options = await village.options()
    wrong = SoftwarePasskey(credential_id=holder.passkey.credential_id).get(options)
    assert_refused(await village.show(wrong), *REFUSED)
    assert_refused(await village.show(holder.passkey.get(options)), *REFUSED)


async def test_a_challenge_waits_five_minutes(village: Village) -> None:
    holder = await village.holder()
    options = await village.options()
    village.clock.move(timedelta(seconds=301))
    assert_refused(await village.show(holder.passkey.get(options)), *REFUSED)


async def test_a_challenge_is_for_one_purpose_and_one_person(village: Village) -> None:
    holder, other = await village.holder(), await village.holder()
    waiting = await village.first_step(holder.person)
    token = {"pending_token": waiting["pending_token"]}
    async with client_of(village.app) as http:
        second = (await http.post(f"{SECOND}/options", json=token)).json()
        step_up = (await holder.http.post(f"{STEP_UP}/options")).json()
        theirs = (await other.http.post(f"{STEP_UP}/options")).json()
        creation = (await holder.http.post(f"{MINE}/options")).json()
        for options in (second, step_up, creation):
            assert_refused(await village.show(holder.passkey.get(options)), *REFUSED)
        for options in (await village.options(), step_up):
            body = {**token, "credential": holder.passkey.get(options)}
            assert_refused(await http.post(SECOND, json=body), 403, "identity.passkey_refused")
        for options in (await village.options(), second, theirs, creation):
            body = {"credential": holder.passkey.get(options)}
            assert_refused(
                await holder.http.post(STEP_UP, json=body), 403, "identity.passkey_refused"
            )
        for options in (await village.options(), step_up, theirs):
            body = {"name": "Key", "credential": _made_by(SoftwarePasskey(), options)}
            assert_refused(await holder.http.post(MINE, json=body), 403, "identity.passkey_refused")
        mine = {**token, "credential": holder.passkey.get(second)}
        assert (await http.post(SECOND, json=mine)).status_code == 200, "all others were refused"


async def test_the_passkey_of_another_finishes_nothing(village: Village) -> None:
    holder, thief = await village.holder(), await village.holder()
    waiting = await village.first_step(holder.person)
    answer = await village.second_step(waiting["pending_token"], thief.passkey)
    assert_refused(answer, 403, "identity.passkey_refused")
    proved = await village.step_up(holder.http, thief.passkey)
    assert_refused(proved, 403, "identity.passkey_refused")
    finished = await village.second_step(waiting["pending_token"], holder.passkey)
    assert finished.status_code == 200, finished.text
    late = await _finish_again(village, waiting["pending_token"])
    assert_refused(late, 401, "identity.pending_sign_in_refused")


async def test_a_count_that_does_not_grow_tells_of_a_copy_and_its_owner(village: Village) -> None:
    holder = await village.holder()
    assert (await village.sign_in(holder.passkey)).status_code == 200
    before = holder.passkey.count
    for count in (before, before - 1, 0):
        holder.passkey.count, holder.passkey.step = count, 0
        assert_refused(await village.sign_in(holder.passkey), *REFUSED)
    told = await village.post.next(Template.PASSKEY_COPIED, holder.person.email)
    assert told.values["name"] == "Phone"
    assert await village.audited("PasskeyCopied", holder.person.id) == 3
    holder.passkey.count, holder.passkey.step = before, 1
    assert (await village.sign_in(holder.passkey)).status_code == 200


async def test_only_its_signature_makes_a_copy_known(village: Village) -> None:
    holder = await village.holder()
    kept, holder.passkey.key = holder.passkey.key, ec.generate_private_key(ec.SECP256R1())
    holder.passkey.count, holder.passkey.step = 0, 0
    assert_refused(await village.sign_in(holder.passkey), *REFUSED)
    assert await village.audited("PasskeyCopied", holder.person.id) == 0
    holder.passkey.key, holder.passkey.count, holder.passkey.step = kept, 1, 1
    assert (await village.sign_in(holder.passkey)).status_code == 200


@pytest.mark.parametrize("status", ["suspended", "closed"])
async def test_an_account_that_may_not_be_used_is_refused_like_one_unknown(
    village: Village, status: str
) -> None:
    holder = await village.holder()
    await village.rows(
        "update identity.accounts set status = $2 where id = $1", holder.person.id, status
    )
    answer = await village.sign_in(holder.passkey)
    unknown = await village.sign_in(SoftwarePasskey(user_handle=bytes(32)))
    assert_refused(answer, *REFUSED)
    members = ("type", "title", "status", "code", "detail")
    assert [answer.json()[one] for one in members] == [unknown.json()[one] for one in members]


async def test_options_say_nothing_of_anybody(village: Village) -> None:
    before = await village.options()
    await village.holder()
    after = await village.options()
    assert before.pop("challenge") != after.pop("challenge")
    assert before == after
    assert after["allowCredentials"] == []


async def test_a_closed_account_leaves_no_passkey_behind(village: Village) -> None:
    holder = await village.holder()
    body = {"password": holder.person.password}
    answer = await holder.http.request("DELETE", f"{IDENTITY}/me", json=body)
    assert answer.status_code < 300, answer.text
    await _until_none_is_kept(village)
    assert_refused(await village.sign_in(holder.passkey), *REFUSED)


async def test_whoever_takes_their_account_back_gets_it_without_the_passkeys_of_a_thief(
    village: Village,
) -> None:
    thief, email = await village.holder(), "thief@example.com"
    old = thief.person.email
    asked = await thief.http.post(f"{IDENTITY}/me/email", json={"email": email})
    assert asked.status_code == 202, asked.text
    confirm = await village.post.next(Template.CONFIRM_ADDRESS, email)
    async with client_of(village.app) as http:
        link = {"token": confirm.values["token"]}
        assert (await http.post(f"{IDENTITY}/confirm-address", json=link)).status_code == 204
        undo = await village.post.next(Template.ADDRESS_CHANGED, old)
        link = {"token": undo.values["token"]}
        assert (await http.post(f"{IDENTITY}/undo-address-change", json=link)).status_code == 204
    assert_refused(await village.sign_in(thief.passkey), *REFUSED)
    assert await village.audited("PasskeyRemoved", thief.person.id) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"credential": None},
        {"credential": {}},
        {"credential": {"id": "AA", "type": "public-key", "response": {}}},
        {"credential": {"id": "A=", "type": "public-key", "response": None}},
        {"credential": [], "user": "somebody"},
    ],
)
async def test_what_is_no_answer_of_a_browser_is_malformed(village: Village, body: Json) -> None:
    async with client_of(village.app) as http:
        answer = await http.post(f"{IDENTITY}/login/passkey", json=body)
    assert answer.status_code == 422


async def test_no_challenge_is_in_the_database(village: Village) -> None:
    challenge = raw((await village.options())["challenge"])
    kept = await village.rows("select challenge_hash, bound_to from identity.passkey_challenges")
    assert kept
    assert challenge not in [one["challenge_hash"] for one in kept]


async def test_what_is_over_is_swept_away(village: Village) -> None:
    await village.options()
    await village.rows("update identity.passkey_challenges set expires_at = now()")
    await village.options()
    [left] = await village.rows("select count(*) from identity.passkey_challenges")
    assert left[0] == 1


def _made_by(passkey: SoftwarePasskey, request: Json) -> Json:
    user, rp = {"id": b64(bytes(32))}, {"id": "localhost"}
    return passkey.create({"user": user, "rp": rp, **request})


async def _until_none_is_kept(village: Village) -> None:
    for _ in range(200):
        if not await village.rows("select 1 from identity.passkeys"):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("passkeys of a closed account are kept")


async def _finish_again(village: Village, token: str) -> Any:
    async with client_of(village.app) as http:
        return await http.post(f"{SECOND}/options", json={"pending_token": token})
