"""Whoever takes an account back by its former address finds nothing of the thief's in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import httpx2

from tests.identity.accounts.desk import CONFIRM, IDENTITY, MOVED, Desk, bearer, new_address
from tests.identity.second_factors.phones import code_at

KEYS, TOTP, FACTORS = (f"{IDENTITY}/me/{path}" for path in ("api-keys", "mfa/totp", "mfa"))
LONG_AGO = "now() - interval '8 days'"


@dataclass
class Theft:
    """An account with things of its owner's, and a thief with an access token of it."""

    desk: Desk
    owners: str
    access: str
    id: UUID

    @classmethod
    async def of(cls, desk: Desk) -> Theft:
        owners = await desk.settled()
        access = await desk.signed_in(owners)
        return cls(desk, owners, access, UUID((await desk.me(access)).json()["id"]))

    async def key(self) -> str:
        body = {"name": "robot", "scope": ["catalog.products.write"]}
        made = await self.desk.http.post(KEYS, json=body, headers=bearer(self.access))
        assert made.status_code == 201, made.text
        return str(made.json()["key"])

    async def app(self) -> None:
        """Protect the account by an app, and stay fresh."""
        headers = bearer(self.access)
        secret = (await self.desk.http.post(TOTP, headers=headers)).json()["secret"]
        body = {"code": code_at(secret, datetime.now(UTC))}
        shown = await self.desk.http.post(f"{TOTP}/confirm", json=body, headers=headers)
        assert shown.status_code == 200, shown.text

    async def identity(self, subject: str, when: str = "now()") -> None:
        """Link an identity, as a visit to a provider does."""
        await self.desk.rows(
            "insert into identity.federated_identities"
            " (id, version, account_id, provider, issuer, subject, linked_at, last_used_at)"
            " values (gen_random_uuid(), 1, $1, 'acme', 'https://acme.example', $2,"
            f" {when}, now())",
            self.id,
            subject,
        )

    async def passkey(self, name: str, when: str) -> None:
        """Add a passkey, as a browser does."""
        await self.desk.rows(
            "insert into identity.passkeys (id, version, account_id, name, credential_id,"
            " public_key, sign_count, transports, aaguid, backup_eligible, backed_up, added_at)"
            " values (gen_random_uuid(), 1, $1, $2::text, $2::text::bytea, '', 0, '{}',"
            f" gen_random_uuid(), false, false, {when})",
            self.id,
            name,
        )

    async def move_and_back(self) -> None:
        thiefs = new_address()
        asked = await self.desk.post("/me/email", token=self.access, email=thiefs)
        assert asked.status_code == 202, asked.text
        await self.desk.follow("/confirm-address", await self.desk.mail(thiefs, CONFIRM))
        await self.desk.follow("/undo-address-change", await self.desk.mail(self.owners, MOVED))

    async def left(self, table: str, column: str) -> list[str]:
        where = f"select {column} from identity.{table} where account_id = $1 order by 1"
        return [str(row[0]) for row in await self.desk.rows(where, self.id)]


async def with_key(desk: Desk, key: str) -> httpx2.Response:
    return await desk.http.post("/v1/catalog/products", json={}, headers=bearer(key))


async def test_every_api_key_is_refused(desk: Desk) -> None:
    theft = await Theft.of(desk)
    key = await theft.key()
    assert (await with_key(desk, key)).status_code != 401
    await theft.move_and_back()
    assert (await with_key(desk, key)).status_code == 401
    assert await theft.left("api_keys", "revoke_reason") == ["taken_back"]
    assert await desk.audited("identity.ApiKeyRevoked") == 1


async def test_what_a_thief_linked_is_unlinked_and_what_was_there_long_before_stays(
    desk: Desk,
) -> None:
    theft = await Theft.of(desk)
    await theft.identity("owner", LONG_AGO)
    await theft.identity("thief")
    await theft.move_and_back()
    assert await theft.left("federated_identities", "subject") == ["owner"]
    assert await desk.mail(theft.owners, "A way to sign in was removed")


async def test_passkeys_of_late_go_and_older_ones_still_protect(desk: Desk) -> None:
    theft = await Theft.of(desk)
    await theft.passkey("of late", "now()")
    await theft.passkey("from long ago", LONG_AGO)
    await theft.move_and_back()
    assert await theft.left("passkeys", "name") == ["from long ago"]


async def test_an_app_of_late_goes_with_its_recovery_codes(desk: Desk) -> None:
    theft = await Theft.of(desk)
    await theft.app()
    await theft.move_and_back()
    assert await theft.left("authenticators", "id") == []
    assert await theft.left("recovery_codes", "code_hash") == []


async def test_an_app_from_long_ago_still_protects_and_its_recovery_codes_are_dead(
    desk: Desk,
) -> None:
    theft = await Theft.of(desk)
    await theft.app()
    await desk.rows(f"update identity.authenticators set added_at = {LONG_AGO}")
    await theft.move_and_back()
    assert len(await theft.left("authenticators", "id")) == 1
    assert await theft.left("recovery_codes", "code_hash") == []


async def test_an_app_that_was_only_offered_is_gone(desk: Desk) -> None:
    theft = await Theft.of(desk)
    await desk.http.post(TOTP, headers=bearer(theft.access))
    await theft.move_and_back()
    assert await theft.left("authenticators", "id") == []
