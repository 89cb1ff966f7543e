"""GitHub: OAuth 2.0 without ID tokens. Who somebody is, is what its API says."""

from __future__ import annotations

from typing import cast

from modules.identity.adapters.oidc.exchange import POST, Conversation
from modules.identity.adapters.oidc.id_tokens import MAX_SUBJECT, refused
from modules.identity.adapters.oidc.metadata import members
from modules.identity.adapters.oidc.openid import label_of
from modules.identity.domain.federated import Proof, VisitKeys
from modules.identity.domain.providers import Provider
from modules.identity.ports.federation import ProviderAnswer

PUBLIC, PUBLIC_API = "https://github.com", "https://api.github.com"


class GitHub:
    """GitHub, or a GitHub Enterprise Server of one's own (its issuer is configured then).

    An identity is the numeric id: names and addresses change hands. The access token is used for
    two questions, right after the code was exchanged under PKCE, and forgotten.
    """

    def __init__(self, provider: Provider, conversation: Conversation) -> None:
        self._provider, self._conversation = provider, conversation
        base = provider.issuer.removesuffix("/")
        self._oauth = f"{base}/login/oauth"
        self._api = PUBLIC_API if base == PUBLIC else f"{base}/api/v3"

    async def authorization_url(self, keys: VisitKeys) -> str:
        """Return where a browser has to go to."""
        return self._conversation.authorization_url(f"{self._oauth}/authorize", keys)

    async def prove(self, answer: ProviderAnswer, keys: VisitKeys) -> Proof:
        """Return what GitHub says. Raises ProofRefused and ProviderUnavailable."""
        if answer.issuer not in {None, self._oauth}:
            raise refused("the answer is another issuer's")
        tokens = await self._conversation.exchange(
            f"{self._oauth}/access_token", answer.code, keys, method=POST
        )
        token = tokens.get("access_token")
        if not isinstance(token, str):
            raise refused("no access token")
        person = members(await self._conversation.read(f"{self._api}/user", token=token))
        number = person.get("id")
        if type(number) is not int or len(str(number)) > MAX_SUBJECT:
            raise refused("no user id")
        return Proof(
            provider=self._provider.name,
            issuer=self._provider.issuer,
            subject=str(number),
            email=await self._address(token),
            label=label_of(person.get("login")),
        )

    async def _address(self, token: str) -> str | None:
        """Return the primary address, if GitHub has verified it."""
        found = await self._conversation.read(f"{self._api}/user/emails", token=token)
        listed = cast("list[object]", found) if isinstance(found, list) else []
        for one in map(members, listed):
            address = one.get("email")
            if one.get("primary") is True and one.get("verified") is True:
                return address if isinstance(address, str) and address.isprintable() else None
        return None
