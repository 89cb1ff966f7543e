"""Ceremonies whose library is loaded when the first of them begins: most processes see none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from modules.identity.adapters.passkeys.party import RelyingParty
from modules.identity.domain.account import Account
from modules.identity.domain.passkey import Assertion, NewCredential, Passkey
from modules.identity.ports.passkeys import Ceremonies, MadeCredential, ShownCredential


class CeremoniesOnFirstUse:
    """Does what `WebAuthnCeremonies` does."""

    def __init__(self, party: RelyingParty) -> None:
        self._party = party

    def draw(self) -> bytes:
        return self._loaded.draw()

    def creation(
        self, account: Account, challenge: bytes, known: Sequence[Passkey]
    ) -> Mapping[str, object]:
        return self._loaded.creation(account, challenge, known)

    def request(self, challenge: bytes, allowed: Sequence[Passkey]) -> Mapping[str, object]:
        return self._loaded.request(challenge, allowed)

    def challenge_in(self, client_data: str) -> bytes:
        return self._loaded.challenge_in(client_data)

    def credential_id(self, shown: ShownCredential) -> bytes:
        return self._loaded.credential_id(shown)

    def verify_made(self, made: MadeCredential, challenge: bytes) -> NewCredential:
        return self._loaded.verify_made(made, challenge)

    def verify_shown(
        self, shown: ShownCredential, challenge: bytes, public_key: bytes
    ) -> Assertion:
        return self._loaded.verify_shown(shown, challenge, public_key)

    @cached_property
    def _loaded(self) -> Ceremonies:
        from modules.identity.adapters.passkeys.ceremonies import (  # noqa: PLC0415 - 5 MiB
            WebAuthnCeremonies,
        )

        return WebAuthnCeremonies(self._party)
