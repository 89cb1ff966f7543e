"""Passkeys that should not be added, and sessions that should not add any."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.identity.passkeys.keyrings import MINE, Json, Village
from tests.identity.second_factors.phones import assert_refused
from tests.kit.passkey import BACKED_UP, PRESENT, VERIFIED, SoftwarePasskey, b64
from tests.kit.running import client_of

ELSEWHERE: list[Json] = [
    {"origin": "http://localhost:8001"},
    {"origin": "https://localhost:8000"},
    {"origin": "http://localhost:8000.evil.example"},
    {"rp_id": "evil.example"},
    {"flags": PRESENT},
    {"flags": VERIFIED},
    {"flags": PRESENT | VERIFIED | BACKED_UP},
    {"said": {"type": "webauthn.get"}},
    {"said": {"crossOrigin": True}},
]


def _named(wrong: Json) -> str:
    [(key, value)] = wrong.items()
    return f"{key} {value}"


async def test_a_passkey_opens_one_account(village: Village) -> None:
    holder, other = await village.holder(), await village.person()
    again = await village.add(other.http, holder.passkey)
    assert_refused(again, 409, "identity.passkey_taken")
    holder.passkey.user_handle = None
    shown = (await holder.http.get(MINE)).json()["items"]
    foreign = await other.http.get(f"{MINE}/{shown[0]['id']}")
    assert_refused(foreign, 404, "identity.passkey_unknown")
    stolen = await other.http.delete(f"{MINE}/{shown[0]['id']}")
    assert_refused(stolen, 404, "identity.passkey_unknown")


async def test_a_stolen_session_without_the_factor_adds_and_removes_none(village: Village) -> None:
    person = await village.person()
    stolen = dict(person.http.headers)
    added = await village.add(person.http, SoftwarePasskey())
    assert added.status_code == 201
    async with client_of(village.app) as http:
        http.headers["authorization"] = stolen["authorization"]
        for answer in (
            await http.post(f"{MINE}/options"),
            await http.delete(f"{MINE}/{added.json()['id']}"),
        ):
            assert_refused(answer, 401, "insufficient_authentication")
            assert "insufficient_user_authentication" in answer.headers["www-authenticate"]


@pytest.mark.parametrize("kind", ["other_curve", "short_rsa", "off_the_curve", "other_algorithm"])
async def test_a_key_that_is_no_good_is_not_kept(village: Village, kind: str) -> None:
    person = await village.person()
    options = (await person.http.post(f"{MINE}/options")).json()
    made = _WithKey(cose=_bad_key(kind)).create(options)
    answer = await person.http.post(MINE, json={"name": "Key", "credential": made})
    assert_refused(answer, 403, "identity.passkey_refused")


@pytest.mark.parametrize("wrong", ELSEWHERE, ids=_named)
async def test_a_passkey_made_elsewhere_or_for_nobody_is_not_kept(
    village: Village, wrong: Json
) -> None:
    person = await village.person()
    options = (await person.http.post(f"{MINE}/options")).json()
    body = {"name": "Key", "credential": SoftwarePasskey(**wrong).create(options)}
    assert_refused(await person.http.post(MINE, json=body), 403, "identity.passkey_refused")
    assert (await person.http.get(MINE)).json()["items"] == []


async def test_an_id_that_is_not_the_one_attested_is_refused(village: Village) -> None:
    person = await village.person()
    options = (await person.http.post(f"{MINE}/options")).json()
    made = SoftwarePasskey().create(options)
    made["id"] = made["rawId"] = b64(bytes(32))
    answer = await person.http.post(MINE, json={"name": "Key", "credential": made})
    assert_refused(answer, 403, "identity.passkey_refused")


class _WithKey(SoftwarePasskey):
    """A passkey that says it has another key."""

    def __init__(self, cose: dict[int, Any]) -> None:
        super().__init__()
        self.cose = cose

    def public_key(self) -> bytes:
        return cbor2.dumps(self.cose)


def _bad_key(kind: str) -> dict[int, Any]:
    if kind == "short_rsa":
        weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 - it is to be refused
        numbers = weak.public_key().public_numbers()
        return {1: 3, 3: -257, -1: numbers.n.to_bytes(128, "big"), -2: b"\1\0\1"}
    if kind == "other_curve":
        point = ec.generate_private_key(ec.SECP384R1()).public_key().public_numbers()
        x, y = point.x.to_bytes(48, "big"), point.y.to_bytes(48, "big")
        return {1: 2, 3: -7, -1: 2, -2: x, -3: y}
    good: dict[int, Any] = cbor2.loads(SoftwarePasskey().public_key())
    return {**good, 3: -8} if kind == "other_algorithm" else {**good, -2: bytes(31) + b"\1"}
