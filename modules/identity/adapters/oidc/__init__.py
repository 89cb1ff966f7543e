"""Sign-in with providers: Authlib for OAuth 2.0, joserfc for ID tokens, httpx2 for the calls."""

from modules.identity.adapters.oidc.providers import ConfiguredProviders
from modules.identity.adapters.oidc.visit_secrets import DerivedVisitSecrets

__all__ = ["ConfiguredProviders", "DerivedVisitSecrets"]
