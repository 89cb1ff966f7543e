"""Signing in with two factors."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from modules.identity.application.admission import SecondFactorNeeded
from modules.identity.application.federated import IdentityService, SignInWithProof
from modules.identity.domain.federated import Proof
from modules.identity.domain.mail import Template
from modules.identity.domain.session import Device
from shared_kernel.application import Caller
from shared_kernel.module import Services
from tests.identity.second_factors.phones import (
    CODES,
    CONFIRM,
    FINISH,
    LOGIN,
    ME,
    MFA,
    REFRESH,
    TOTP,
    Town,
    assert_refused,
    bearer,
    claims_of,
    code_at,
)
from tests.kit.people import PASSWORD
from tests.kit.running import client_of


async def test_an_app_is_set_up_by_address_by_picture_and_by_typing(town: Town) -> None:
    person = await town.people.register()
    answer = await person.http.post(TOTP)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["cache-control"]
    shown = answer.json()
    uri: str = shown["uri"]
    address = urlsplit(uri)
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert unquote(address.path) == f"/Ashlar:{person.email}"
    asked = {name: value[0] for name, value in parse_qs(address.query).items()}
    assert asked == {
        "secret": shown["secret"],
        "issuer": "Ashlar",
        "algorithm": "SHA1",
        "digits": "6",
        "period": "30",
    }
    assert len(shown["secret"]) == 32, "160 bits"
    assert shown["qr_svg"].startswith('<svg xmlns="http://www.w3.org/2000/svg"')


async def test_nothing_is_protected_before_a_code_confirms_the_app(town: Town) -> None:
    person = await town.people.register()
    first = (await person.http.post(TOTP)).json()["secret"]
    second = (await person.http.post(TOTP)).json()["secret"]
    assert first != second
    body = {"email": person.email, "password": PASSWORD}
    async with client_of(town.app) as http:
        assert (await http.post(LOGIN, json=body)).status_code == 200
    old = await person.http.post(CONFIRM, json={"code": code_at(first, town.clock.now())})
    assert_refused(old, 403, "identity.wrong_code")
    assert (await person.http.get(MFA)).json() == {"totp": None, "recovery_codes_left": 0}
    new = await person.http.post(CONFIRM, json={"code": code_at(second, town.clock.now())})
    assert new.status_code == 200
    shown = (await person.http.get(MFA)).json()
    assert shown["totp"]["confirmed_at"] is not None
    assert shown["recovery_codes_left"] == 10
    again = await person.http.post(CONFIRM, json={"code": code_at(second, town.clock.now())})
    assert again.status_code == 401, "now the second factor has to be proved for changes"


async def test_the_password_alone_starts_no_session(town: Town) -> None:
    holder = await town.holder()
    waiting = await town.first_step(holder)
    assert waiting["status"] == "second_factor_required"
    assert waiting["methods"] == ["otp", "recovery_code"]
    assert waiting["expires_in"] == 600
    assert waiting["pending_token"].startswith("app_mfa_")
    assert set(waiting) == {"status", "pending_token", "methods", "expires_in"}
    open_still = "select count(*) from identity.sessions where account_id = $1"
    assert (await town.rows(open_still, holder.person.id))[0][0] == 1, "that of registering"
    answer = await town.finish(waiting["pending_token"], town.code(holder))
    assert answer.status_code == 200, answer.text
    assert claims_of(answer.json())["amr"] == ["mfa", "otp", "pwd"]
    async with client_of(town.app) as http:
        me = await http.get(ME, headers=bearer(answer.json()))
        assert me.json()["id"] == str(holder.person.id)
        refreshed = await http.post(REFRESH, json={"refresh_token": answer.json()["refresh_token"]})
    assert claims_of(refreshed.json())["amr"] == ["mfa", "otp", "pwd"]


async def test_a_browser_gets_its_cookie_at_the_end_and_not_before(town: Town) -> None:
    holder = await town.holder()
    body = {"email": holder.person.email, "password": PASSWORD}
    ours = {"sec-fetch-site": "same-origin"}
    async with client_of(town.app, headers=ours) as http:
        first = await http.post(LOGIN, params={"mode": "cookie"}, json=body)
        assert first.status_code == 202
        assert "set-cookie" not in first.headers
        proof = {"pending_token": first.json()["pending_token"], "code": town.code(holder)}
        foreign = {"sec-fetch-site": "cross-site"}
        stolen = await http.post(FINISH, params={"mode": "cookie"}, json=proof, headers=foreign)
        assert stolen.status_code == 403
        second = await http.post(FINISH, params={"mode": "cookie"}, json=proof)
    assert second.json() == {"status": "signed_in", "expires_in": 30 * 86_400}
    assert "__Host-session=app_ses_" in second.headers["set-cookie"]


async def test_a_recovery_code_opens_once_and_its_owner_is_told(town: Town) -> None:
    holder = await town.holder()
    code = holder.recovery_codes[3]
    assert len(set(holder.recovery_codes)) == 10
    assert [len(part) for part in code.split("-")] == [4, 4, 4, 4]
    typed = code.upper().replace("-", " ")
    first = await town.finish((await town.first_step(holder))["pending_token"], typed)
    assert first.status_code == 200, first.text
    assert claims_of(first.json())["amr"] == ["mfa", "otp", "pwd"]
    assert (await holder.http.get(MFA)).json()["recovery_codes_left"] == 9
    again = await town.finish((await town.first_step(holder))["pending_token"], code)
    assert_refused(again, 403, "identity.wrong_code")
    mail = await town.post.next(Template.RECOVERY_CODE_USED, holder.person.email)
    assert mail.values["left"] == "9"


async def test_new_recovery_codes_end_the_old_ones(town: Town) -> None:
    holder = await town.holder()
    tokens = await town.sign_in(holder)
    renewed = await holder.http.post(CODES, headers=bearer(tokens))
    assert renewed.status_code == 200, renewed.text
    assert "no-store" in renewed.headers["cache-control"]
    codes = renewed.json()["recovery_codes"]
    assert len(codes) == 10
    assert not set(codes) & set(holder.recovery_codes)
    waiting = await town.first_step(holder)
    old = await town.finish(waiting["pending_token"], holder.recovery_codes[0])
    assert_refused(old, 403, "identity.wrong_code")
    assert (await town.finish(waiting["pending_token"], codes[0])).status_code == 200


async def test_without_its_app_the_account_is_as_it_was(town: Town) -> None:
    holder = await town.holder()
    tokens = await town.sign_in(holder)
    waiting = await town.first_step(holder)
    assert (await holder.http.delete(TOTP, headers=bearer(tokens))).status_code == 204
    assert (await holder.http.get(MFA)).json() == {"totp": None, "recovery_codes_left": 0}
    late = await town.finish(waiting["pending_token"], holder.recovery_codes[0])
    assert_refused(late, 401, "identity.pending_sign_in_refused")
    async with client_of(town.app) as http:
        body = {"email": holder.person.email, "password": PASSWORD}
        assert (await http.post(LOGIN, json=body)).status_code == 200
        refreshed = await http.post(REFRESH, json={"refresh_token": tokens["refresh_token"]})
    assert "mfa" not in claims_of(refreshed.json())["amr"]
    gone = await holder.http.delete(TOTP)
    assert_refused(gone, 404, "identity.no_authenticator")


@pytest.mark.parametrize("skew", [-1, 0, 1])
async def test_clocks_may_differ_by_a_step(town: Town, skew: int) -> None:
    holder = await town.holder()
    town.wait()
    waiting = await town.first_step(holder)
    answer = await town.finish(waiting["pending_token"], town.code(holder, steps=skew))
    assert answer.status_code == 200


@pytest.mark.parametrize("skew", [-3, -2, 2, 3])
async def test_codes_of_other_steps_are_worth_nothing(town: Town, skew: int) -> None:
    holder = await town.holder()
    town.wait(120)
    waiting = await town.first_step(holder)
    answer = await town.finish(waiting["pending_token"], town.code(holder, steps=skew))
    assert_refused(answer, 403, "identity.wrong_code")


async def test_a_sign_in_waits_ten_minutes_and_no_longer(town: Town) -> None:
    holder = await town.holder()
    waiting = await town.first_step(holder)
    town.clock.move(timedelta(minutes=10))
    late = await town.finish(waiting["pending_token"], town.code(holder))
    assert_refused(late, 401, "identity.pending_sign_in_refused")
    assert late.headers["www-authenticate"].startswith("Bearer")


async def test_every_step_is_in_the_audit_log(town: Town) -> None:
    holder = await town.holder()
    waiting = await town.first_step(holder)
    await town.finish(waiting["pending_token"], "000000")
    await town.finish(waiting["pending_token"], town.code(holder))
    actions = await town.actions(holder)
    assert actions[-3:] == [
        "identity.second_factor_asked",
        "identity.second_factor_failed",
        "identity.signed_in",
    ]
    assert "identity.SecondFactorAdded" in actions or "identity.second_factor_added" in actions


async def test_a_provider_s_word_is_one_factor_as_well(town: Town) -> None:
    holder = await town.holder()
    proof = Proof(provider="acme", issuer="https://id.acme.example", subject=str(holder.person.id))
    verified = "update identity.accounts set email_verified_at = now() where id = $1"
    await town.rows(verified, holder.person.id)
    session = "select id from identity.sessions where account_id = $1 and ended_at is null"
    caller = Caller(holder.person.id, (await town.rows(session, holder.person.id))[0]["id"])
    services: Services = town.app.state.services
    await services.get(IdentityService).link(caller, proof)
    admitted = await services.get(SignInWithProof)(proof, Device())
    assert isinstance(admitted, SecondFactorNeeded)
    answer = await town.finish(admitted.pending_token, town.code(holder))
    assert claims_of(answer.json())["amr"] == ["fed", "mfa", "otp"]
