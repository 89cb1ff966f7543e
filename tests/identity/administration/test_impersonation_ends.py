"""Acting as somebody else ends with the sessions of whoever acts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx2
import pytest

from tests.identity.accounts.desk import OTHER_PASSWORD
from tests.identity.administration.clerks import IMPERSONATE, LOGIN, ME, REFRESH, USERS, WHY, clerk
from tests.kit.people import PASSWORD, People, Person
from tests.kit.running import client_of
from tests.kit.smtp import Mailbox

pytestmark = pytest.mark.usefixtures("own_roles")

SESSIONS = f"{ME}/sessions"

End = Callable[[Person, Mailbox], Awaitable[None]]


async def acting_as(people: People, actor: Person, target: Person) -> httpx2.AsyncClient:
    begun = await actor.http.post(f"{USERS}/{target.id}/impersonate", json=WHY)
    assert begun.status_code == 200, begun.text
    http = client_of(people.app)
    http.headers["authorization"] = f"Bearer {begun.json()['access_token']}"
    return http


async def signs_out(support: Person, _: Mailbox) -> None:
    assert (await support.http.post("/v1/identity/logout")).status_code == 204


async def signs_out_everywhere_else(support: Person, _: Mailbox) -> None:
    assert (await support.http.delete(SESSIONS)).status_code == 204


async def ends_one_session(support: Person, _: Mailbox) -> None:
    listed = (await support.http.get(SESSIONS)).json()["items"]
    assert (await support.http.delete(f"{SESSIONS}/{listed[0]['id']}")).status_code == 204


async def changes_their_password(support: Person, _: Mailbox) -> None:
    body = {"current_password": PASSWORD, "password": OTHER_PASSWORD}
    assert (await support.http.post(f"{ME}/password", json=body)).status_code == 204


async def resets_their_password(support: Person, mailbox: Mailbox) -> None:
    await support.http.post("/v1/identity/forgot-password", json={"email": support.email})
    mail = await mailbox.next(support.email, subject="Choose a new password")
    body = {"token": mail.token, "password": OTHER_PASSWORD}
    assert (await support.http.post("/v1/identity/reset-password", json=body)).status_code == 204


async def is_robbed(support: Person, _: Mailbox) -> None:
    """Somebody uses a refresh token that was used twice over."""
    first = {"refresh_token": support.refresh_token}
    second = (await support.http.post(REFRESH, json=first)).json()
    await support.http.post(REFRESH, json={"refresh_token": second["refresh_token"]})
    assert (await support.http.post(REFRESH, json=first)).status_code == 401


@pytest.mark.parametrize(
    "ends",
    [
        signs_out,
        signs_out_everywhere_else,
        ends_one_session,
        changes_their_password,
        resets_their_password,
        is_robbed,
    ],
)
async def test_with_the_session_of_who_acts_their_acting_ends(
    people: People, mailbox: Mailbox, ends: End
) -> None:
    support, target = await clerk(people, IMPERSONATE), await people.register()
    http = await acting_as(people, support, target)
    assert (await http.get(ME)).status_code == 200
    await ends(support, mailbox)
    assert (await http.get(ME)).status_code == 401
    await http.aclose()
    assert (await target.http.get(ME)).status_code == 200, "the owner goes on"


async def test_who_ends_acting_stays_signed_in(people: People) -> None:
    support, target = await clerk(people, IMPERSONATE), await people.register()
    one, other = [await acting_as(people, support, target) for _ in range(2)]
    assert (await one.post("/v1/identity/logout")).status_code == 204
    assert (await one.get(ME)).status_code == 401
    assert (await other.get(ME)).status_code == 200
    assert (await support.http.get(ME)).status_code == 200
    for http in (one, other):
        await http.aclose()


async def test_who_acts_ends_no_session_by_the_owners_refresh(people: People) -> None:
    support, target = await clerk(people, IMPERSONATE), await people.register()
    http = await acting_as(people, support, target)
    refreshed = await target.http.post(REFRESH, json={"refresh_token": target.refresh_token})
    assert refreshed.status_code == 200
    signed_in = await target.http.post(LOGIN, json={"email": target.email, "password": PASSWORD})
    assert signed_in.status_code == 200
    assert (await http.get(ME)).status_code == 200
    await http.aclose()
