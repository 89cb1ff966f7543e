"""The conversation with one provider, by Authlib."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import httpx2
from authlib.integrations.base_client import (  # type: ignore[import-untyped]  # has no types
    OAuthError,
)
from authlib.integrations.httpx_client import (  # type: ignore[import-untyped]  # has no types
    AsyncOAuth2Client,
)

from modules.identity.adapters.oidc.metadata import members
from modules.identity.adapters.oidc.outbound import (
    CALL_SECONDS,
    TIMEOUT,
    Fence,
    asking,
    unavailable,
)
from modules.identity.domain.federated import ProofRefused, VisitKeys
from modules.identity.domain.providers import Provider

log = logging.getLogger(__name__)

# At DEBUG it logs verifiers and codes.
logging.getLogger("authlib").setLevel(logging.INFO)

BASIC, POST = "client_secret_basic", "client_secret_post"

Client: Any = AsyncOAuth2Client  # the library has no types


class Conversation:
    """Sends browsers to a provider, exchanges their codes, and reads what it publishes."""

    def __init__(
        self, provider: Provider, redirect_uri: str, wire: httpx2.AsyncBaseTransport
    ) -> None:
        self._provider, self._redirect_uri = provider, redirect_uri
        self._fence = Fence(provider.hosts, wire)

    def authorization_url(self, endpoint: str, keys: VisitKeys, **more: str) -> str:
        """Return where to send a browser: code flow with PKCE S256 (RFC 7636)."""
        url, _ = self._client(BASIC).create_authorization_url(
            endpoint, state=keys.state, code_verifier=keys.verifier, **more
        )
        return str(url)

    async def exchange(
        self, endpoint: str, code: str, keys: VisitKeys, *, method: str = BASIC
    ) -> Mapping[str, Any]:
        """Return the tokens for a code. Raises ProofRefused and ProviderUnavailable."""
        async with asking(self._provider, seconds=CALL_SECONDS):
            try:
                found: object = await self._client(method).fetch_token(
                    endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=keys.verifier,
                )
            except OAuthError as error:
                raise self._refusal(str(error.error)) from None
            return members(found)

    async def read(self, url: str, *, token: str | None = None) -> object:
        """Return the JSON document at an address. Raises ProviderUnavailable."""
        async with asking(self._provider, seconds=CALL_SECONDS):
            headers = {"accept": "application/json"}
            if token is not None:
                headers["authorization"] = f"Bearer {token}"
            client = httpx2.AsyncClient(transport=self._fence, timeout=TIMEOUT, trust_env=False)
            answer = await client.get(url, headers=headers)
            if answer.status_code != 200:
                raise unavailable(self._provider)
            document: object = answer.json()
            return document

    def _client(self, method: str) -> Any:
        """Return a client of one use: it holds the tokens it gets, and is forgotten with them."""
        return Client(
            client_id=self._provider.client_id,
            client_secret=self._provider.client_secret,
            token_endpoint_auth_method=method,
            scope=" ".join(self._provider.scopes),
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            transport=self._fence,
            timeout=TIMEOUT,
            trust_env=False,
        )

    def _refusal(self, error: str) -> Exception:
        """Tell a code that is not good from a client that is not configured well."""
        if error in {"invalid_grant", "bad_verification_code"}:
            return ProofRefused("what the provider sent does not prove who you are")
        shown = "".join(one for one in error if one.isalnum() or one in "_-")[:50]
        log.warning("provider %s refuses this client: %s", self._provider.name, shown)
        return unavailable(self._provider)
