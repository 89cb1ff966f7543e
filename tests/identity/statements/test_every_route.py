"""Each route of identity asks the database a few times, and a fixed number of times."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bootstrap.routes import Routes
from tests.identity.statements.stops import (
    administration,
    factors,
    keys,
    links,
    passkeys,
    providers,
    sessions,
)
from tests.identity.statements.tour import IDENTITY, Tour

pytestmark = pytest.mark.xdist_group("providers")

MOST = 5

# It asks every module for all it knows of somebody: one question for each of their tables.
OF_ALL_MODULES = {"GET /me/export"}

# What takes more: it ends what an account holds, in many tables; or several proofs are used up,
# each in a transaction that stays whatever follows; or what was changed is read again to be shown.
MORE: Mapping[str, int] = {
    "POST /undo-address-change": 14,
    "POST /login/second-factor/passkey": 11,
    "POST /me/erase": 11,
    "DELETE /users/{user_id}": 6,
    "DELETE /me": 10,
    "DELETE /me/passkeys/{passkey_id}": 9,
    "POST /me/passkeys": 9,
    "POST /me/password": 9,
    "POST /me/reauthenticate/passkey": 9,
    "POST /users/{user_id}/remove-second-factors": 9,
    "POST /verify": 9,
    "DELETE /me/mfa/totp": 8,
    "POST /login/passkey": 8,
    "GET /oauth/{provider}/callback": 7,
    "POST /confirm-address": 7,
    "POST /login/second-factor by recovery code": 7,
    "POST /reset-password": 7,
    "PATCH /service-accounts/{service_account_id}": 6,
    "POST /me/identities": 6,
    "POST /me/mfa/totp/confirm": 6,
    "POST /me/reauthenticate": 6,
    "POST /service-accounts/{service_account_id}/secrets": 6,
    "POST /users/{user_id}/suspend": 7,
}


async def test_no_route_asks_for_more_than_it_may(tour: Tour) -> None:
    for stop in (sessions, links, providers, keys, factors, passkeys, administration):
        await stop(tour)
    assert {" ".join(one.split(" ")[:2]) for one in tour.seen} == served(tour)
    counted = {route: len(work) for route, work in tour.seen.items() if route not in OF_ALL_MODULES}
    more = {route: number for route, number in counted.items() if number > MOST}
    assert more == MORE, more


def served(tour: Tour) -> set[str]:
    """Return every route of identity."""
    routes: Routes = tour.app.state.routes
    return {
        f"{method} {str(context.path).removeprefix(IDENTITY)}"
        for context, _ in routes.guarded
        for method in context.methods or ()
        if str(context.path).startswith(f"{IDENTITY}/") and method != "HEAD"
    }
