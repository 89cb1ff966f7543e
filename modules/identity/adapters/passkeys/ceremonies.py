"""WebAuthn, by the library `webauthn`.

What the library leaves out is done here: it looks into attestations nobody asked for, takes keys
it cannot verify with, does not compare the id it was told with the one that is attested, accepts
answers from pages framed by other sites, and judges the count before the signature.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, parse_attestation_object
from webauthn.helpers.options_to_json_dict import options_to_json_dict
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from modules.identity.adapters.passkeys.keys import ALGORITHMS, require_usable
from modules.identity.adapters.passkeys.party import RelyingParty
from modules.identity.domain.account import Account
from modules.identity.domain.passkey import (
    CHALLENGE_BYTES,
    CHALLENGE_LASTS,
    Assertion,
    NewCredential,
    Passkey,
    PasskeyRefused,
    refused,
    user_handle_of,
)
from modules.identity.ports.passkeys import MadeCredential, ShownCredential

T = TypeVar("T")

MILLISECONDS = int(CHALLENGE_LASTS.total_seconds() * 1000)
LONGEST_ID = 1023  # bytes; WebAuthn level 3, section 7.1

# None is what we ask for. A browser leaves in what a device attests by its own key alone.
ATTESTATIONS = frozenset({AttestationFormat.NONE, AttestationFormat.PACKED})
KNOWN_TRANSPORTS = frozenset(one.value for one in AuthenticatorTransport)


class WebAuthnCeremonies:
    """Makes options, and verifies answers. Whatever is wrong with one is the same refusal."""

    def __init__(self, party: RelyingParty) -> None:
        self._party, self._origins = party, list(party.origins)

    def draw(self) -> bytes:
        """Return 256 bits from the operating system."""
        return secrets.token_bytes(CHALLENGE_BYTES)

    def creation(
        self, account: Account, challenge: bytes, known: Sequence[Passkey]
    ) -> Mapping[str, object]:
        """Ask for a passkey that is found without a name, on a device that has none yet."""
        return options_to_json_dict(
            generate_registration_options(
                rp_id=self._party.id,
                rp_name=self._party.name,
                user_id=user_handle_of(account.id),
                user_name=account.email,
                user_display_name=account.display_name or account.email,
                challenge=challenge,
                timeout=MILLISECONDS,
                authenticator_selection=AuthenticatorSelectionCriteria(
                    resident_key=ResidentKeyRequirement.REQUIRED,
                    user_verification=UserVerificationRequirement.REQUIRED,
                ),
                exclude_credentials=[_described(one) for one in known],
                supported_pub_key_algs=[*ALGORITHMS],
            )
        )

    def request(self, challenge: bytes, allowed: Sequence[Passkey]) -> Mapping[str, object]:
        """Ask for an answer of one of these, or of any."""
        return options_to_json_dict(
            generate_authentication_options(
                rp_id=self._party.id,
                challenge=challenge,
                timeout=MILLISECONDS,
                allow_credentials=[_described(one) for one in allowed],
                user_verification=UserVerificationRequirement.REQUIRED,
            )
        )

    def challenge_in(self, client_data: str) -> bytes:
        """Return the challenge of a page that no other site shows in a frame."""
        return _or_refuse(lambda: _challenge_in(client_data))

    def credential_id(self, shown: ShownCredential) -> bytes:
        return _or_refuse(lambda: base64url_to_bytes(shown.id))

    def verify_made(self, made: MadeCredential, challenge: bytes) -> NewCredential:
        return _or_refuse(lambda: self._made(made, challenge))

    def verify_shown(
        self, shown: ShownCredential, challenge: bytes, public_key: bytes
    ) -> Assertion:
        return _or_refuse(lambda: self._shown(shown, challenge, public_key))

    def _made(self, made: MadeCredential, challenge: bytes) -> NewCredential:
        attestation = base64url_to_bytes(made.attestation)
        if parse_attestation_object(attestation).fmt not in ATTESTATIONS:
            raise refused()
        found = verify_registration_response(
            credential=_registration(made),
            expected_challenge=challenge,
            expected_rp_id=self._party.id,
            expected_origin=self._origins,
            require_user_verification=True,
            supported_pub_key_algs=[*ALGORITHMS],
        )
        if found.credential_id != base64url_to_bytes(made.id):
            raise refused()
        if len(found.credential_id) > LONGEST_ID:
            raise refused()
        require_usable(found.credential_public_key)
        return NewCredential(
            credential_id=found.credential_id,
            public_key=found.credential_public_key,
            sign_count=found.sign_count,
            transports=tuple(sorted(KNOWN_TRANSPORTS.intersection(made.transports))),
            aaguid=UUID(found.aaguid),
            backup_eligible=found.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
            backed_up=found.credential_backed_up,
        )

    def _shown(self, shown: ShownCredential, challenge: bytes, public_key: bytes) -> Assertion:
        found = verify_authentication_response(
            credential=_authentication(shown),
            expected_challenge=challenge,
            expected_rp_id=self._party.id,
            expected_origin=self._origins,
            credential_public_key=public_key,
            credential_current_sign_count=0,  # judged after the signature, by the passkey itself
            require_user_verification=True,
        )
        handle = shown.user_handle
        return Assertion(
            user_handle=base64url_to_bytes(handle) if handle is not None else None,
            sign_count=found.new_sign_count,
            backup_eligible=found.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
            backed_up=found.credential_backed_up,
        )


def _or_refuse(verified: Callable[[], T]) -> T:
    try:
        return verified()
    except PasskeyRefused:
        raise
    except Exception:  # noqa: BLE001 - parsers of strangers' bytes fail in more ways than they name
        raise refused() from None


def _challenge_in(client_data: str) -> bytes:
    said: dict[str, Any] = json.loads(base64url_to_bytes(client_data))
    if said.get("crossOrigin") or "topOrigin" in said:
        raise refused()
    return base64url_to_bytes(said["challenge"])


def _described(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(
        id=passkey.credential_id,
        transports=[AuthenticatorTransport(one) for one in passkey.transports],
    )


def _registration(made: MadeCredential) -> dict[str, Any]:
    response = {"clientDataJSON": made.client_data, "attestationObject": made.attestation}
    return {"id": made.id, "rawId": made.id, "type": "public-key", "response": response}


def _authentication(shown: ShownCredential) -> dict[str, Any]:
    response = {
        "clientDataJSON": shown.client_data,
        "authenticatorData": shown.authenticator_data,
        "signature": shown.signature,
    }
    return {"id": shown.id, "rawId": shown.id, "type": "public-key", "response": response}
