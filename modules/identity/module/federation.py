"""Sign-in with providers, and the identities that open accounts."""

from __future__ import annotations

from dependency_injector.providers import Factory, Singleton

from modules.identity.adapters import sql
from modules.identity.adapters.oidc import ConfiguredProviders, DerivedVisitSecrets
from modules.identity.application.federated import (
    ForgetIdentities,
    IdentityService,
    SignInWithProof,
)
from modules.identity.application.federation import UseProof, VisitProvider
from modules.identity.module.core import Core


class Federation(Core):
    providers_known = Singleton(
        ConfiguredProviders,
        Core.settings.provided.providers,
        Core.settings.provided.callback_base_url,
        Core.clock,
    )
    visit_provider = Factory(
        VisitProvider,
        begin=Core.begin.provider,
        clock=Core.clock,
        audit=Core.trail,
        providers=providers_known,
        secrets=Singleton(DerivedVisitSecrets, Core.secret_keys),
        throttle=Core.throttle,
        redirects=Core.settings.provided.oauth_redirects,
    )
    use_proof = Factory(
        UseProof,
        begin=Core.begin.provider,
        clock=Core.clock,
        audit=Core.trail,
        throttle=Core.throttle,
    )
    sign_in_with_proof = Factory(
        SignInWithProof,
        begin=Core.begin.provider,
        clock=Core.clock,
        audit=Core.trail,
        emails=Core.emails,
        admission=Core.admission,
    )
    identities = Factory(IdentityService, begin=Core.begin.provider, clock=Core.clock)
    forget_identities = Factory(ForgetIdentities, begin=Core.begin.provider)
    federated_queries = Singleton(sql.SqlFederatedQueries, Core.database)
