"""Second factors: authenticator apps, recovery codes, and sign-ins that wait for them."""

from __future__ import annotations

from dependency_injector.providers import Factory, Singleton

from modules.identity.adapters import sql
from modules.identity.adapters.qr import OtpauthLinks
from modules.identity.adapters.tokens import SealedSeeds
from modules.identity.application.authenticators import (
    AuthenticatorService,
    ForgetSecondFactors,
    RenewRecoveryCodes,
)
from modules.identity.application.codes import Codes
from modules.identity.application.protection import Protection
from modules.identity.application.second_factor import FinishSignIn
from modules.identity.application.step_up import Reauthenticate
from modules.identity.module.core import Core


class SecondFactors(Core):
    seeds = Singleton(SealedSeeds, Core.secret_keys)
    codes = Factory(Codes, clock=Core.clock, seeds=seeds)
    protection = Factory(Protection, secrets=Core.factor_secrets)
    finish_sign_in = Factory(
        FinishSignIn,
        begin=Core.begin.provider,
        clock=Core.clock,
        audit=Core.trail,
        admission=Core.admission,
        throttle=Core.throttle,
        devices=Core.devices,
    )
    reauthenticate = Factory(
        Reauthenticate,
        begin=Core.begin.provider,
        clock=Core.clock,
        audit=Core.trail,
        queries=Core.queries,
        passwords=Core.passwords,
        refresh_tokens=Core.refresh_tokens,
        access_tokens=Core.access_tokens,
        throttle=Core.throttle,
    )
    authenticators = Factory(
        AuthenticatorService,
        begin=Core.begin.provider,
        clock=Core.clock,
        seeds=seeds,
        secrets=Core.factor_secrets,
        links=Factory(OtpauthLinks, Core.settings.provided.mail_service),
        protection=protection,
    )
    renew_recovery_codes = Factory(
        RenewRecoveryCodes,
        begin=Core.begin.provider,
        clock=Core.clock,
        protection=protection,
    )
    forget_second_factors = Factory(ForgetSecondFactors, begin=Core.begin.provider)
    second_factor_queries = Singleton(sql.SqlSecondFactorQueries, Core.database)
