"""API keys, service accounts, and what becomes of leaked secrets."""

from __future__ import annotations

from dependency_injector.providers import Factory, Singleton

from modules.identity.adapters import sql
from modules.identity.adapters.tokens import DrawnSecrets, ScannerKeys
from modules.identity.application.api_keys import ApiKeyService
from modules.identity.application.client_credentials import IssueClientToken
from modules.identity.application.leaks import RevokeLeaked
from modules.identity.application.own_rights import OwnRights
from modules.identity.application.service_accounts import ServiceAccountService
from modules.identity.module.core import Core
from shared_kernel.application import Authorizer, PermissionCatalogue
from shared_kernel.module import Needs


class ApiKeys(Core):
    authorizer = Needs(Authorizer)
    catalogue = Needs(PermissionCatalogue)

    secret_source = Singleton(DrawnSecrets)
    key_queries = Singleton(sql.SqlKeyQueries, Core.database)
    api_keys = Factory(
        ApiKeyService,
        begin=Core.begin.provider,
        clock=Core.clock,
        secrets=secret_source,
        catalogue=catalogue,
        terms=Core.settings.provided.key_terms,
    )
    own_rights = Factory(
        OwnRights,
        authorizer=authorizer,
        catalogue=catalogue,
        audit=Core.trail,
        clock=Core.clock,
    )
    service_accounts = Factory(
        ServiceAccountService,
        begin=Core.begin.provider,
        clock=Core.clock,
        secrets=secret_source,
        rights=own_rights,
        terms=Core.settings.provided.key_terms,
    )
    client_token = Factory(
        IssueClientToken,
        records=Core.secret_records,
        callers=Core.key_callers,
        tokens=Core.access_tokens,
        throttle=Core.throttle,
        catalogue=catalogue,
        audit=Core.trail,
        clock=Core.clock,
    )
    scanner_keys = Singleton(ScannerKeys, Core.settings.provided.leak_report_keys)
    revoke_leaked = Factory(RevokeLeaked, begin=Core.begin.provider, clock=Core.clock)
