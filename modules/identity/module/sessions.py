"""Sessions: begun with a password, kept going, ended."""

from __future__ import annotations

from dependency_injector.providers import Factory, Singleton

from modules.identity.adapters import sql
from modules.identity.application.retention import ForgetPast
from modules.identity.application.sessions import SessionService
from modules.identity.application.sign_in import SignInWithPassword
from modules.identity.module.core import Core
from shared_kernel.adapters.upkeep import Upkeep


class Sessions(Core):
    sign_in = Factory(
        SignInWithPassword,
        begin=Core.begin.provider,
        clock=Core.clock,
        audit=Core.trail,
        queries=Core.queries,
        emails=Core.emails,
        passwords=Core.passwords,
        admission=Core.admission,
        throttle=Core.throttle,
        devices=Core.devices,
        verified_only=Core.settings.provided.require_verified_email,
    )
    sessions = Factory(
        SessionService,
        begin=Core.begin.provider,
        clock=Core.clock,
        refresh_tokens=Core.refresh_tokens,
        access_tokens=Core.access_tokens,
        limits=Core.settings.provided.session_limits,
        throttle=Core.throttle,
    )
    forget_past = Factory(
        ForgetPast,
        leftovers=Factory(sql.SqlLeftovers, Core.database),
        clock=Core.clock,
        kept_for=Core.settings.provided.history_kept,
    )
    upkeep = Singleton(Upkeep, "identity", forget_past)
