"""Accounts: opened, found, changed, closed."""

from __future__ import annotations

from dependency_injector.providers import Factory, Singleton

from modules.identity.adapters import sql
from modules.identity.application.closing import CloseAccount
from modules.identity.application.confirmation import Confirmation
from modules.identity.application.password_change import ChangePassword
from modules.identity.application.personal_data import ExportPersonalData
from modules.identity.application.profile import ProfileService
from modules.identity.application.registration import Directory, RegisterAccount, SignUp
from modules.identity.module.core import Core
from shared_kernel.application.personal_data import PersonalDataSources
from shared_kernel.module import Needs


class Accounts(Core):
    open_account = Factory(
        RegisterAccount,
        begin=Core.begin.provider,
        clock=Core.clock,
        emails=Core.emails,
        passwords=Core.passwords,
        policy=Core.password_policy,
    )
    sign_up = Factory(
        SignUp,
        begin=Core.begin.provider,
        clock=Core.clock,
        emails=Core.emails,
        passwords=Core.passwords,
        policy=Core.password_policy,
        throttle=Core.throttle,
    )
    directory = Factory(
        Directory,
        open_account=open_account,
        queries=Core.queries,
        service_accounts=Factory(sql.SqlKeyQueries, Core.database),
        emails=Core.emails,
    )
    personal_data = Singleton(sql.SqlIdentityData, Core.database)
    everything_known = Needs(PersonalDataSources)
    export = Factory(
        ExportPersonalData,
        sources=everything_known,
        audit=Core.trail,
        clock=Core.clock,
    )
    profile_queries = Singleton(sql.SqlProfileQueries, Core.database)
    profiles = Factory(ProfileService, begin=Core.begin.provider, clock=Core.clock)
    confirm = Factory(
        Confirmation,
        clock=Core.clock,
        audit=Core.trail,
        queries=Core.queries,
        passwords=Core.passwords,
        throttle=Core.throttle,
    )
    change_password = Factory(
        ChangePassword,
        begin=Core.begin.provider,
        clock=Core.clock,
        queries=Core.queries,
        emails=Core.emails,
        passwords=Core.passwords,
        policy=Core.password_policy,
        confirm=confirm,
    )
    close_account = Factory(
        CloseAccount,
        begin=Core.begin.provider,
        clock=Core.clock,
        confirm=confirm,
        departures=Core.departures,
    )
