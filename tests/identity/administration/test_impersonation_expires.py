"""Acting as somebody ends by itself, after ten minutes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.identity.administration.clerks import ME, REFRESH, USERS, WHY
from tests.identity.second_factors.phones import bearer
from tests.identity.timed import Place, Site, database, settings, site
from tests.kit.cluster import TestDatabase
from tests.kit.running import client_of

__all__ = ["database", "settings", "site"]

LASTS, SECOND = timedelta(minutes=10), timedelta(seconds=1)


@pytest.fixture
def place(site: Site, database: TestDatabase, clean: None) -> Place:
    app, clock, post = site
    return Place(app, clock, database, post)


async def test_after_ten_minutes_nobody_acts_as_the_user_any_more(place: Place) -> None:
    admin, user = await place.people.register("administrator"), await place.people.register()
    begun = await admin.http.post(f"{USERS}/{user.id}/impersonate", json=WHY)
    assert begun.json()["expires_in"] == LASTS.total_seconds()
    assert "refresh_token" not in begun.json(), "nothing prolongs it"
    renewed = await admin.http.post(REFRESH, json={"refresh_token": admin.refresh_token})
    async with client_of(place.app, headers=bearer(begun.json())) as acting:
        place.clock.move(LASTS - SECOND)
        assert (await acting.get(ME)).json()["impersonated_by"] == str(admin.id)
        place.clock.move(SECOND)
        assert (await acting.get(ME)).status_code == 401
    body = {"refresh_token": renewed.json()["refresh_token"]}
    admin.http.headers.update(bearer((await admin.http.post(REFRESH, json=body)).json()))
    listed = (await admin.http.get(f"{USERS}/{user.id}/sessions")).json()["items"]
    assert [one["impersonator_id"] for one in listed] == [None], "the user's own goes on"
    await place.people.close()
