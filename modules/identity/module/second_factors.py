"""Second factors: authenticator apps, recovery codes, and sign-ins that wait for them."""

from __future__ import annotations

from dependency_injector.providers import Factory, Singleton

from modules.identity.adapters.tokens import SealedSeeds
from modules.identity.application.second_factor import Codes, FinishSignIn
from modules.identity.module.core import Core


class SecondFactors(Core):
    seeds = Singleton(SealedSeeds, Core.secret_keys)
    codes = Factory(Codes, clock=Core.clock, seeds=seeds)
    finish_sign_in = Factory(
        FinishSignIn,
        begin=Core.begin.provider,
        clock=Core.clock,
        audit=Core.trail,
        admission=Core.admission,
        throttle=Core.throttle,
        devices=Core.devices,
    )
