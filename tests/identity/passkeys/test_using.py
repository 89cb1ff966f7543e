"""What passkeys are good for."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest

from modules.identity.domain.mail import Template
from tests.identity.passkeys.keyrings import LOGIN_PASSKEY, ME, MFA, MINE, Village
from tests.identity.second_factors.phones import assert_refused, bearer, claims_of
from tests.kit.passkey import (
    BACKED_UP,
    ELIGIBLE,
    PRESENT,
    VERIFIED,
    EdwardsPasskey,
    RsaPasskey,
    SoftwarePasskey,
)
from tests.kit.people import PASSWORD
from tests.kit.running import client_of


async def test_a_passkey_signs_in_by_itself_and_counts_as_two_factors(village: Village) -> None:
    holder = await village.holder()
    answer = await village.sign_in(holder.passkey)
    assert answer.status_code == 200, answer.text
    assert "no-store" in answer.headers["cache-control"]
    assert claims_of(answer.json())["amr"] == ["hwk", "mfa", "user"]
    async with client_of(village.app) as http:
        me = await http.get(ME, headers=bearer(answer.json()))
    assert me.json()["id"] == str(holder.person.id)


async def test_a_passkey_is_made_for_us_found_without_a_name_and_verifies_its_user(
    village: Village,
) -> None:
    person = await village.person()
    answer = await person.http.post(f"{MINE}/options")
    assert "no-store" in answer.headers["cache-control"]
    options = answer.json()
    assert options["rp"] == {"id": "localhost", "name": "Ashlar"}
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert [one["alg"] for one in options["pubKeyCredParams"]] == [-7, -8, -257]
    assert (options["attestation"], options["timeout"]) == ("none", 300_000)
    assert len(urlsafe_b64decode(options["challenge"] + "=")) == 32
    assert options["user"]["name"] == person.email
    handle = urlsafe_b64decode(options["user"]["id"] + "=")
    assert person.email.encode() not in handle
    assert person.id.bytes not in handle
    again = (await person.http.post(f"{MINE}/options")).json()
    assert again["challenge"] != options["challenge"]
    assert again["user"]["id"] == options["user"]["id"], "one place in a keychain for an account"


async def test_a_passkey_is_added_listed_renamed_and_removed(village: Village) -> None:
    person = await village.person()
    added = await village.add(person.http, SoftwarePasskey(), "  Phone ")
    assert added.status_code == 201, added.text
    made = added.json()
    assert len(made.pop("recovery_codes")) == 10
    assert (made["name"], made["last_used_at"]) == ("Phone", None)
    assert made["transports"] == ["hybrid", "internal"]
    assert (await person.http.get(MINE)).json() == {"items": [made], "next_cursor": None}
    address = added.headers["location"]
    shown = await person.http.get(address)
    assert shown.json() == made
    missing = await person.http.patch(address, json={"name": "Old phone"})
    assert missing.status_code == 428
    renamed = await person.http.patch(
        address, json={"name": "Old phone"}, headers={"if-match": shown.headers["etag"]}
    )
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Old phone")
    stale = await person.http.delete(address)
    assert_refused(stale, 401, "insufficient_authentication")


async def test_a_passkey_that_was_removed_opens_nothing(village: Village) -> None:
    holder = await village.holder()
    [shown] = (await holder.http.get(MINE)).json()["items"]
    assert (await holder.http.delete(f"{MINE}/{shown['id']}")).status_code == 204
    assert_refused(await village.sign_in(holder.passkey), 401, "identity.sign_in_refused")
    assert (await holder.http.get(MFA)).json()["recovery_codes_left"] == 0
    async with client_of(village.app) as http:
        body = {"email": holder.person.email, "password": PASSWORD}
        assert (await http.post("/v1/identity/login", json=body)).status_code == 200


async def test_a_passkey_protects_the_account_and_finishes_its_sign_ins(village: Village) -> None:
    holder = await village.holder()
    waiting = await village.first_step(holder.person)
    assert waiting["methods"] == ["passkey", "recovery_code"]
    answer = await village.second_step(waiting["pending_token"], holder.passkey)
    assert answer.status_code == 200, answer.text
    assert claims_of(answer.json())["amr"] == ["hwk", "mfa", "pwd", "user"]
    again = await village.first_step(holder.person)
    code = {"pending_token": again["pending_token"], "code": holder.recovery_codes[0]}
    async with client_of(village.app) as http:
        assert (await http.post("/v1/identity/login/second-factor", json=code)).status_code == 200


async def test_a_passkey_makes_a_session_fresh(village: Village) -> None:
    holder = await village.holder()
    village.clock.move(timedelta(minutes=9))
    tokens = (await village.sign_in(holder.passkey)).json()
    village.clock.move(timedelta(minutes=9))
    async with client_of(village.app) as http:
        refresh = {"refresh_token": tokens["refresh_token"]}
        tokens = (await http.post("/v1/identity/refresh", json=refresh)).json()
        village.clock.move(timedelta(minutes=2))
        http.headers.update(bearer(tokens))
        assert (await http.post(f"{MINE}/options")).status_code == 401
        proved = await village.step_up(http, holder.passkey)
        assert proved.status_code == 200, proved.text
        http.headers.update(bearer(proved.json()))
        assert (await http.post(f"{MINE}/options")).status_code == 200


async def test_a_browser_gets_its_cookie(village: Village) -> None:
    holder = await village.holder()
    shown = {"credential": holder.passkey.get(await village.options())}
    async with client_of(village.app) as http:
        foreign = {"sec-fetch-site": "cross-site"}
        cookie = {"mode": "cookie"}
        stolen = await http.post(LOGIN_PASSKEY, json=shown, params=cookie, headers=foreign)
        assert stolen.status_code == 403
        ours = {"sec-fetch-site": "same-origin"}
        answer = await http.post(LOGIN_PASSKEY, json=shown, params=cookie, headers=ours)
    assert answer.status_code == 200, answer.text
    assert "__Host-session=app_ses_" in answer.headers["set-cookie"]


async def test_a_passkey_that_is_copied_by_its_owner_never_counts(village: Village) -> None:
    synced = PRESENT | VERIFIED | ELIGIBLE | BACKED_UP
    holder = await village.holder(flags=synced, step=0)
    for _ in range(2):
        answer = await village.sign_in(holder.passkey)
        assert answer.status_code == 200, answer.text
        assert claims_of(answer.json())["amr"] == ["mfa", "swk", "user"]
    [shown] = (await holder.http.get(MINE)).json()["items"]
    assert (shown["backup_eligible"], shown["backed_up"]) == (True, True)
    assert shown["last_used_at"] is not None


@pytest.mark.parametrize("kind", [EdwardsPasskey, RsaPasskey])
async def test_other_devices_have_other_algorithms(
    village: Village, kind: type[SoftwarePasskey]
) -> None:
    person, passkey = await village.person(), kind()
    assert (await village.add(person.http, passkey)).status_code == 201
    assert (await village.sign_in(passkey)).status_code == 200
    passkey.key = kind().key
    assert_refused(await village.sign_in(passkey), 401, "identity.sign_in_refused")


async def test_an_account_has_twenty_passkeys_at_most_and_no_device_twice(
    village: Village,
) -> None:
    holder = await village.holder()
    for number in range(2, 21):
        added = await village.add(holder.http, SoftwarePasskey(), f"Key {number}")
        assert added.status_code == 201, added.text
        assert added.json()["recovery_codes"] == []
    full = await holder.http.post(f"{MINE}/options")
    assert_refused(full, 409, "identity.too_many_passkeys")
    listed = (await holder.http.get(MINE)).json()["items"]
    assert len(listed) == 20
    await holder.http.delete(f"{MINE}/{listed[-1]['id']}")
    options = (await holder.http.post(f"{MINE}/options")).json()
    assert len(options["excludeCredentials"]) == 19


async def test_owners_are_told_of_passkeys_that_come_and_go(village: Village) -> None:
    holder = await village.holder()
    added = await village.post.next(Template.PASSKEY_ADDED, holder.person.email)
    assert added.values["name"] == "Phone"
    [shown] = (await holder.http.get(MINE)).json()["items"]
    await holder.http.delete(f"{MINE}/{shown['id']}")
    removed = await village.post.next(Template.PASSKEY_REMOVED, holder.person.email)
    assert removed.values["name"] == "Phone"
    for action in ("PasskeyAdded", "PasskeyRemoved"):
        assert await village.audited(action, holder.person.id) == 1


async def test_the_last_way_in_stays(village: Village) -> None:
    holder = await village.holder()
    forgotten = "update identity.accounts set password_hash = null where id = $1"
    await village.rows(forgotten, holder.person.id)
    second = await village.add(holder.http, SoftwarePasskey(), "Key")
    [first, last] = (await holder.http.get(MINE)).json()["items"]
    assert last["id"] == second.json()["id"]
    assert (await holder.http.delete(f"{MINE}/{last['id']}")).status_code == 204
    kept = await holder.http.delete(f"{MINE}/{first['id']}")
    assert_refused(kept, 409, "identity.last_way_in")
    assert (await village.sign_in(holder.passkey)).status_code == 200


async def test_whoever_registered_a_foreign_address_leaves_no_way_in(village: Village) -> None:
    person = await village.people.register()
    await village.rows(
        "update identity.accounts set email_verified_at = null where id = $1", person.id
    )
    refused = await person.http.post(f"{MINE}/options")
    assert_refused(refused, 403, "identity.address_not_verified")


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "two\nlines", 7, None])
async def test_a_name_is_a_line_of_text(village: Village, name: object) -> None:
    person = await village.person()
    options = (await person.http.post(f"{MINE}/options")).json()
    body = {"name": name, "credential": SoftwarePasskey().create(options)}
    assert (await person.http.post(MINE, json=body)).status_code == 422
