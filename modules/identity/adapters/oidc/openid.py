"""Providers that speak OpenID Connect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from joserfc.jwk import KeySet

from modules.identity.adapters.oidc.exchange import BASIC, POST, Conversation
from modules.identity.adapters.oidc.id_tokens import KeyNotKnown, read_keys, refused, verified
from modules.identity.adapters.oidc.kept import Kept
from modules.identity.adapters.oidc.metadata import (
    Metadata,
    discovery_url,
    members,
    read_metadata,
)
from modules.identity.adapters.oidc.outbound import CALL_SECONDS, asking
from modules.identity.domain.federated import Proof, VisitKeys
from modules.identity.domain.providers import Provider
from modules.identity.ports.federation import ProviderAnswer
from shared_kernel.application import Clock

LABEL_LENGTH = 254
VERIFIED = (True, "true")  # some providers send a text


class OpenIdProvider:
    """Any issuer. Who somebody is, is what its signed ID token says, and nothing else."""

    def __init__(self, provider: Provider, conversation: Conversation, clock: Clock) -> None:
        self._provider, self._conversation, self._clock = provider, conversation, clock
        self._metadata: Kept[Metadata] = Kept(self._discover)
        self._keys: Kept[KeySet] = Kept(self._fetch_keys)

    async def authorization_url(self, keys: VisitKeys) -> str:
        """Return where a browser has to go to. Raises ProviderUnavailable."""
        metadata = await self._metadata.get()
        return self._conversation.authorization_url(metadata.authorization, keys, nonce=keys.nonce)

    async def prove(self, answer: ProviderAnswer, keys: VisitKeys) -> Proof:
        """Return what the provider vouches for. Raises ProofRefused and ProviderUnavailable."""
        metadata = await self._metadata.get()
        self._check_issuer(answer, metadata)
        method = POST if metadata.posts_secret else BASIC
        tokens = await self._conversation.exchange(metadata.token, answer.code, keys, method=method)
        claims = await self._verified(tokens.get("id_token"), keys)
        return self._proof(claims, await self._profile(claims, tokens, metadata))

    def _check_issuer(self, answer: ProviderAnswer, metadata: Metadata) -> None:
        """Refuse an answer of somebody else (RFC 9207), before its code is sent anywhere."""
        if answer.issuer is None and not metadata.names_itself:
            return
        if answer.issuer != self._provider.issuer:
            raise refused("the answer is another issuer's")

    async def _verified(self, text: object, keys: VisitKeys) -> Mapping[str, Any]:
        known, now = await self._keys.get(), self._clock.now().timestamp()
        try:
            return verified(text, known, self._provider, keys.nonce, now=now)
        except KeyNotKnown:
            known = await self._keys.newer()
        try:
            return verified(text, known, self._provider, keys.nonce, now=now)
        except KeyNotKnown:
            raise refused("nobody knows its key") from None

    async def _profile(
        self, claims: Mapping[str, Any], tokens: Mapping[str, Any], metadata: Metadata
    ) -> Mapping[str, Any]:
        """Return the claims about the person: those of the ID token, or of UserInfo."""
        token = tokens.get("access_token")
        if "email" in claims or metadata.userinfo is None or not isinstance(token, str):
            return claims
        found = members(await self._conversation.read(metadata.userinfo, token=token))
        if found.get("sub") != claims["sub"]:  # OpenID Connect Core 1.0, section 5.3.2
            raise refused("UserInfo of somebody else")
        return found

    def _proof(self, claims: Mapping[str, Any], profile: Mapping[str, Any]) -> Proof:
        email, name = profile.get("email"), profile.get("preferred_username")
        readable = isinstance(email, str) and email.isprintable()
        address = str(email) if readable and profile.get("email_verified") in VERIFIED else None
        return Proof(
            provider=self._provider.name,
            issuer=self._provider.issuer,
            subject=str(claims["sub"]),
            email=address,
            label=address or label_of(name),
        )

    async def _discover(self) -> Metadata:
        async with asking(self._provider, seconds=CALL_SECONDS):
            found = await self._conversation.read(discovery_url(self._provider))
            return read_metadata(found, self._provider)

    async def _fetch_keys(self) -> KeySet:
        metadata = await self._metadata.get()
        async with asking(self._provider, seconds=CALL_SECONDS):
            return read_keys(await self._conversation.read(metadata.keys))


def label_of(name: object) -> str | None:
    """Return what can be shown of a name a provider sent."""
    shown = "".join(one for one in str(name or "") if one.isprintable())[:LABEL_LENGTH]
    return shown or None
