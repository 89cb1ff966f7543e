"""Administration of accounts."""

from __future__ import annotations

from dependency_injector.providers import Factory, Singleton

from modules.identity.adapters import sql
from modules.identity.application.administration import Administered, UserCare, UserService
from modules.identity.application.impersonation import Impersonate, StopImpersonating
from modules.identity.application.users import FindUsers
from modules.identity.module.api_keys import ApiKeys


class Users(ApiKeys):
    user_queries = Singleton(
        sql.SqlUserQueries, ApiKeys.database, ApiKeys.settings.provided.session_limits
    )
    census = Singleton(sql.SqlCensus, ApiKeys.database)
    find_users = Factory(FindUsers, queries=user_queries, emails=ApiKeys.emails)
    administered = Factory(
        Administered,
        begin=ApiKeys.begin.provider,
        clock=ApiKeys.clock,
        rights=ApiKeys.own_rights,
    )
    users = Factory(
        UserService,
        administered=administered,
        departures=ApiKeys.departures,
        clock=ApiKeys.clock,
    )
    impersonate = Factory(
        Impersonate,
        administered=administered,
        clock=ApiKeys.clock,
        access_tokens=ApiKeys.access_tokens,
        refresh_tokens=ApiKeys.refresh_tokens,
    )
    stop_impersonating = Factory(StopImpersonating, begin=ApiKeys.begin.provider)
    user_care = Factory(UserCare, administered=administered, clock=ApiKeys.clock)
