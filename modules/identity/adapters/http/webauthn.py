"""What browsers send and read about passkeys: the JSON forms of WebAuthn level 3, section 5.1."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from modules.identity.ports.passkeys import MadeCredential, ShownCredential

BASE64URL = r"^[A-Za-z0-9_-]+$"


def _base64url(longest: int) -> object:
    return Field(min_length=1, max_length=longest, pattern=BASE64URL)


Id = Annotated[str, _base64url(1364)]  # 1023 bytes
ClientData = Annotated[str, _base64url(4096)]
Attestation = Annotated[str, _base64url(16_384)]
AuthenticatorData = Annotated[str, _base64url(4096)]
Signature = Annotated[str, _base64url(1024)]
UserHandle = Annotated[str, _base64url(86)]  # 64 bytes
Word = Annotated[str, Field(max_length=64)]
Text = Annotated[str, Field(max_length=255)]
Words = Annotated[list[Word], Field(max_length=16)]


class Json(BaseModel):
    """One object of the standard. Members are added to it in time: those unknown are ignored."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="ignore", frozen=True, strict=True, populate_by_name=True
    )


class AttestationResponse(Json):
    """What a passkey says when it is made."""

    client_data: ClientData = Field(alias="clientDataJSON", repr=False)
    attestation_object: Attestation = Field(repr=False)
    transports: Words = []


class RegistrationResponse(Json):
    """What `toJSON` of a new credential returns (`RegistrationResponseJSON`)."""

    id: Id
    type: Literal["public-key"]
    response: AttestationResponse

    def as_made(self) -> MadeCredential:
        """Return what of it is verified."""
        return MadeCredential(
            id=self.id,
            client_data=self.response.client_data,
            attestation=self.response.attestation_object,
            transports=self.response.transports,
        )


class AssertionResponse(Json):
    """What a passkey says when it is used."""

    client_data: ClientData = Field(alias="clientDataJSON", repr=False)
    authenticator_data: AuthenticatorData = Field(repr=False)
    signature: Signature = Field(repr=False)
    user_handle: UserHandle | None = Field(default=None, repr=False)


class AuthenticationResponse(Json):
    """What `toJSON` of a credential returns that was used (`AuthenticationResponseJSON`)."""

    id: Id
    type: Literal["public-key"]
    response: AssertionResponse

    def as_shown(self) -> ShownCredential:
        """Return what of it is verified."""
        return ShownCredential(
            id=self.id,
            client_data=self.response.client_data,
            authenticator_data=self.response.authenticator_data,
            signature=self.response.signature,
            user_handle=self.response.user_handle,
        )


class RelyingParty(Json):
    """The service a passkey is made for."""

    id: Text
    name: Text


class User(Json):
    """Whose passkey it is to be. `id` tells nothing about them."""

    id: UserHandle
    name: Text
    display_name: Text


class Parameters(Json):
    """An algorithm (COSE)."""

    type: Literal["public-key"]
    alg: int


class Descriptor(Json):
    """A passkey that is known here."""

    id: Id
    type: Literal["public-key"]
    transports: Words = []


class Selection(Json):
    """What the passkey has to be able to do."""

    resident_key: Literal["required"]
    require_resident_key: Literal[True]
    user_verification: Literal["required"]


class CreationOptions(Json):
    """What a passkey is made by (`PublicKeyCredentialCreationOptionsJSON`)."""

    rp: RelyingParty
    user: User
    challenge: Id
    pub_key_cred_params: Annotated[list[Parameters], Field(max_length=16)]
    timeout: int
    exclude_credentials: Annotated[list[Descriptor], Field(max_length=32)]
    authenticator_selection: Selection
    attestation: Literal["none"]


class RequestOptions(Json):
    """What a passkey is asked by (`PublicKeyCredentialRequestOptionsJSON`)."""

    challenge: Id
    timeout: int
    rp_id: Text
    allow_credentials: Annotated[list[Descriptor], Field(max_length=32)]
    user_verification: Literal["required"]
