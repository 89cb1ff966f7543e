"""Accounts: opened, found, closed."""

from __future__ import annotations

from dependency_injector.providers import Factory

from modules.identity.adapters import sql
from modules.identity.application.closing import CloseAccount
from modules.identity.application.registration import Directory, RegisterAccount, SignUp
from modules.identity.module.core import Core


class Accounts(Core):
    open_account = Factory(
        RegisterAccount,
        begin=Core.begin.provider,
        clock=Core.clock,
        audit=Core.trail,
        emails=Core.emails,
        passwords=Core.passwords,
        policy=Core.settings.provided.password_policy,
    )
    sign_up = Factory(SignUp, open_account=open_account, throttle=Core.throttle)
    directory = Factory(
        Directory,
        open_account=open_account,
        queries=Core.queries,
        service_accounts=Factory(sql.SqlKeyQueries, Core.database),
        emails=Core.emails,
    )
    close_account = Factory(
        CloseAccount,
        begin=Core.begin.provider,
        clock=Core.clock,
        audit=Core.trail,
        queries=Core.queries,
        passwords=Core.passwords,
    )
