"""Who gets through to a route, by what it declares and by how the caller proved who they are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from bootstrap.api import answer_problem
from shared_kernel.adapters.http import (
    CurrentCaller,
    Gate,
    MaybeCaller,
    Router,
    freshly_signed_in,
    in_person,
    public,
    requires,
    signed_in,
)
from shared_kernel.application import Caller, Command, Credentials, Means
from shared_kernel.application.conditions import FALSE, TRUE, Condition, Facts
from shared_kernel.domain import (
    AccountId,
    DomainError,
    Forbidden,
    Permission,
    Unauthenticated,
    new_id,
)
from tests.kit.identity import NOON, MovableClock

WRITE = Permission("things.write", "Change things.")
GUARDED = Permission("things.guarded", "What a role gives only with a second factor.")
TEN_MINUTES, SECOND = timedelta(minutes=10), timedelta(seconds=1)

router = Router(tags=["things"])


class Change(Command):
    """A body."""

    size: int


@router.get("/public")
@public
async def read(caller: MaybeCaller) -> dict[str, bool]:
    return {"known": caller is not None}


@router.get("/mine")
@signed_in
async def mine(caller: CurrentCaller) -> dict[str, str]:
    return {"id": str(caller.id)}


@router.post("/mine")
@freshly_signed_in
async def change_mine(body: Change) -> dict[str, int]:
    return {"size": body.size}


@router.put("/mine")
@in_person
async def name_mine() -> dict[str, str]:
    return {}


@router.delete("/mine")
@freshly_signed_in
async def delete_mine() -> dict[str, str]:
    return {}


@router.get("/written")
@requires(WRITE)
async def write() -> dict[str, str]:
    return {}


@router.get("/written/freshly")
@requires(WRITE, fresh=True)
async def write_freshly() -> dict[str, str]:
    return {}


@router.get("/guarded")
@requires(GUARDED)
async def guarded() -> dict[str, str]:
    return {}


@router.get("/guarded/freshly")
@requires(GUARDED, fresh=True)
async def guarded_freshly() -> dict[str, str]:
    return {}


@dataclass
class Known:
    """Callers by the word they send, and what they may do."""

    callers: Mapping[str, Caller] = field(default_factory=dict[str, Caller])

    async def identify(self, credentials: Credentials) -> Caller | None:
        word = (credentials.authorization or credentials.cookie or "").removeprefix("Bearer ")
        if not word:
            return None
        if word not in self.callers:
            raise Unauthenticated("the token is not valid")
        return self.callers[word]

    def permits(self, caller: Caller, permission: str) -> bool:
        if caller.scope is not None and permission not in caller.scope:
            return False
        return permission == WRITE.name or "mfa" in caller.methods

    def could_permit(self, caller: Caller, permission: str) -> bool:
        return self.permits(caller, permission)

    def allows(self, caller: Caller | None, permission: str, facts: Facts) -> bool:
        return caller is not None and self.permits(caller, permission)

    def condition(self, caller: Caller | None, permission: str, known: Facts) -> Condition:
        return TRUE if self.allows(caller, permission, known) else FALSE


@dataclass
class Refused:
    """Who was refused what, by the id they were told."""

    callers: dict[str, Caller | None] = field(default_factory=dict[str, "Caller | None"])

    async def record(self, refusal: Forbidden, caller: Caller | None) -> None:
        self.callers[str(refusal.decision_id)] = caller


ADA = Caller(AccountId(new_id()), new_id(), authenticated_at=NOON, methods=frozenset({"pwd"}))
CALLERS = {
    "ada": ADA,
    "ada-with-two-factors": replace(ADA, methods=frozenset({"pwd", "otp", "mfa"})),
    "ada-in-a-browser": replace(ADA, means=Means.COOKIE),
    "support-as-ada": replace(ADA, impersonator_id=AccountId(new_id())),
    "key-of-ada": Caller(ADA.id, new_id(), means=Means.KEY),
    "narrow-key-of-ada": Caller(ADA.id, new_id(), means=Means.KEY, scope=frozenset({"x"})),
    "nobody-proved-it": replace(ADA, authenticated_at=None),
}


@dataclass
class House:
    """One application, its clock and whom it refused."""

    http: httpx2.AsyncClient
    clock: MovableClock
    refused: Refused

    async def ask(self, who: str | None, path: str, method: str = "GET") -> httpx2.Response:
        headers = {"authorization": f"Bearer {who}"} if who else {}
        return await self.http.request(method, path, headers=headers)


@pytest_asyncio.fixture
async def house() -> AsyncIterator[House]:
    app, clock, refused, known = FastAPI(), MovableClock(), Refused(), Known(CALLERS)
    app.state.gate = Gate(callers=known, authorizer=known, clock=clock)
    app.state.refusals = refused
    app.include_router(router)
    for kind in (DomainError, RequestValidationError):
        app.add_exception_handler(kind, answer_problem)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://things.test") as http:
        yield House(http, clock, refused)


def challenge(answer: httpx2.Response) -> str:
    """Return how a caller is told to step up."""
    assert answer.status_code == 401, answer.text
    assert answer.json()["code"] == "insufficient_authentication"
    return answer.headers["www-authenticate"]


PATHS = [
    ("GET", "/mine"),
    ("POST", "/mine"),
    ("PUT", "/mine"),
    ("DELETE", "/mine"),
    ("GET", "/written"),
    ("GET", "/written/freshly"),
    ("GET", "/guarded"),
    ("GET", "/guarded/freshly"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_nobody_gets_in_without_saying_who_they_are(
    house: House, method: str, path: str
) -> None:
    for who in (None, "a stranger"):
        answer = await house.ask(who, path, method)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_public_route_serves_everybody_and_knows_who_says_so(house: House) -> None:
    assert (await house.ask(None, "/public")).json() == {"known": False}
    assert (await house.ask("ada", "/public")).json() == {"known": True}


@pytest.mark.parametrize("path", ["/mine", "/written/freshly"])
@pytest.mark.parametrize("who", ["ada", "ada-with-two-factors"])
async def test_a_proof_is_fresh_for_ten_minutes(house: House, who: str, path: str) -> None:
    method = "DELETE" if path == "/mine" else "GET"
    house.clock.move(TEN_MINUTES)
    assert (await house.ask(who, path, method)).status_code == 200
    house.clock.move(SECOND)
    told = challenge(await house.ask(who, path, method))
    assert told == (
        'Bearer error="insufficient_user_authentication", '
        'error_description="prove who you are once more", max_age="600"'
    )


async def test_what_is_not_sensitive_takes_an_old_proof(house: House) -> None:
    house.clock.move(timedelta(days=20))
    assert (await house.ask("ada", "/mine")).status_code == 200
    assert (await house.ask("ada", "/written")).status_code == 200


async def test_who_never_proved_anything_is_never_fresh(house: House) -> None:
    assert 'max_age="600"' in challenge(await house.ask("nobody-proved-it", "/mine", "DELETE"))
    assert (await house.ask("nobody-proved-it", "/mine")).status_code == 200


async def test_a_stale_caller_is_refused_before_the_body_is_read(house: House) -> None:
    house.clock.move(TEN_MINUTES + SECOND)
    body, headers = "this is no JSON", {"authorization": "Bearer ada"}
    assert "max_age" in challenge(await house.http.post("/mine", content=body, headers=headers))


@pytest.mark.parametrize("who", ["key-of-ada", "narrow-key-of-ada"])
async def test_api_keys_are_kept_out_of_what_serves_people(house: House, who: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        answer = await house.ask(who, "/mine", method)
        assert (answer.status_code, answer.json()["code"]) == (403, "api_key_not_accepted")
        assert "www-authenticate" not in answer.headers


async def test_api_keys_do_what_they_are_made_for_and_nothing_that_wants_a_person(
    house: House,
) -> None:
    assert (await house.ask("key-of-ada", "/written")).status_code == 200
    for who, path, code in (
        ("narrow-key-of-ada", "/written", "permission_denied"),
        ("key-of-ada", "/written/freshly", "api_key_not_accepted"),
        ("key-of-ada", "/guarded", "permission_denied"),
        ("key-of-ada", "/guarded/freshly", "api_key_not_accepted"),
    ):
        refused = await house.ask(who, path)
        assert (refused.status_code, refused.json()["code"]) == (403, code)
        assert "www-authenticate" not in refused.headers, "it cannot step up"


async def test_whoever_acts_as_somebody_else_does_nothing_sensitive(house: House) -> None:
    assert (await house.ask("support-as-ada", "/mine")).status_code == 200
    assert (await house.ask("support-as-ada", "/written")).status_code == 200
    for method, path in (("DELETE", "/mine"), ("POST", "/mine"), ("GET", "/written/freshly")):
        answer = await house.ask("support-as-ada", path, method)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_while_impersonating")
    guarded = await house.ask("support-as-ada", "/guarded")
    assert (guarded.status_code, guarded.json()["code"]) == (403, "permission_denied")


async def test_a_permission_that_wants_a_second_factor_says_so(house: House) -> None:
    told = challenge(await house.ask("ada", "/guarded"))
    assert told == (
        'Bearer error="insufficient_user_authentication", '
        'error_description="this needs a second factor", acr_values="mfa"'
    )
    assert house.refused.callers == {}, "nobody was denied what they hold"
    assert (await house.ask("ada-with-two-factors", "/guarded")).status_code == 200
    house.clock.move(TEN_MINUTES + SECOND)
    assert (await house.ask("ada-with-two-factors", "/guarded")).status_code == 200
    assert 'max_age="600"' in challenge(await house.ask("ada-with-two-factors", "/guarded/freshly"))


async def test_a_permission_that_is_missing_is_refused_and_that_is_kept(house: House) -> None:
    answer = await house.ask("narrow-key-of-ada", "/guarded")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    narrow = CALLERS["narrow-key-of-ada"]
    assert house.refused.callers == {answer.json()["decision_id"]: narrow}


async def test_what_is_done_in_person_wants_no_fresh_proof_and_nobody_else(house: House) -> None:
    house.clock.move(TEN_MINUTES + SECOND)
    for who, status in (("ada", 200), ("support-as-ada", 403), ("key-of-ada", 403)):
        answer = await house.ask(who, "/mine", "PUT")
        assert answer.status_code == status, (who, answer.text)
