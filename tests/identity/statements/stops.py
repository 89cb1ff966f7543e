"""What is asked on the way, by subject."""

from __future__ import annotations

import json

from modules.identity.domain.mail import Template
from tests.identity.accounts.desk import OTHER_PASSWORD, new_address
from tests.identity.federation.browsers import landed
from tests.identity.second_factors.phones import STEP, bearer, code_at
from tests.identity.statements.tour import Json, Tour
from tests.identity.test_leaked_keys_http import finding, signed
from tests.kit.passkey import SoftwarePasskey
from tests.kit.people import PASSWORD, Person

WHY = {"reason": "a complaint"}
ANY = {"if-match": "*"}


async def sessions(tour: Tour) -> None:
    """Sign in, go on, look around, sign out."""
    person, nobody = await tour.person(), tour.nobody()
    body = {"email": person.email, "password": PASSWORD}
    signed_in = (await tour.ask(nobody, "POST /login", json=body)).json()
    await tour.ask(nobody, "POST /refresh", json={"refresh_token": signed_in["refresh_token"]})
    listed = (await tour.ask(person.http, "GET /me/sessions")).json()["items"]
    other = next(one["id"] for one in listed if not one["current"])
    named = {"name": "mine"}
    await tour.ask(person.http, "PATCH /me/sessions/{session_id}", other, json=named)
    await tour.ask(person.http, "DELETE /me/sessions/{session_id}", other)
    await tour.ask(person.http, "DELETE /me/sessions")
    await tour.ask(person.http, "POST /logout")


async def links(tour: Tour) -> None:
    """Do what is done by mail, and with the password."""
    nobody, email = tour.nobody(), new_address()
    post = tour.post
    new = {"email": email, "password": PASSWORD}
    await tour.ask(nobody, "POST /register", json=new)
    await tour.ask(
        nobody, "POST /register", case="again", json={"email": email, "password": PASSWORD}
    )
    await tour.ask(nobody, "POST /request-verify-token", json={"email": email})
    person = await tour.people.register()
    await tour.ask(nobody, "POST /request-verify-token", json={"email": person.email})
    mail = await post.next(Template.VERIFY_ADDRESS, person.email)
    await tour.ask(nobody, "POST /verify", json={"token": mail.values["token"]})
    await tour.ask(nobody, "POST /forgot-password", json={"email": person.email})
    mail = await post.next(Template.RESET_PASSWORD, person.email)
    reset = {"token": mail.values["token"], "password": OTHER_PASSWORD}
    await tour.ask(nobody, "POST /reset-password", json=reset)
    person = await tour.person()
    to = new_address()
    await tour.ask(person.http, "POST /me/email", json={"email": to})
    mail = await post.next(Template.CONFIRM_ADDRESS, to)
    await tour.ask(nobody, "POST /confirm-address", json={"token": mail.values["token"]})
    mail = await post.next(Template.ADDRESS_CHANGED, person.email)
    await tour.ask(nobody, "POST /undo-address-change", json={"token": mail.values["token"]})
    await me(tour)


async def me(tour: Tour) -> None:
    """Change oneself, and go."""
    person, gone = await tour.person(), await tour.person()
    await tour.ask(person.http, "GET /me")
    await tour.ask(person.http, "GET /me/export")
    tag = {"if-match": (await person.http.get("/v1/identity/me")).headers["etag"]}
    await tour.ask(person.http, "PATCH /me", json={"display_name": "Ada"}, headers=tag)
    change = {"current_password": PASSWORD, "password": OTHER_PASSWORD}
    await tour.ask(person.http, "POST /me/password", json=change)
    proof = {"password": PASSWORD}
    await tour.ask(gone.http, "POST /me/reauthenticate", json=proof)
    await tour.ask(gone.http, "POST /me/erase", json=proof)
    gone = await tour.person()
    await tour.ask(gone.http, "DELETE /me", json=proof)


async def providers(tour: Tour) -> None:
    """Sign in with a provider, link it and unlink it."""
    browser, odd = tour.browser(), tour.odd
    await tour.ask(browser.http, "GET /oauth/providers")
    for front in (False, True):
        url = await browser.leave("odd", front=front)
        odd.nonce = url.params["nonce"]
        answer = await tour.ask(
            browser.http,
            "GET /oauth/{provider}/callback",
            "odd",
            case="with a front end" if front else "",
            params={"state": url.params["state"], "code": "a-code"},
            headers=browser.headers,
        )
    body = {"code": landed(answer)["code"], "code_verifier": browser.verifier}
    await tour.ask(browser.http, "POST /oauth/exchange", json=body)
    await tour.ask(browser.http, "GET /oauth/{provider}/authorize", "odd")
    person = await tour.person()
    odd.claims["sub"] = "odd-2"
    url = await browser.leave("odd", front=True)
    odd.nonce = url.params["nonce"]
    back = {"state": url.params["state"], "code": "a-code"}
    found = landed(await browser.answer("odd", **back))
    body = {"code": found["code"], "code_verifier": browser.verifier}
    await tour.ask(person.http, "POST /me/identities", json=body)
    [linked] = (await tour.ask(person.http, "GET /me/identities")).json()["items"]
    await tour.ask(person.http, "DELETE /me/identities/{identity_id}", linked["id"])


async def keys(tour: Tour) -> None:
    """Make keys and service accounts, and lose them."""
    person = await tour.person("administrator")
    http = person.http
    body: Json = {"name": "backup", "scope": ["catalog.products.write"]}
    made = await tour.ask(http, "POST /me/api-keys", json=body)
    key, tag = made.json()["id"], {"if-match": made.headers["etag"]}
    await tour.ask(http, "GET /me/api-keys")
    tag = {"if-match": (await tour.ask(http, "GET /me/api-keys/{key_id}", key)).headers["etag"]}
    named = await tour.ask(
        http, "PATCH /me/api-keys/{key_id}", key, json={"name": "x"}, headers=tag
    )
    tag = {"if-match": named.headers["etag"]}
    await tour.ask(http, "POST /me/api-keys/{key_id}/rotate", key, json={}, headers=tag)
    await tour.ask(http, "DELETE /me/api-keys/{key_id}", key)
    leaked = (await http.post("/v1/identity/me/api-keys", json=body)).json()["key"]
    report = json.dumps([finding(leaked)]).encode()
    said = {
        "content-type": "application/json",
        "github-public-key-identifier": "one",
        "github-public-key-signature": signed(report),
    }
    await tour.ask(tour.nobody(), "POST /leaked-keys", content=report, headers=said)
    await service_accounts(tour, person)


async def service_accounts(tour: Tour, person: Person) -> None:
    """Make a service account, use it, delete it."""
    http, one = person.http, "/service-accounts/{service_account_id}"
    made = await tour.ask(http, "POST /service-accounts", json={"name": "robot"})
    id, tag = made.json()["id"], {"if-match": made.headers["etag"]}
    await tour.ask(http, "GET /service-accounts")
    await tour.ask(http, f"PATCH {one}", id, json={"description": "x"}, headers=tag)
    secret = (await tour.ask(http, f"POST {one}/secrets", id, json={})).json()
    form = {"grant_type": "client_credentials", "client_id": id, "client_secret": secret["secret"]}
    await tour.ask(tour.nobody(), "POST /oauth/token", data=form)
    await tour.ask(http, f"DELETE {one}/secrets/{{secret_id}}", id, secret["id"])
    tag = {"if-match": (await tour.ask(http, f"GET {one}", id)).headers["etag"]}
    await tour.ask(http, f"DELETE {one}", id, headers=tag)


async def factors(tour: Tour) -> None:
    """Protect an account by an app, and sign in with it."""
    person, mfa = await tour.person(), "/me/mfa"
    http = person.http
    seed = (await tour.ask(http, f"POST {mfa}/totp")).json()["secret"]
    await tour.ask(http, f"POST {mfa}/totp/confirm", json={"code": now(tour, seed)})
    await tour.ask(http, f"GET {mfa}")
    http.headers.update(await finished(tour, person, "by app", next_code(tour, seed)))
    [code, *_] = (await tour.ask(http, f"POST {mfa}/recovery-codes")).json()["recovery_codes"]
    http.headers.update(await finished(tour, person, "by recovery code", code))
    proof = {"code": next_code(tour, seed)}
    answer = await tour.ask(http, "POST /me/reauthenticate", case="by app", json=proof)
    http.headers.update(bearer(answer.json()))
    await tour.ask(http, f"DELETE {mfa}/totp")


def now(tour: Tour, seed: str) -> str:
    """Return what the app shows."""
    return code_at(seed, tour.clock.now())


def next_code(tour: Tour, seed: str) -> str:
    """Wait for the next code."""
    tour.clock.move(STEP)
    return now(tour, seed)


async def finished(tour: Tour, person: Person, case: str, code: str) -> dict[str, str]:
    """Sign in in two steps, and return the header that carries the new token."""
    proof, nobody = {"email": person.email, "password": PASSWORD}, tour.nobody()
    asked = await tour.ask(nobody, "POST /login", case="first step", json=proof)
    body = {"pending_token": asked.json()["pending_token"], "code": code}
    answer = await tour.ask(nobody, "POST /login/second-factor", case=case, json=body)
    return bearer(answer.json())


async def passkeys(tour: Tour) -> None:
    """Open an account by a passkey."""
    person, nobody, key = await tour.person(), tour.nobody(), SoftwarePasskey()
    http = person.http
    options = (await tour.ask(http, "POST /me/passkeys/options")).json()
    body = {"name": "Phone", "credential": key.create(options)}
    made = await tour.ask(http, "POST /me/passkeys", json=body)
    options = (await tour.ask(nobody, "POST /login/passkey/options")).json()
    answer = await tour.ask(nobody, "POST /login/passkey", json={"credential": key.get(options)})
    http.headers.update(bearer(answer.json()))
    proof = {"email": person.email, "password": PASSWORD}
    asked = (await tour.ask(nobody, "POST /login", case="first step", json=proof)).json()
    waiting = {"pending_token": asked["pending_token"]}
    step = "POST /login/second-factor/passkey"
    options = (await tour.ask(nobody, f"{step}/options", json=waiting)).json()
    await tour.ask(nobody, step, json={**waiting, "credential": key.get(options)})
    step = "POST /me/reauthenticate/passkey"
    options = (await tour.ask(http, f"{step}/options")).json()
    answer = await tour.ask(http, step, json={"credential": key.get(options)})
    http.headers.update(bearer(answer.json()))
    id, mine = made.json()["id"], "/me/passkeys/{passkey_id}"
    await tour.ask(http, "GET /me/passkeys")
    tag = {"if-match": (await tour.ask(http, f"GET {mine}", id)).headers["etag"]}
    await tour.ask(http, f"PATCH {mine}", id, json={"name": "Key"}, headers=tag)
    await tour.ask(http, f"DELETE {mine}", id)


async def administration(tour: Tour) -> None:
    """Administer somebody."""
    admin, person = await tour.person("administrator"), await tour.person()
    http, user, id = admin.http, "/users/{user_id}", person.id
    await tour.ask(http, "GET /users")
    tag = {"if-match": (await tour.ask(http, f"GET {user}", id)).headers["etag"]}
    await tour.ask(http, f"PATCH {user}", id, json={"display_name": "Ada"}, headers=tag)
    await tour.ask(http, f"POST {user}/impersonate", id, json=WHY)
    await tour.ask(http, f"GET {user}/sign-ins", id)
    listed = (await tour.ask(http, f"GET {user}/sessions", id)).json()["items"]
    await tour.ask(http, f"DELETE {user}/sessions/{{session_id}}", id, listed[0]["id"])
    await tour.ask(http, f"DELETE {user}/sessions", id)
    await tour.ask(http, f"POST {user}/suspend", id, json=WHY)
    await tour.ask(http, f"POST {user}/restore", id, json=WHY)
    await tour.ask(http, f"POST {user}/reset-password", id, json={"end_sessions": True})
    await tour.ask(http, f"POST {user}/require-verification", id)
    await tour.rows(
        "insert into identity.recovery_codes (account_id, code_hash) values ($1, $2)", id, b"x" * 32
    )
    await tour.ask(http, f"POST {user}/remove-second-factors", id, json=WHY)
    tag = {"if-match": (await tour.ask(http, f"GET {user}", id)).headers["etag"]}
    await tour.ask(http, f"DELETE {user}", id, headers=tag)
