"""The providers that are configured, by name."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

import httpx2

from modules.identity.adapters.oidc.outbound import TOTAL_SECONDS, asking
from modules.identity.domain.federated import Proof, ProviderUnknown, VisitKeys
from modules.identity.domain.providers import Provider, ProviderKind
from modules.identity.ports.federation import ProviderAnswer
from shared_kernel.application import Clock

if TYPE_CHECKING:
    from modules.identity.adapters.oidc.github import GitHub
    from modules.identity.adapters.oidc.openid import OpenIdProvider

CONNECTIONS = httpx2.Limits(max_connections=20, max_keepalive_connections=5)


class ConfiguredProviders:
    """Talks to providers over connections that live as long as the process."""

    def __init__(self, providers: Sequence[Provider], callback_base: str, clock: Clock) -> None:
        self._configured = {one.name: one for one in providers}
        self._base, self._clock = callback_base, clock
        self._wire: httpx2.AsyncHTTPTransport | None = None
        self._open: dict[str, OpenIdProvider | GitHub] = {}

    async def __aenter__(self) -> Self:
        if self._configured:
            self._wire = httpx2.AsyncHTTPTransport(limits=CONNECTIONS, trust_env=False)
            wire, known = self._wire, self._configured
            self._open = {name: self._opened(one, wire) for name, one in known.items()}
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open = {}
        if self._wire is not None:
            await self._wire.aclose()

    @property
    def names(self) -> Sequence[str]:
        """What they are called here."""
        return [*self._configured]

    async def authorization_url(self, provider: str, keys: VisitKeys) -> str:
        """Return where a browser has to go to. Raises ProviderUnknown, ProviderUnavailable."""
        found = self._named(provider)
        async with asking(self._configured[provider], seconds=TOTAL_SECONDS):
            return await found.authorization_url(keys)

    async def prove(self, provider: str, answer: ProviderAnswer, keys: VisitKeys) -> Proof:
        """Return what a provider vouches for. Raises ProofRefused, ProviderUnavailable."""
        found = self._named(provider)
        async with asking(self._configured[provider], seconds=TOTAL_SECONDS):
            return await found.prove(answer, keys)

    def _named(self, name: str) -> OpenIdProvider | GitHub:
        try:
            return self._open[name]
        except KeyError:
            raise ProviderUnknown("there is no such provider") from None

    def _opened(
        self, provider: Provider, wire: httpx2.AsyncBaseTransport
    ) -> OpenIdProvider | GitHub:
        # Authlib takes 3 MiB, which no process needs that knows no provider.
        from modules.identity.adapters.oidc.exchange import Conversation  # noqa: PLC0415
        from modules.identity.adapters.oidc.github import GitHub  # noqa: PLC0415
        from modules.identity.adapters.oidc.openid import OpenIdProvider  # noqa: PLC0415

        redirect_uri = f"{self._base}/v1/identity/oauth/{provider.name}/callback"
        conversation = Conversation(provider, redirect_uri, wire)
        if provider.kind is ProviderKind.GITHUB:
            return GitHub(provider, conversation)
        return OpenIdProvider(provider, conversation, self._clock)
